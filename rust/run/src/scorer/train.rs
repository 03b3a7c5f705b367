//! Training of a quality classifier, and its measures on documents that it did not see.

use std::path::Path;

use gamayun_language::Model;
use gamayun_language::supervised::{Example, QuantiseParams, TrainParams, train};
use gamayun_text::Monitor;
use rayon::prelude::*;
use serde::Serialize;

use crate::batchwise::batch_pool;
use crate::error::{Error, Result};
use crate::scorer::evaluation::{Calibration, Evaluation, Judged};
use crate::scorer::labelled::{self, Document, LabelledParams};
use crate::scorer::runner::{Scorer, ScorerScratch};

/// The names of the labels.
const NAMES: [&str; 2] = ["positive", "negative"];

/// What a classifier is trained from.
#[derive(Debug)]
pub struct ScorerParams {
    /// The documents.
    pub labelled: LabelledParams,
    /// How it is trained.
    pub train: TrainParams,
    /// How the model is made small, if it is.
    pub quantise: Option<QuantiseParams>,
    /// The share of documents that training does not see: below 1; at 0 nothing can be said of the model.
    pub held_out: f64,
}

/// What was trained, and how good it is.
#[derive(Clone, Debug, Serialize)]
pub struct ScorerTrained {
    /// Good documents.
    pub positive: u64,
    /// Bad documents.
    pub negative: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// Documents that came before with the same label, and count once.
    pub repeated: u64,
    /// Bytes of text that training saw.
    pub trained_bytes: u64,
    /// Words of the dictionary.
    pub words: u64,
    /// Words and n-grams that were trained.
    pub rows: u64,
    /// From scores to probabilities, fitted on all held-out documents; none without them.
    pub calibration: Option<Calibration>,
    /// On the held-out documents.
    pub evaluation: Evaluation,
}

/// Trains a classifier of the labels `positive` and `negative` and writes its model file.
pub fn train_scorer(
    params: &ScorerParams,
    output: &Path,
    monitor: &mut dyn Monitor,
) -> Result<ScorerTrained> {
    if !(0.0..1.0).contains(&params.held_out) {
        return Err(Error::Parameter {
            parameter: "held_out".into(),
            found: params.held_out.to_string(),
            expected: "a number from 0 up to but not 1".into(),
        });
    }
    let labelled = labelled::read(&params.labelled, monitor)?;
    let settings = params.train.settings();
    let (held_out, seen): (Vec<&Document>, Vec<&Document>) = labelled
        .documents
        .iter()
        .partition(|document| document.is_held_out(params.held_out, settings.seed));
    let examples: Vec<Example<'_>> = seen
        .iter()
        .map(|document| Example {
            text: &document.text,
            labels: if document.good { &[0] } else { &[1] },
        })
        .collect();
    let trained = train(&examples, &NAMES.map(str::to_owned), &params.train, monitor)?;
    match &params.quantise {
        None => trained.write(output)?,
        Some(quantise) => trained.write_quantised(output, quantise)?,
    }
    let judged = if held_out.is_empty() {
        Vec::new() // the file is large, and nobody asks it
    } else {
        // Words are spaced already.
        let scorer = Scorer::of(Model::open(output)?, NAMES[0], None)?;
        judge(&scorer, &held_out, settings.threads)?
    };
    let count = |good| labelled.documents.iter().filter(|one| one.good == good).count() as u64;
    Ok(ScorerTrained {
        positive: count(true),
        negative: count(false),
        rejected: labelled.rejected,
        repeated: labelled.repeated,
        trained_bytes: seen.iter().map(|document| document.bytes).sum(),
        words: trained.words(),
        rows: trained.rows(),
        calibration: (!judged.is_empty()).then(|| Calibration::fit(&judged)),
        evaluation: Evaluation::of(&judged),
    })
}

/// How good a classifier is on labelled documents.
#[derive(Clone, Debug, Serialize)]
pub struct ScorerEvaluated {
    /// Records that could not be read.
    pub rejected: u64,
    /// Documents that came before with the same label, and count once.
    pub repeated: u64,
    /// On all documents.
    pub evaluation: Evaluation,
}

/// Scores labelled documents with the probability of one label of a model.
pub fn evaluate_scorer(
    model: &Path,
    label: &str,
    labelled: &LabelledParams,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<ScorerEvaluated> {
    let scorer = Scorer::open(model, label, None)?;
    let labelled = labelled::read(labelled, monitor)?;
    let documents: Vec<&Document> = labelled.documents.iter().collect();
    let evaluation = Evaluation::of(&judge(&scorer, &documents, threads)?);
    Ok(ScorerEvaluated { rejected: labelled.rejected, repeated: labelled.repeated, evaluation })
}

/// The scores of documents; one without any feature of the model scores 0.
fn judge(scorer: &Scorer, documents: &[&Document], threads: usize) -> Result<Vec<Judged>> {
    let one = |scratch: &mut ScorerScratch, document: &&Document| Judged {
        score: scorer.score(&document.text, scratch).map_or(0.0, f64::from),
        good: document.good,
        bytes: document.bytes,
    };
    let pool = batch_pool(threads)?;
    Ok(pool.install(|| documents.par_iter().map_init(ScorerScratch::default, one).collect()))
}

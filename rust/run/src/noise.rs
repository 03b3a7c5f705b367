//! Labelled junk: what repairs, language and rules make of texts that say what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use gamayun_io::Record;
use gamayun_text::{Monitor, normalise};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::batchwise::batch_pool;
use crate::error::{Error, Result};
use crate::likeness::alike;
use crate::profiling::for_each_batch;
use crate::trial::{Scratch, Trial, TrialParams, trial};

/// The kind of good text.
const CLEAN: &str = "clean";
/// A repaired text shares so much with the text before it was broken.
const LIKENESS: f64 = 0.98;
/// Characters of a text that an example shows.
const EXCERPT: usize = 200;

/// Which labelled texts are tried, and with what.
#[derive(Clone, Copy, Debug)]
pub struct NoiseParams<'p> {
    /// Files, folders or globs. A record says its `kind` (`clean` is good text), its language (`language` or `lang`; those
    /// of a text of several with `+` between them) and, where it is known, the text before it was broken: `clean`.
    pub paths: &'p [String],
    /// What they are tried with.
    pub trial: TrialParams<'p>,
    /// Languages that are wanted; none: those of the good texts.
    pub languages: &'p [String],
    /// Examples kept of each kind and language.
    pub examples: usize,
    /// Threads, at least 1.
    pub threads: usize,
}

/// What becomes of the texts of one kind and language.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NoiseCell {
    /// What is wrong with the texts; `clean`: nothing.
    pub kind: String,
    /// The language that they are labelled with.
    pub language: String,
    /// Texts.
    pub documents: u64,
    /// Texts that language or rules drop.
    pub dropped: u64,
    /// Texts that are kept and are again what they were: at least 0.98 alike to the text before, or to that
    /// after its own repairs. Texts that repairs did not touch are never among them; texts that are labelled with several languages are,
    /// if paragraphs of others were taken out.
    pub repaired: u64,
    /// All others: junk that passes, good text that is kept.
    pub passed: u64,
    /// How many were dropped for each reason, most first.
    pub reasons: Vec<(String, u64)>,
    /// Junk that passed, or good text that was dropped, the first read.
    pub examples: Vec<NoiseExample>,
}

/// A text that fared wrongly.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoiseExample {
    /// The record's id, or its number.
    pub id: String,
    /// Why it was dropped; empty if it was not.
    pub reason: String,
    /// The beginning of the text, after repairs.
    pub text: String,
}

/// A record's labels.
struct Labels {
    kind: String,
    language: String,
    clean: Option<String>,
}

/// Tries labelled texts; a cell for each kind and language, in order.
pub fn try_noise(params: &NoiseParams<'_>, monitor: &mut dyn Monitor) -> Result<Vec<NoiseCell>> {
    let wanted = match params.languages {
        [] => clean_languages(params.paths, monitor)?,
        given => given.to_vec(),
    };
    let pool = batch_pool(params.threads)?;
    let mut cells: BTreeMap<(String, String), Tally> = BTreeMap::new();
    for_each_batch(params.paths, monitor, |records| {
        let one = |scratch: &mut Scratch, record: &Record| tried(record, &wanted, params, scratch);
        let outcomes: Vec<Result<(Labels, Outcome)>> =
            pool.install(|| records.par_iter().map_init(Scratch::default, one).collect());
        for (record, outcome) in records.iter().zip(outcomes) {
            let (labels, outcome) = outcome?;
            let clean = labels.kind == CLEAN;
            let tally = cells.entry((labels.kind, labels.language)).or_default();
            tally.add(record, outcome, clean, params.examples);
        }
        Ok(())
    })?;
    let cell = |((kind, language), tally): ((String, String), Tally)| tally.finish(kind, language);
    Ok(cells.into_iter().map(cell).collect())
}

/// The languages of the good texts.
fn clean_languages(paths: &[String], monitor: &mut dyn Monitor) -> Result<Vec<String>> {
    let mut found = BTreeSet::new();
    for_each_batch(paths, monitor, |records| {
        for record in records {
            let labels = Labels::of(record)?;
            if labels.kind == CLEAN {
                found.insert(labels.language);
            }
        }
        Ok(())
    })?;
    Ok(found.into_iter().collect())
}

impl Labels {
    fn of(record: &Record) -> Result<Self> {
        let bad = |detail: String| Error::BadRecord {
            path: String::new(),
            record: Some(record.number),
            detail,
        };
        let fields: Value = match record.metadata.as_str() {
            "" => Value::Null,
            metadata => serde_json::from_str(metadata).map_err(|error| bad(error.to_string()))?,
        };
        let said = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let language = said("language").or_else(|| said("lang"));
        let kind = said("kind").ok_or_else(|| bad("kind is missing".into()))?;
        let language = language.ok_or_else(|| bad("language and lang are missing".into()))?;
        Ok(Self { kind, language, clean: said("clean") })
    }
}

/// What becomes of a text.
enum Outcome {
    Dropped { reason: String, text: String },
    Repaired,
    Passed { text: String },
}

fn tried(
    record: &Record,
    wanted: &[String],
    params: &NoiseParams<'_>,
    scratch: &mut Scratch,
) -> Result<(Labels, Outcome)> {
    let labels = Labels::of(record)?;
    let found = trial(&record.text, &labels.language, wanted, &params.trial, scratch);
    let outcome = match found.reason {
        Some(ref reason) => Outcome::Dropped { reason: reason.clone(), text: excerpt(&found.text) },
        None if found.parted && labels.language.contains('+') => Outcome::Repaired,
        None if is_repaired(&found, labels.clean.as_deref(), params) => Outcome::Repaired,
        None => Outcome::Passed { text: excerpt(&found.text) },
    };
    Ok((labels, outcome))
}

/// The text before it was broken is repaired too: damage that it had of itself is not what is asked about.
fn is_repaired(trial: &Trial, clean: Option<&str>, params: &NoiseParams<'_>) -> bool {
    let Some(clean) = clean.filter(|_| trial.repaired) else { return false };
    let normal = normalise(clean).0;
    if alike(&trial.text, &normal, LIKENESS) {
        return true;
    }
    let whole = gamayun_quality::clean::repair(clean, params.trial.repairs);
    whole.is_some_and(|whole| alike(&trial.text, &whole.text, LIKENESS))
}

fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT).collect()
}

/// What the texts of a cell add up to.
#[derive(Default)]
struct Tally {
    cell: NoiseCell,
    reasons: BTreeMap<String, u64>,
}

impl Tally {
    fn add(&mut self, record: &Record, outcome: Outcome, clean: bool, examples: usize) {
        let cell = &mut self.cell;
        cell.documents += 1;
        let wrong = match outcome {
            Outcome::Repaired => {
                cell.repaired += 1;
                None
            }
            Outcome::Passed { text } => {
                cell.passed += 1;
                (!clean).then_some((String::new(), text))
            }
            Outcome::Dropped { reason, text } => {
                cell.dropped += 1;
                *self.reasons.entry(reason.clone()).or_default() += 1;
                clean.then_some((reason, text))
            }
        };
        if let Some((reason, text)) = wrong.filter(|_| cell.examples.len() < examples) {
            let id = record.id.clone().unwrap_or_else(|| record.number.to_string());
            cell.examples.push(NoiseExample { id, reason, text });
        }
    }

    fn finish(self, kind: String, language: String) -> NoiseCell {
        let mut reasons: Vec<(String, u64)> = self.reasons.into_iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        NoiseCell { kind, language, reasons, ..self.cell }
    }
}

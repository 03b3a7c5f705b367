//! Quality classifiers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use arrow_array::Float32Array;
use gamayun_language::supervised::{QuantiseParams, TrainLoss, TrainParams, TrainSettings};
use gamayun_run::{
    Error, External, LabelledParams, Layout, QualityThresholds, RunScorer, ScoreFilesParams,
    ScorerParams, ScoringParams,
};
use pyo3::prelude::*;
use pyo3_arrow::PyArray;
use serde::Serialize;

use crate::source::{Source, unwrap};
use crate::texts::Texts;
use crate::{errors, gate};

/// A model and the label whose probability is the score.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct Scorer(gamayun_run::Scorer);

#[pymethods]
impl Scorer {
    /// Opens a `.bin` or `.ftz` file.
    #[staticmethod]
    #[pyo3(signature = (path, *, label, words_of = None))]
    fn open(py: Python<'_>, path: PathBuf, label: &str, words_of: Option<&str>) -> PyResult<Self> {
        let scorer = py.detach(|| gamayun_run::Scorer::open(&path, label, words_of));
        scorer.map(Self).map_err(|error| errors::to_python(py, &error))
    }

    /// The probability of the label for each text; null where the model knows nothing of a text.
    #[pyo3(signature = (texts, *, threads = 1))]
    fn score(&self, py: Python<'_>, texts: Texts, threads: usize) -> PyResult<PyArray> {
        gate::run(py, None, |_| {
            let scores: Float32Array =
                self.0.score_texts(&texts.slices(), threads)?.into_iter().collect();
            Ok(PyArray::from_array_ref(std::sync::Arc::new(scores)))
        })
    }

    /// Scores the documents of files, into a Parquet file if there is to be one; what was counted, in JSON.
    #[pyo3(signature = (sources, *, name, output = None, threads = 1, on_progress = None))]
    fn score_files(
        &self,
        py: Python<'_>,
        sources: Vec<Py<Source>>,
        name: String,
        output: Option<PathBuf>,
        threads: usize,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        let params = ScoreFilesParams { sources: unwrap(&sources), name, output, threads };
        gate::run(py, on_progress, |monitor| {
            json(&gamayun_run::score_files(&self.0, &params, monitor)?)
        })
    }
}

/// Scores the documents of a run that passed the rules: `scorers` are (name, model, label, language of the segmenter,
/// languages), `external` a Parquet file with the names of its columns of scores, none for all; counts, in JSON.
#[pyfunction]
#[pyo3(signature = (
    run, scorers, *, external = None, combine = "max", minimum = BTreeMap::new(), keep = BTreeMap::new(), threads = 1,
    memory = 4 << 30, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn score_run(
    py: Python<'_>,
    run: PathBuf,
    scorers: Vec<(String, PathBuf, String, Option<String>, Option<BTreeSet<String>>)>,
    external: Option<(PathBuf, Vec<String>)>,
    combine: &str,
    minimum: BTreeMap<String, f64>,
    keep: BTreeMap<String, f64>,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let combine = combine.parse().map_err(|error| errors::to_python(py, &error))?;
    gate::run(py, on_progress, |monitor| {
        let open =
            |(name, path, label, words_of, languages): (_, PathBuf, String, Option<String>, _)| {
                let scorer = gamayun_run::Scorer::open(&path, &label, words_of.as_deref())?;
                Ok(RunScorer { name, scorer, languages })
            };
        let scorers = scorers.into_iter().map(open).collect::<Result<_, Error>>()?;
        let external = external.map(|(path, names)| External::read(&path, &names)).transpose()?;
        let thresholds = QualityThresholds { minimum, keep };
        let params = ScoringParams { scorers, external, combine, thresholds, threads, memory };
        json(&gamayun_run::score(&Layout::new(run), &params, monitor)?)
    })
}

/// Trains a classifier from good and bad documents and writes its file; counts and measures, in JSON.
#[pyfunction]
#[pyo3(signature = (
    positive, negative, output, *, words_of = None, quantise = false, cutoff = 0, held_out = 0.2, dim = 100, epochs = 5, learning_rate = 0.1,
    loss = "softmax", word_ngrams = 2, min_n = 0, max_n = 0, buckets = 2_000_000, min_count = 1, seed = 0,
    threads = 1, memory = 4 << 30, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn train_scorer(
    py: Python<'_>,
    positive: Vec<Py<Source>>,
    negative: Vec<Py<Source>>,
    output: PathBuf,
    words_of: Option<String>,
    quantise: bool,
    cutoff: usize,
    held_out: f64,
    dim: usize,
    epochs: u32,
    learning_rate: f64,
    loss: &str,
    word_ngrams: usize,
    min_n: usize,
    max_n: usize,
    buckets: u32,
    min_count: u64,
    seed: u64,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let loss = parse_loss(loss).map_err(|error| errors::to_python(py, &error))?;
    let settings = TrainSettings {
        dim,
        epochs,
        learning_rate,
        loss,
        word_ngrams,
        min_n,
        max_n,
        buckets,
        min_count,
        seed,
        threads,
        memory,
        ..TrainSettings::default()
    };
    let train = TrainParams::new(settings).map_err(|error| errors::to_python(py, &error.into()))?;
    let labelled =
        LabelledParams { positive: unwrap(&positive), negative: unwrap(&negative), words_of };
    let quantise = quantise.then(|| QuantiseParams { cutoff, ..QuantiseParams::default() });
    let params = ScorerParams { labelled, train, quantise, held_out };
    gate::run(py, on_progress, |monitor| {
        json(&gamayun_run::train_scorer(&params, &output, monitor)?)
    })
}

/// Measures a label of a model on good and bad documents; in JSON.
#[pyfunction]
#[pyo3(signature = (model, positive, negative, *, label, words_of = None, threads = 1, on_progress = None))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn evaluate_scorer(
    py: Python<'_>,
    model: PathBuf,
    positive: Vec<Py<Source>>,
    negative: Vec<Py<Source>>,
    label: &str,
    words_of: Option<String>,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let labelled =
        LabelledParams { positive: unwrap(&positive), negative: unwrap(&negative), words_of };
    gate::run(py, on_progress, |monitor| {
        json(&gamayun_run::evaluate_scorer(&model, label, &labelled, threads, monitor)?)
    })
}

fn parse_loss(name: &str) -> Result<TrainLoss, Error> {
    Ok(match name {
        "softmax" => TrainLoss::Softmax,
        "hs" => TrainLoss::HierarchicalSoftmax,
        "ns" => TrainLoss::NegativeSampling,
        "ova" => TrainLoss::OneVersusAll,
        _ => {
            return Err(Error::Parameter {
                parameter: "loss".into(),
                found: name.to_owned(),
                expected: "softmax, hs, ns or ova".into(),
            });
        }
    })
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Damaged {
        path: "counts in memory".into(),
        what: error.to_string(),
    })
}

//! Language models.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, ListArray, StringArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, Fields};
use gamayun_language::{Model, SCRIPTS, TrainParams, TrainText, canonical, letters};
use gamayun_run::score_texts;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3_arrow::PyArray;

use crate::texts::Texts;
use crate::{errors, gate};

/// A language model of fastText's format or our own, run natively.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct LanguageModel {
    pub(crate) model: Model,
}

#[pymethods]
impl LanguageModel {
    /// Reads a file of fastText (`.bin`, `.ftz`) or of our own (`.glid`), which with `whole` reads long texts whole.
    #[staticmethod]
    #[pyo3(signature = (path, *, whole = false))]
    fn open(py: Python<'_>, path: PathBuf, whole: bool) -> PyResult<Self> {
        let model = py.detach(|| Model::open(&path).map(|model| model.reading_whole(whole)));
        model.map(|model| Self { model }).map_err(|error| errors::to_python(py, &error.into()))
    }

    /// The labels as the model has them, without `__label__`.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.model.labels().to_vec()
    }

    /// The labels as languages: `ru` for `rus_Cyrl`.
    #[getter]
    fn languages(&self) -> Vec<String> {
        self.model.labels().iter().map(|label| canonical(label).into_owned()).collect()
    }

    /// What the file says of its sources and licence; empty for fastText models.
    #[getter]
    fn provenance(&self) -> &str {
        self.model.provenance()
    }

    /// Confusable pairs as (label, label, margin).
    #[getter]
    fn pairs(&self) -> Vec<(&str, &str, f32)> {
        let name = |label| self.model.label(label);
        self.model.pairs().iter().map(|p| (name(p.first), name(p.second), p.margin)).collect()
    }

    /// Counts the answers to texts with labels: rows of (label, answer, texts), bins of (texts, right, sum of
    /// probabilities), texts in doubt and the wrong ones of them. With `languages` all labels are named as these.
    #[pyo3(signature = (labels, texts, *, languages = true))]
    fn evaluate(
        &self,
        py: Python<'_>,
        labels: Texts,
        texts: Texts,
        languages: bool,
    ) -> PyResult<Evaluated> {
        gate::run(py, None, |_| {
            let (labels, texts) = (labels.slices(), texts.slices());
            let name = |label: &str| named(label, languages);
            let rows = labels.iter().copied().zip(texts.iter().copied());
            let all = gamayun_language::evaluate(&self.model, rows, name);
            let answers = all.answers.into_iter().map(|((label, said), n)| (label, said, n));
            Ok((answers.collect(), all.bins.to_vec(), all.doubted, all.doubted_wrong))
        })
    }

    /// For each text the confusable labels that its answer is in doubt between.
    #[pyo3(signature = (texts, *, threads = 1))]
    fn doubts(
        &self,
        py: Python<'_>,
        texts: Texts,
        threads: usize,
    ) -> PyResult<Vec<Option<(&str, &str)>>> {
        gate::run(py, None, |_| {
            let scores = score_texts(&self.model, &texts.slices(), 2, threads)?;
            let name = |label| self.model.label(label);
            let doubt = |scores: &Vec<_>| self.model.doubt(scores);
            let pairs =
                scores.iter().map(|scores| doubt(scores).map(|p| (name(p.first), name(p.second))));
            Ok(pairs.collect())
        })
    }

    /// For each text, where its best label is confusable with others, the likeliest of these among the sixteen best, and
    /// how much less probable it is.
    #[pyo3(signature = (texts, *, threads = 1))]
    fn margins(
        &self,
        py: Python<'_>,
        texts: Texts,
        threads: usize,
    ) -> PyResult<Vec<Option<(Option<&str>, f32)>>> {
        gate::run(py, None, |_| {
            let scores = score_texts(&self.model, &texts.slices(), 16, threads)?;
            let margin = |scores: &Vec<_>| self.model.margin(scores);
            let named =
                |(rival, margin): (Option<u32>, f32)| (rival.map(|n| self.model.label(n)), margin);
            Ok(scores.iter().map(|scores| margin(scores).map(named)).collect())
        })
    }

    /// A list of (label, probability) for each text, best first.
    #[pyo3(signature = (texts, *, k = 3, threads = 1))]
    fn score(&self, py: Python<'_>, texts: Texts, k: usize, threads: usize) -> PyResult<PyArray> {
        gate::run(py, None, |_| {
            let scores = score_texts(&self.model, &texts.slices(), k, threads)?;
            let lengths = scores.iter().map(Vec::len);
            let offsets = OffsetBuffer::<i32>::from_lengths(lengths);
            let labels: StringArray =
                scores.iter().flatten().map(|score| Some(self.model.label(score.label))).collect();
            let probabilities: Float32Array =
                scores.iter().flatten().map(|score| Some(score.probability)).collect();
            Ok(PyArray::from_array_ref(lists(offsets, labels, probabilities)))
        })
    }
}

/// By script the share of each text's letters; zeros for a text without any.
#[pyfunction]
pub(crate) fn script_shares(
    py: Python<'_>,
    texts: Texts,
) -> PyResult<Vec<(&'static str, Vec<f64>)>> {
    gate::run(py, None, |_| {
        let texts = texts.slices();
        let mut columns = SCRIPTS.map(|name| (name, Vec::with_capacity(texts.len())));
        for text in texts {
            let found = letters(text);
            let all: u64 = found.iter().sum();
            for ((_, shares), n) in columns.iter_mut().zip(found) {
                #[expect(clippy::cast_precision_loss, reason = "counts of letters")]
                shares.push(n as f64 / all.max(1) as f64);
            }
        }
        Ok(columns.into())
    })
}

/// Answers, bins, texts in doubt and the wrong ones of them.
type Evaluated = (Vec<(String, String, u64)>, Vec<(u64, u64, f64)>, u64, u64);

fn named(label: &str, languages: bool) -> String {
    if languages { canonical(label).into_owned() } else { label.to_owned() }
}

/// Trains a model of our own and returns the bytes of its file.
#[pyfunction]
#[pyo3(signature = (
    labels, texts, held_out_labels, held_out_texts, *, provenance = "", features = TrainParams::FEATURES,
    epochs = TrainParams::EPOCHS, rate = TrainParams::RATE, balance = TrainParams::BALANCE, seed = 0, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn train_language_model<'py>(
    py: Python<'py>,
    labels: Texts,
    texts: Texts,
    held_out_labels: Texts,
    held_out_texts: Texts,
    provenance: &str,
    features: usize,
    epochs: u32,
    rate: f32,
    balance: f64,
    seed: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = gate::run(py, on_progress, |monitor| {
        let params = TrainParams::new(features, epochs, rate, balance, seed)?;
        let texts = rows(&labels, &texts);
        let held_out = rows(&held_out_labels, &held_out_texts);
        Ok(gamayun_language::train(&texts, &held_out, provenance, &params, monitor)?.1)
    })?;
    Ok(PyBytes::new(py, &bytes))
}

fn rows<'a>(labels: &'a Texts, texts: &'a Texts) -> Vec<TrainText<'a>> {
    let rows = labels.slices().into_iter().zip(texts.slices());
    rows.map(|(label, text)| TrainText { label, text }).collect()
}

fn lists(offsets: OffsetBuffer<i32>, labels: StringArray, probabilities: Float32Array) -> ArrayRef {
    let fields = Fields::from(vec![
        Field::new("label", DataType::Utf8, false),
        Field::new("probability", DataType::Float32, false),
    ]);
    let item = Arc::new(Field::new("item", DataType::Struct(fields.clone()), false));
    let scores = StructArray::new(fields, vec![Arc::new(labels), Arc::new(probabilities)], None);
    Arc::new(ListArray::new(item, offsets, Arc::new(scores), None))
}

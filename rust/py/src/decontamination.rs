//! Decontamination: the files of benchmarks, and the step that looks for their items.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, UInt32Array, UInt64Array};
use gamayun_dedup::ContaminationParams;
use gamayun_dedup::contamination::{Found, find_items};
use gamayun_run::{BenchmarkFile, DecontaminateParams, Error, FIELDS, Layout};
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatch;

use crate::texts::Texts;
use crate::{gate, steps::json};

/// The files of benchmarks: (benchmark, path), by benchmark and path.
#[pyfunction]
pub(crate) fn find_benchmarks(
    py: Python<'_>,
    specs: Vec<String>,
) -> PyResult<Vec<(String, PathBuf)>> {
    gate::run(py, None, |_| {
        let found = gamayun_run::find_benchmarks(&specs)?;
        Ok(found.into_iter().map(|file| (file.benchmark, file.path)).collect())
    })
}

/// The fields that make an item's text unless others are named.
#[pyfunction]
pub(crate) fn benchmark_fields() -> Vec<&'static str> {
    FIELDS.to_vec()
}

/// Documents and benchmarks to `contamination/`.
#[pyfunction]
#[pyo3(signature = (
    run, files, *, fields, ngram, minimum_words, threshold, drop, identity, threads, memory, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn decontaminate(
    py: Python<'_>,
    run: PathBuf,
    files: Vec<(String, PathBuf)>,
    fields: Vec<String>,
    ngram: usize,
    minimum_words: usize,
    threshold: f64,
    drop: bool,
    identity: String,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let file = |(benchmark, path)| BenchmarkFile { benchmark, path };
        let params = DecontaminateParams {
            files: files.into_iter().map(file).collect(),
            fields,
            contamination: ContaminationParams::new(ngram, minimum_words, threshold)?,
            drop,
            identity,
            threads,
            memory,
        };
        gamayun_run::decontaminate(&Layout::new(run), &params, monitor).map(|counts| json(&counts))
    })
}

/// The items that texts hold: places of both, score, and n-grams shared and of the item.
#[pyfunction]
#[pyo3(signature = (texts, items, *, ngram = 5, minimum_words = 8, threshold = 0.25, threads = 1))]
pub(crate) fn items_in_texts(
    py: Python<'_>,
    texts: Texts,
    items: Texts,
    ngram: usize,
    minimum_words: usize,
    threshold: f64,
    threads: usize,
) -> PyResult<PyRecordBatch> {
    gate::run(py, None, |monitor| {
        let params = ContaminationParams::new(ngram, minimum_words, threshold)?;
        let found = find_items(&texts.slices(), &items.slices(), params, threads, monitor)?;
        matches(&found).map(PyRecordBatch::new)
    })
}

fn matches(found: &[Found]) -> Result<RecordBatch, Error> {
    let text: UInt64Array = found.iter().map(|found| Some(found.text)).collect();
    let number = |of: fn(&Found) -> u32| found.iter().map(of).map(Some).collect::<UInt32Array>();
    let score: Float64Array = found.iter().map(|found| Some(found.matched.score)).collect();
    RecordBatch::try_from_iter([
        ("text", Arc::new(text) as ArrayRef),
        ("item", Arc::new(number(|found| found.matched.item))),
        ("score", Arc::new(score)),
        ("ngrams", Arc::new(number(|found| found.matched.grams))),
        ("item_ngrams", Arc::new(number(|found| found.item_grams))),
    ])
    .map_err(|error| Error::Damaged { path: "a batch in memory".into(), what: error.to_string() })
}

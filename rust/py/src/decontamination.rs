//! Decontamination: the files of benchmarks, and the step that looks for their items.

use std::path::PathBuf;

use gamayun_dedup::ContaminationParams;
use gamayun_run::{BenchmarkFile, DecontaminateParams, FIELDS, Layout};
use pyo3::prelude::*;

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

//! Indexes of earlier runs: made, merged, looked at.

use std::path::PathBuf;

use gamayun_run::{IndexManifest, IndexParams, Layout};
use pyo3::prelude::*;

use crate::gate;
use crate::steps::json;

/// A finished run to an index; what it holds, as JSON.
#[pyfunction]
#[pyo3(signature = (run, output, *, threads, memory, on_progress = None))]
pub(crate) fn build_index(
    py: Python<'_>,
    run: PathBuf,
    output: PathBuf,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let params = IndexParams { threads, memory };
        gamayun_run::build_index(&Layout::new(run), &output, params, monitor).map(|m| json(&m))
    })
}

/// Indexes to one; what it holds, and what they had in common, as JSON.
#[pyfunction]
#[pyo3(signature = (indexes, output, *, threads, memory, on_progress = None))]
pub(crate) fn merge_indexes(
    py: Python<'_>,
    indexes: Vec<PathBuf>,
    output: PathBuf,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<(String, String)> {
    gate::run(py, on_progress, |monitor| {
        let params = IndexParams { threads, memory };
        let (index, counts) = gamayun_run::merge_indexes(&indexes, &output, params, monitor)?;
        Ok((json(&index), json(&counts)))
    })
}

/// What an index holds, as JSON; its files are there and of the sizes that it says.
#[pyfunction]
pub(crate) fn read_index(py: Python<'_>, index: PathBuf) -> PyResult<String> {
    gate::run(py, None, |_| IndexManifest::open(&index).map(|manifest| json(&manifest)))
}

/// Reads every byte of an index: (file, what is wrong with it).
#[pyfunction]
#[pyo3(signature = (index, *, threads, on_progress = None))]
pub(crate) fn check_index(
    py: Python<'_>,
    index: PathBuf,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<Vec<(PathBuf, String)>> {
    gate::run(py, on_progress, |monitor| gamayun_run::check_index(&index, threads, monitor))
}

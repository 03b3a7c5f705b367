//! Removing documents from shards.

use std::path::PathBuf;

use gamayun_text::DocId;
use pyo3::prelude::*;

use crate::gate;
use crate::steps::json;

/// Bytes of a document's id.
const ID: usize = 16;

/// Shards, each given as (index, path to write to), without the documents whose ids stand in `removed`: what is said of each
/// new shard, as JSON.
#[pyfunction]
#[pyo3(signature = (shards, removed, *, threads, on_progress = None))]
pub(crate) fn rewrite_shards(
    py: Python<'_>,
    shards: Vec<(PathBuf, PathBuf)>,
    removed: Vec<u8>,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        gamayun_run::rewrite_shards(&shards, ids(&removed), threads, monitor)
            .map(|receipts| json(&receipts))
    })
}

/// Tables of a selection, each given as (path, path to write to), without the documents whose ids stand in `removed`: how
/// many rows went from each.
#[pyfunction]
#[pyo3(signature = (tables, removed, *, threads, on_progress = None))]
pub(crate) fn rewrite_selection(
    py: Python<'_>,
    tables: Vec<(PathBuf, PathBuf)>,
    removed: Vec<u8>,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<Vec<u64>> {
    gate::run(py, on_progress, |monitor| {
        gamayun_run::rewrite_selection(&tables, ids(&removed), threads, monitor)
    })
}

fn ids(removed: &[u8]) -> Vec<DocId> {
    let (ids, _) = removed.as_chunks::<ID>();
    ids.iter().map(|&id| DocId::from_bytes(id)).collect()
}

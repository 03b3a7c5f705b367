//! Exports of shards to the files of other trainers.

use std::path::PathBuf;

use gamayun_shard::{ExportParams, ExportedFile, ExportedPart, ShardFile};
use pyo3::prelude::*;

use crate::gate;
use crate::loader::TokenReader;

/// Path, bytes, sha256, how it came to be.
type File = (PathBuf, u64, String, &'static str);

/// Name, documents, tokens, files.
type Part = (String, u64, u64, Vec<File>);

/// Names of the formats of whole documents.
#[pyfunction]
pub(crate) fn document_formats() -> Vec<&'static str> {
    gamayun_run::document_formats()
}

/// Writes what a stage begins of a pool: the pool as (name, start token, end token, shards), shards as (path, tokens,
/// sha256 of the payload).
#[pyfunction]
#[pyo3(signature = (format, pool, *, seed, tokenizer_sha256, folder, copy, on_progress = None))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn export_pool(
    py: Python<'_>,
    format: &str,
    pool: (String, u64, u64, Vec<(PathBuf, u64, String)>),
    seed: u64,
    tokenizer_sha256: String,
    folder: PathBuf,
    copy: bool,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<Vec<Part>> {
    let (name, start, end, shards) = pool;
    let shard = |(path, tokens, bin_sha256)| ShardFile { path, tokens, bin_sha256 };
    let shards = shards.into_iter().map(shard).collect();
    let tokens = start..end;
    let params = ExportParams { name, seed, tokens, shards, tokenizer_sha256, folder, copy };
    let parts = gate::run(py, on_progress, |monitor| {
        gamayun_run::export_documents(format, &params, monitor)
    })?;
    Ok(parts.into_iter().map(part).collect())
}

/// Names of the formats of samples.
#[pyfunction]
pub(crate) fn sample_formats() -> Vec<&'static str> {
    gamayun_run::sample_formats()
}

/// Writes all samples of a stage in their order: each file with its samples.
#[pyfunction]
#[pyo3(signature = (format, reader, *, pools, folder, file_bytes = None, on_progress = None))]
pub(crate) fn export_samples(
    py: Python<'_>,
    format: &str,
    reader: Bound<'_, TokenReader>,
    pools: Vec<String>,
    folder: PathBuf,
    file_bytes: Option<u64>,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<Vec<(File, u64)>> {
    let reader = &reader.get().0;
    let files = gate::run(py, on_progress, |monitor| {
        gamayun_run::export_samples(format, reader, &pools, &folder, file_bytes, monitor)
    })?;
    Ok(files.into_iter().map(|one| (file(one.file), one.samples)).collect())
}

fn part(part: ExportedPart) -> Part {
    let files = part.files.into_iter().map(file).collect();
    (part.name, part.documents, part.tokens, files)
}

fn file(file: ExportedFile) -> File {
    (file.path, file.bytes, file.sha256, file.origin.name())
}

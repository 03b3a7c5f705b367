//! How well tokenizers fit text, and what of a vocabulary is of no use.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use gamayun_bpe::VocabularyReport;
use gamayun_run::{AuditedPool, EvaluatedFile, Layout, TokenPlace};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::gate;
use crate::steps::json;
use crate::texts::Texts;
use crate::tokenizer::Tokenizer;

type Counts<'py> = Bound<'py, PyArray1<u64>>;

fn cores(tokenizers: &[Py<Tokenizer>]) -> Vec<Arc<gamayun_bpe::Tokenizer>> {
    tokenizers.iter().map(|one| Arc::clone(&one.get().0)).collect()
}

/// Tokenizers on the documents of a split of a run: one outcome each, as JSON.
#[pyfunction]
#[pyo3(signature = (run, tokenizers, *, split, threads, on_progress = None))]
pub(crate) fn evaluate(
    py: Python<'_>,
    run: PathBuf,
    tokenizers: Vec<Py<Tokenizer>>,
    split: &str,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let cores = cores(&tokenizers);
    gate::run(py, on_progress, |monitor| {
        Ok(json(&gamayun_run::evaluate(&Layout::new(run), &cores, split, threads, monitor)?))
    })
}

/// Tokenizers on the documents of (path, language) files: one outcome each, as JSON.
#[pyfunction]
#[pyo3(signature = (files, tokenizers, *, threads, on_progress = None))]
pub(crate) fn evaluate_files(
    py: Python<'_>,
    files: Vec<(String, Option<String>)>,
    tokenizers: Vec<Py<Tokenizer>>,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let cores = cores(&tokenizers);
    let files: Vec<_> =
        files.into_iter().map(|(path, language)| EvaluatedFile { path, language }).collect();
    gate::run(py, on_progress, |monitor| {
        Ok(json(&gamayun_run::evaluate_files(&files, &cores, threads, monitor)?))
    })
}

/// Tokenizers on texts by language: one outcome each, as JSON.
#[pyfunction]
#[pyo3(signature = (texts, tokenizers, *, threads, on_progress = None))]
pub(crate) fn evaluate_texts(
    py: Python<'_>,
    texts: Vec<(String, Texts)>,
    tokenizers: Vec<Py<Tokenizer>>,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let cores = cores(&tokenizers);
    gate::run(py, on_progress, |monitor| {
        let texts: Vec<_> = texts.iter().map(|(name, mine)| (&**name, mine.slices())).collect();
        Ok(json(&gamayun_run::evaluate_texts(&texts, &cores, threads, monitor)?))
    })
}

/// What a look at each token finds, as JSON.
#[pyfunction]
#[pyo3(signature = (tokenizer, *, on_progress = None))]
pub(crate) fn vocabulary_report(
    py: Python<'_>,
    tokenizer: &Tokenizer,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| Ok(json(&VocabularyReport::of(&tokenizer.0, monitor)?)))
}

/// How often stages read each id of the shards of (language, shards, reads) pools: by stage, by language, and where each
/// occurs, as JSON.
#[pyfunction]
#[pyo3(signature = (pools, *, stages, vocab_size, threads, on_progress = None))]
pub(crate) fn audit_shards(
    py: Python<'_>,
    pools: Vec<(String, Vec<PathBuf>, Vec<(u64, u64)>)>,
    stages: usize,
    vocab_size: u32,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<(Vec<Counts<'_>>, Vec<(String, Counts<'_>)>, String)> {
    let pools: Vec<_> = pools.into_iter().map(pool).collect();
    let (stages, languages, places) = gate::run(py, on_progress, |monitor| {
        let found = gamayun_run::audit(&pools, stages, vocab_size, threads, monitor)?;
        let places: Vec<_> = found.spread.places().map(TokenPlace::from).collect();
        Ok((found.stages, found.languages, json(&places)))
    })?;
    let stages = stages.into_iter().map(|counts| counts.into_pyarray(py)).collect();
    let languages = languages.into_iter().map(|(name, counts)| (name, counts.into_pyarray(py)));
    Ok((stages, languages.collect(), places))
}

fn pool((language, shards, reads): (String, Vec<PathBuf>, Vec<(u64, u64)>)) -> AuditedPool {
    let reads = reads.into_iter().map(|(start, end)| Range { start, end }).collect();
    AuditedPool { language, shards, reads }
}

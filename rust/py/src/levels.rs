//! The levels of a run that edit texts: passages seen in many documents, and substrings that repeat.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gamayun_run::{Layout, PassageParams, SubstringParams};
use pyo3::prelude::*;

use crate::gate;
use crate::steps::json;

/// Frequent paragraphs and lines to edits; a threshold of 0 leaves a level out.
#[pyfunction]
#[pyo3(signature = (
    run, *, paragraphs, lines, keep_first, min_characters, other_min_characters, document_characters, threads, memory,
    on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn passages(
    py: Python<'_>,
    run: PathBuf,
    paragraphs: u64,
    lines: u64,
    keep_first: u64,
    min_characters: BTreeMap<String, u64>,
    other_min_characters: u64,
    document_characters: u64,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let params = PassageParams {
            paragraphs: (paragraphs > 0).then_some(paragraphs),
            lines: (lines > 0).then_some(lines),
            keep_first,
            min_characters,
            other_min_characters,
            document_characters,
            threads,
            memory,
        };
        gamayun_run::passages(&Layout::new(run), &params, monitor).map(|counts| json(&counts))
    })
}

/// Repeated substrings to edits.
#[pyfunction]
#[pyo3(signature = (run, *, min_bytes, after_passages, document_characters, threads, memory, on_progress = None))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn substrings(
    py: Python<'_>,
    run: PathBuf,
    min_bytes: u64,
    after_passages: bool,
    document_characters: u64,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let params =
            SubstringParams { min_bytes, after_passages, document_characters, threads, memory };
        gamayun_run::substrings(&Layout::new(run), &params, monitor).map(|counts| json(&counts))
    })
}

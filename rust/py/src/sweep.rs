//! Tokenizers measured on counted text.

use std::path::PathBuf;
use std::sync::Arc;

use gamayun_bpe::{LanguageTokens, Pattern};
use gamayun_run::Layout;
use pyo3::prelude::*;

use crate::counts::PretokenCounts;
use crate::gate;
use crate::tokenizer::Tokenizer;

/// The pretokens of the documents of a run that are held out as `held_out`.
#[pyfunction]
#[pyo3(signature = (run, *, held_out, split, threads, on_progress = None))]
pub(crate) fn count_held_out(
    py: Python<'_>,
    run: PathBuf,
    held_out: &str,
    split: &str,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<PretokenCounts> {
    gate::run(py, on_progress, |monitor| {
        let split: Pattern = split.parse().map_err(|error: gamayun_bpe::Error| error)?;
        let run = Layout::new(run);
        let counts = gamayun_run::count_held_out(&run, held_out, &split, threads, monitor)?;
        Ok(PretokenCounts(Arc::new(counts)))
    })
}

/// A tokenizer on counted text: (language, bytes, tokens).
#[pyfunction]
#[pyo3(signature = (tokenizer, counts, *, threads))]
pub(crate) fn evaluate_counts(
    py: Python<'_>,
    tokenizer: &Tokenizer,
    counts: &PretokenCounts,
    threads: usize,
) -> PyResult<Vec<(String, u64, u64)>> {
    gate::run(py, None, |_| {
        let rows = gamayun_bpe::evaluate_counts(&tokenizer.0, &counts.0, threads)?;
        let row = |row: LanguageTokens| (row.language, row.bytes, row.tokens);
        Ok(rows.into_iter().map(row).collect())
    })
}

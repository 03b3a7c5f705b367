//! Tokenizers from and to the files of other tools, and side by side.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, UInt32Builder};
use arrow_array::{BinaryArray, BooleanArray, RecordBatch, UInt32Array};
use gamayun_bpe::{Error, Pattern, TokenDiff, TrainParams};
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatch;

use crate::counts::PretokenCounts;
use crate::gate;
use crate::tokenizer::Tokenizer;

/// A tokenizer from tiktoken ranks.
#[pyfunction]
#[pyo3(signature = (ranks, *, split, special_tokens))]
pub(crate) fn tokenizer_from_ranks(
    py: Python<'_>,
    ranks: Vec<u8>,
    split: &str,
    special_tokens: Vec<(String, u32)>,
) -> PyResult<Tokenizer> {
    gate::run(py, None, |_| {
        let split: Pattern = split.parse().map_err(|error: Error| error)?;
        let made = gamayun_bpe::Tokenizer::from_ranks(&ranks, split, &special_tokens)?;
        Ok(Tokenizer(Arc::new(made)))
    })
}

/// A tokenizer from `vocab.json` and `merges.txt`.
#[pyfunction]
#[pyo3(signature = (vocab, merges, *, split, special_tokens))]
pub(crate) fn tokenizer_from_vocab_merges(
    py: Python<'_>,
    vocab: Vec<u8>,
    merges: &str,
    split: &str,
    special_tokens: Vec<String>,
) -> PyResult<Tokenizer> {
    gate::run(py, None, |_| {
        let split: Pattern = split.parse().map_err(|error: Error| error)?;
        let made =
            gamayun_bpe::Tokenizer::from_vocab_merges(&vocab, merges, &split, &special_tokens)?;
        Ok(Tokenizer(Arc::new(made)))
    })
}

/// The tiktoken ranks of a tokenizer.
#[pyfunction]
pub(crate) fn tokenizer_to_ranks(py: Python<'_>, tokenizer: &Tokenizer) -> PyResult<String> {
    gate::run(py, None, |_| Ok(tokenizer.0.to_ranks()?))
}

/// `vocab.json` and `merges.txt` of a tokenizer.
#[pyfunction]
pub(crate) fn tokenizer_to_vocab_merges(
    py: Python<'_>,
    tokenizer: &Tokenizer,
) -> PyResult<(String, String)> {
    gate::run(py, None, |_| Ok(tokenizer.0.to_vocab_merges()?))
}

/// A row for each new token: `new_id`, `token`, `special`, `old_id`, `old_pieces`.
#[pyfunction]
pub(crate) fn diff_tokenizers(
    py: Python<'_>,
    old: &Tokenizer,
    new: &Tokenizer,
) -> PyResult<PyRecordBatch> {
    gate::run(py, None, |_| table(&gamayun_bpe::diff(&old.0, &new.0)).map(PyRecordBatch::new))
}

/// A tokenizer with further merges from counts; its ids stay.
#[pyfunction]
#[pyo3(signature = (
    tokenizer, counts, *, vocab_size, min_frequency, max_token_length, weights, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn extend_tokenizer(
    py: Python<'_>,
    tokenizer: &Tokenizer,
    counts: &PretokenCounts,
    vocab_size: u32,
    min_frequency: u64,
    max_token_length: Option<usize>,
    weights: Vec<(String, f64)>,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<Tokenizer> {
    gate::run(py, on_progress, |monitor| {
        let params = TrainParams {
            vocab_size,
            min_frequency,
            max_token_length,
            weights,
            ..TrainParams::default()
        };
        let made = gamayun_bpe::extend(&tokenizer.0, &counts.0, &params, monitor)?;
        Ok(Tokenizer(Arc::new(made)))
    })
}

fn table(rows: &[TokenDiff]) -> gamayun_run::Result<RecordBatch> {
    let new_id: UInt32Array = rows.iter().map(|row| Some(row.new_id)).collect();
    let token = BinaryArray::from_iter_values(rows.iter().map(|row| &row.bytes));
    let special: BooleanArray = rows.iter().map(|row| Some(row.special)).collect();
    let old_id: UInt32Array = rows.iter().map(|row| row.old_id).collect();
    let mut pieces = ListBuilder::new(UInt32Builder::new());
    for row in rows {
        pieces.append_value(row.old_pieces.iter().map(|&id| Some(id)));
    }
    let columns: [(&str, arrow_array::ArrayRef); 5] = [
        ("new_id", Arc::new(new_id)),
        ("token", Arc::new(token)),
        ("special", Arc::new(special)),
        ("old_id", Arc::new(old_id)),
        ("old_pieces", Arc::new(pieces.finish())),
    ];
    RecordBatch::try_from_iter(columns).map_err(|error| gamayun_run::Error::Damaged {
        path: "a batch in memory".into(),
        what: error.to_string(),
    })
}

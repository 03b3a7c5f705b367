//! Parity-aware training from counts.

use std::sync::Arc;

use gamayun_bpe::{LanguageTurns, Measure, ParityParams, TrainParams, Window};
use pyo3::prelude::*;

use crate::counts::PretokenCounts;
use crate::gate;
use crate::tokenizer::Tokenizer;

/// Tokenizers of several sizes from one training, and (language, turns, tokens, content) of the largest. What is compared is
/// the tokens of `parallel` (its counts, and content by language), else those of the training text over their targets.
#[pyfunction]
#[pyo3(signature = (
    counts, vocab_sizes, *, parallel, targets, hybrid, window, special_tokens, min_frequency, max_token_length, weights,
    threads, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn train_parity(
    py: Python<'_>,
    counts: &PretokenCounts,
    vocab_sizes: Vec<u32>,
    parallel: Option<(Py<PretokenCounts>, Vec<(String, u64)>)>,
    targets: Vec<(String, f64)>,
    hybrid: u32,
    window: Option<(u32, f64)>,
    special_tokens: Vec<String>,
    min_frequency: u64,
    max_token_length: Option<usize>,
    weights: Vec<(String, f64)>,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<(Vec<Tokenizer>, Vec<(String, u64, u64, Option<u64>)>)> {
    gate::run(py, on_progress, |monitor| {
        let measure = parallel.map_or(Measure::Target(targets), |(texts, content)| {
            Measure::Parallel { texts: (*texts.get().0).clone(), content }
        });
        let train = TrainParams {
            split: counts.0.split().clone(),
            special_tokens,
            min_frequency,
            max_token_length,
            weights,
            threads,
            ..TrainParams::default()
        };
        let window = window.map(|(turns, alpha)| Window { turns, alpha });
        let params = ParityParams { train, measure, hybrid, window };
        let (made, turns) =
            gamayun_bpe::train_parity_prefixes(&counts.0, &params, &vocab_sizes, monitor)?;
        let made = made.into_iter().map(|tokenizer| Tokenizer(Arc::new(tokenizer))).collect();
        let row = |row: LanguageTurns| (row.language, row.turns, row.tokens, row.content);
        Ok((made, turns.into_iter().map(row).collect()))
    })
}

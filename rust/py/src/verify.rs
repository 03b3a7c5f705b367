//! Looking for what is wrong with the shards of a run.

use std::path::PathBuf;
use std::sync::Arc;

use gamayun_run::{ContentsParams, ContentsPool, Layout, Promised};
use gamayun_shard::{Level, Promise};
use pyo3::prelude::*;

use crate::gate;
use crate::steps::json;
use crate::tokenizer::Tokenizer;

/// What is wrong with shards, each given as (payload, sha256 of it, sha256 of its index): (file, offset, what).
#[pyfunction]
#[pyo3(signature = (shards, *, level, vocab_size, eos, tokenizer_sha256, threads, on_progress = None))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn check_shards(
    py: Python<'_>,
    shards: Vec<(PathBuf, String, String)>,
    level: &str,
    vocab_size: u32,
    eos: u32,
    tokenizer_sha256: String,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<Vec<(PathBuf, u64, String)>> {
    gate::run(py, on_progress, |monitor| {
        let level: Level = level.parse()?;
        let promised = |(bin, bin_sha256, gdx_sha256)| Promised {
            bin,
            promise: Promise {
                vocab_size,
                eos: Some(eos),
                tokenizer_sha256: Some(tokenizer_sha256.clone()),
                bin_sha256: Some(bin_sha256),
                gdx_sha256: Some(gdx_sha256),
            },
        };
        let shards: Vec<Promised> = shards.into_iter().map(promised).collect();
        let problems = gamayun_run::check_shards(&shards, level, threads, monitor)?;
        Ok(problems.into_iter().map(|found| (found.file, found.offset, found.what)).collect())
    })
}

/// What the shards of a run hold beside its selection, as JSON. Pools are (language, domain, split, indices).
#[pyfunction]
#[pyo3(signature = (
    run, tokenizer, pools, *, eos, seed, sample, sample_seed, threads, memory, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn check_contents(
    py: Python<'_>,
    run: PathBuf,
    tokenizer: &Tokenizer,
    pools: Vec<(String, String, String, Vec<PathBuf>)>,
    eos: u32,
    seed: u64,
    sample: Option<u64>,
    sample_seed: u64,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let pool =
            |(language, domain, split, shards)| ContentsPool { language, domain, split, shards };
        let params = ContentsParams {
            pools: pools.into_iter().map(pool).collect(),
            tokenizer: Arc::clone(&tokenizer.0),
            eos,
            seed,
            sample,
            sample_seed,
            threads,
            memory,
        };
        gamayun_run::check_contents(&Layout::new(run), &params, monitor).map(|found| json(&found))
    })
}

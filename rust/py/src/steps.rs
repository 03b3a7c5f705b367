//! The steps of a run. Each returns its counts as JSON, which becomes the step's receipt as it is.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use gamayun_bpe::Pattern;
use gamayun_dedup::DedupParams;
use gamayun_run::{
    Against, AnnotateParams, BucketParams, Compare, CountParams, DecideParams, DedupStepParams,
    Error, Layout, OnBadRecord, OutsideParams, SelectParams, ShardVocabulary, SurvivorKey,
    TokeniseParams,
};
use pyo3::prelude::*;
use serde::Serialize;

use crate::cleaning::{Blocklist, Cleaner, parse_paragraphs};
use crate::gate;
use crate::source::{Source, unwrap};
use crate::tokenizer::Tokenizer;

/// Counts as they go into a receipt; they are made of maps, lists, strings and numbers, so this cannot fail.
pub(crate) fn json(counts: &impl Serialize) -> String {
    serde_json::to_string(counts).unwrap_or_default()
}

/// Inputs to documents, annotations and band files.
#[pyfunction]
#[pyo3(signature = (
    run, sources, languages, *, lid_model, compare, bands, rows, shingle, threshold, dedup_seed, on_bad_record, threads, memory,
    cleaner = None, paragraphs = None, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn annotate(
    py: Python<'_>,
    run: PathBuf,
    sources: Vec<Py<Source>>,
    languages: Vec<String>,
    lid_model: Option<PathBuf>,
    compare: String,
    bands: usize,
    rows: usize,
    shingle: usize,
    threshold: f64,
    dedup_seed: u64,
    on_bad_record: String,
    threads: usize,
    memory: u64,
    cleaner: Option<&Cleaner>,
    paragraphs: Option<(usize, f64, bool)>,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let sources = unwrap(&sources);
    let cleaner = cleaner.map(|cleaner| cleaner.0.clone());
    gate::run(py, on_progress, |monitor| {
        let compare: Compare = compare.parse()?;
        let dedup = compare.params(DedupParams::new(bands, rows, shingle, threshold, dedup_seed)?);
        let on_bad_record: OnBadRecord = on_bad_record.parse()?;
        let params = AnnotateParams {
            sources,
            languages,
            lid_model,
            cleaner,
            paragraphs: paragraphs.map(parse_paragraphs),
            dedup,
            on_bad_record,
            threads,
            memory,
        };
        gamayun_run::annotate(&Layout::new(run), &params, monitor).map(|counts| json(&counts))
    })
}

/// Annotations and thresholds to verdicts.
#[pyfunction]
#[pyo3(signature = (
    run, sources, languages, *, language_threshold, language_thresholds, threads, blocklist = None, mixed_share = None,
    on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn decide(
    py: Python<'_>,
    run: PathBuf,
    sources: Vec<Py<Source>>,
    languages: Vec<String>,
    language_threshold: Option<f64>,
    language_thresholds: BTreeMap<String, f64>,
    threads: usize,
    blocklist: Option<&Blocklist>,
    mixed_share: Option<f64>,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let sources = unwrap(&sources);
    let blocklist = blocklist.map(|list| Arc::clone(&list.0));
    let outside = OutsideParams { blocklist, mixed_share };
    gate::run(py, on_progress, |monitor| {
        let params = DecideParams {
            sources,
            languages,
            language_threshold,
            language_thresholds,
            outside,
            threads,
        };
        gamayun_run::decide(&Layout::new(run), &params, monitor).map(|counts| json(&counts))
    })
}

/// Band files to clusters and survivors.
#[pyfunction]
#[pyo3(signature = (
    run, sources, *, compare, bands, rows, shingle, threshold, dedup_seed, containment, keep, against, annotate, identity,
    threads, memory, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn dedup(
    py: Python<'_>,
    run: PathBuf,
    sources: Vec<Py<Source>>,
    compare: String,
    bands: usize,
    rows: usize,
    shingle: usize,
    threshold: f64,
    dedup_seed: u64,
    containment: Option<f64>,
    keep: Vec<String>,
    against: Vec<(String, PathBuf)>,
    annotate: bool,
    identity: String,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let sources = unwrap(&sources);
    gate::run(py, on_progress, |monitor| {
        let near = DedupParams::new(bands, rows, shingle, threshold, dedup_seed)?
            .with_containment(containment)?;
        let compare: Compare = compare.parse()?;
        let dedup = compare.params(near);
        let keep =
            keep.iter().map(|key| key.parse()).collect::<Result<Vec<SurvivorKey>, Error>>()?;
        let against = Against { references: against, annotate };
        let params =
            DedupStepParams { sources, dedup, compare, against, keep, identity, threads, memory };
        gamayun_run::dedup(&Layout::new(run), &params, monitor).map(|counts| json(&counts))
    })
}

/// Survivors to the selection.
#[pyfunction]
#[pyo3(signature = (
    run, domains, *, weights, validation_share, seed, threads, memory, buckets = None, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn select(
    py: Python<'_>,
    run: PathBuf,
    domains: BTreeMap<String, String>,
    weights: BTreeMap<String, BTreeMap<u64, u32>>,
    validation_share: f64,
    seed: u64,
    threads: usize,
    memory: u64,
    buckets: Option<(String, u32)>,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let buckets =
            buckets.map(|(score, number)| BucketParams::new(&score, number)).transpose()?;
        let params =
            SelectParams { domains, validation_share, seed, weights, buckets, threads, memory };
        gamayun_run::select(&Layout::new(run), &params, monitor).map(|counts| json(&counts))
    })
}

/// The training split to a table of pretokens.
#[pyfunction]
#[pyo3(signature = (run, *, split, threads, memory, output = None, on_progress = None))]
pub(crate) fn count_pretokens(
    py: Python<'_>,
    run: PathBuf,
    split: &str,
    threads: usize,
    memory: u64,
    output: Option<PathBuf>,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let split: Pattern = split.parse().map_err(|error: gamayun_bpe::Error| error)?;
        let params = CountParams { split, threads, memory, output };
        gamayun_run::count(&Layout::new(run), &params, monitor).map(|counts| json(&counts))
    })
}

/// The selection to runs of tokens.
#[pyfunction]
#[pyo3(signature = (run, tokenizer, *, eos, seed, identity, threads, on_progress = None))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn tokenise(
    py: Python<'_>,
    run: PathBuf,
    tokenizer: &Tokenizer,
    eos: u32,
    seed: u64,
    identity: String,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let params =
            TokeniseParams { tokenizer: Arc::clone(&tokenizer.0), eos, seed, identity, threads };
        gamayun_run::tokenise(&Layout::new(run), &params, monitor).map(|counts| json(&counts))
    })
}

/// Runs of tokens to shards.
#[pyfunction]
#[pyo3(signature = (run, *, vocab_size, eos, tokenizer_sha256, max_shard_bytes, threads, on_progress = None))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn build_shards(
    py: Python<'_>,
    run: PathBuf,
    vocab_size: u32,
    eos: u32,
    tokenizer_sha256: [u8; 32],
    max_shard_bytes: u64,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let vocabulary = ShardVocabulary { size: vocab_size, eos, tokenizer_sha256 };
        gamayun_run::build_shards(&Layout::new(run), &vocabulary, max_shard_bytes, threads, monitor)
            .map(|counts| json(&counts))
    })
}

/// sha256 of a file, in hexadecimal.
#[pyfunction]
pub(crate) fn file_sha256(py: Python<'_>, path: PathBuf) -> PyResult<String> {
    gate::run(py, None, |_| Ok(gamayun_shard::file_sha256(&path)?))
}

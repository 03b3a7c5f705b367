//! The list of removals, made in one go.

use std::path::PathBuf;

use gamayun_dedup::DedupParams;
use gamayun_run::{Compare, Error, Layout, ListParams, OnBadRecord, SurvivorKey};
use pyo3::prelude::*;

use crate::gate;
use crate::source::{Source, unwrap};
use crate::steps::json;

/// Inputs to the list of the documents that duplicates remove.
#[pyfunction]
#[pyo3(signature = (
    run, sources, *, compare, bands, rows, shingle, threshold, dedup_seed, containment, keep, on_bad_record, identity, threads,
    memory, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn list_removed(
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
    on_bad_record: String,
    identity: String,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let sources = unwrap(&sources);
    gate::run(py, on_progress, |monitor| {
        let compare: Compare = compare.parse()?;
        let near = DedupParams::new(bands, rows, shingle, threshold, dedup_seed)?
            .with_containment(containment)?;
        let dedup = compare.params(near);
        let keep =
            keep.iter().map(|key| key.parse()).collect::<Result<Vec<SurvivorKey>, Error>>()?;
        let on_bad_record: OnBadRecord = on_bad_record.parse()?;
        let params =
            ListParams { sources, dedup, compare, keep, on_bad_record, identity, threads, memory };
        gamayun_run::list_removed(&Layout::new(run), &params, monitor).map(|counts| json(&counts))
    })
}

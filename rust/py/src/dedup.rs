//! Deduplication of texts in memory.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use gamayun_dedup::{DedupParams, Evidence, Outcome};
use gamayun_run::Error;
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatch;

use crate::gate;
use crate::texts::Texts;

/// For each text: the place of the text that is kept of its cluster, cluster size, measure and similarity.
#[pyfunction]
#[pyo3(signature = (
    texts, *, order = None, threshold = 0.8, bands = 14, rows = 8, shingle = 5, seed = 0, threads = 1, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn deduplicate(
    py: Python<'_>,
    texts: Texts,
    order: Option<Vec<u64>>,
    threshold: f64,
    bands: usize,
    rows: usize,
    shingle: usize,
    seed: u64,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<PyRecordBatch> {
    gate::run(py, on_progress, |monitor| {
        let params = DedupParams::new(bands, rows, shingle, threshold, seed)?;
        let outcomes = gamayun_dedup::deduplicate(
            &texts.slices(),
            order.as_deref(),
            &params,
            threads,
            monitor,
        )?;
        table(&outcomes).map(PyRecordBatch::new)
    })
}

pub(crate) fn table(outcomes: &[Outcome]) -> Result<RecordBatch, Error> {
    let kept: UInt64Array = outcomes.iter().map(|outcome| outcome.kept).collect();
    let size: UInt64Array = outcomes.iter().map(|outcome| Some(outcome.size)).collect();
    let evidence = outcomes.iter().map(|outcome| match outcome.evidence {
        Evidence::Exact => (Some("exact"), Some(1.0)),
        Evidence::Jaccard(value) => (Some("jaccard"), Some(value)),
        Evidence::Containment(value) => (Some("containment"), Some(value)),
        Evidence::Alone | Evidence::Survivor => (None, None),
    });
    let (measure, similarity): (Vec<_>, Vec<_>) = evidence.unzip();
    RecordBatch::try_from_iter([
        ("kept", Arc::new(kept) as ArrayRef),
        ("cluster_size", Arc::new(size)),
        ("measure", Arc::new(StringArray::from(measure))),
        ("similarity", Arc::new(Float64Array::from(similarity))),
    ])
    .map_err(|error| Error::Damaged { path: "a batch in memory".into(), what: error.to_string() })
}

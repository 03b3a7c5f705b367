//! Signatures, band keys and similarities of texts, and deduplication in batches.

use std::path::PathBuf;

use gamayun_dedup::datatrove::{DatatroveParams, DatatroveSigner, Precision};
use gamayun_dedup::{DedupParams, by_row, datatrove};
use gamayun_quality::Segmenter;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatch;

use crate::dedup::table;
use crate::texts::Texts;
use crate::{errors, gate};

/// The signatures of texts, one after the other.
#[pyfunction]
#[pyo3(signature = (texts, *, bands = 14, rows = 8, shingle = 5, seed = 0, threads = 1))]
pub(crate) fn signatures(
    py: Python<'_>,
    texts: Texts,
    bands: usize,
    rows: usize,
    shingle: usize,
    seed: u64,
    threads: usize,
) -> PyResult<Bound<'_, PyArray1<u32>>> {
    let made = gate::run(py, None, |monitor| {
        let params = DedupParams::new(bands, rows, shingle, 1.0, seed)?;
        Ok(gamayun_dedup::signatures(&texts.slices(), &params, threads, monitor)?)
    })?;
    Ok(made.into_pyarray(py))
}

/// The band keys of texts, one after the other.
#[pyfunction]
#[pyo3(signature = (texts, *, bands = 14, rows = 8, shingle = 5, seed = 0, threads = 1))]
pub(crate) fn band_keys(
    py: Python<'_>,
    texts: Texts,
    bands: usize,
    rows: usize,
    shingle: usize,
    seed: u64,
    threads: usize,
) -> PyResult<Bound<'_, PyArray1<u64>>> {
    let made = gate::run(py, None, |monitor| {
        let params = DedupParams::new(bands, rows, shingle, 1.0, seed)?;
        Ok(gamayun_dedup::band_keys(&texts.slices(), &params, threads, monitor)?)
    })?;
    Ok(made.into_pyarray(py))
}

/// The Jaccard of `a[i]` and `b[i]`, or the containment of the shorter in the longer.
#[pyfunction]
#[pyo3(signature = (a, b, *, shingle = 5, containment = false, threads = 1))]
pub(crate) fn similarities(
    py: Python<'_>,
    a: Texts,
    b: Texts,
    shingle: usize,
    containment: bool,
    threads: usize,
) -> PyResult<Bound<'_, PyArray1<f64>>> {
    let measure = if containment { gamayun_dedup::containment } else { gamayun_dedup::jaccard };
    let made = gate::run(py, None, |monitor| {
        let (a, b) = (a.slices(), b.slices());
        Ok(gamayun_dedup::similarities(&a, &b, shingle, measure, threads, monitor)?)
    })?;
    Ok(made.into_pyarray(py))
}

/// Texts as datatrove compares them.
#[pyfunction]
pub(crate) fn datatrove_simplify(py: Python<'_>, texts: Texts) -> PyResult<Vec<String>> {
    gate::run(py, None, |_| {
        Ok(texts.slices().into_iter().map(datatrove::simplify).collect::<Vec<_>>())
    })
}

/// datatrove's signatures of texts, split into words by our segmenter of a language, one after the other.
#[pyfunction]
#[pyo3(signature = (texts, *, language, bands = 14, rows = 8, shingle = 5, seed = 1, precision = 64, threads = 1))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn datatrove_signatures(
    py: Python<'_>,
    texts: Texts,
    language: String,
    bands: usize,
    rows: usize,
    shingle: usize,
    seed: u32,
    precision: u32,
    threads: usize,
) -> PyResult<Bound<'_, PyArray1<u64>>> {
    let made = gate::run(py, None, |monitor| {
        let signer = signer(bands, rows, shingle, seed, precision)?;
        let segmenter = Segmenter::for_language(&language);
        let sign = |(): &mut (), text: &&str, row: &mut [u64]| {
            let (simple, mut words) = (datatrove::simplify(text), Vec::new());
            segmenter.segment(&simple, &mut words);
            signer.sign(words, row);
        };
        Ok(by_row(&texts.slices(), signer.values(), threads, monitor, sign)?)
    })?;
    Ok(made.into_pyarray(py))
}

/// datatrove's signatures of words, one after the other.
#[pyfunction]
#[pyo3(signature = (words, *, bands = 14, rows = 8, shingle = 5, seed = 1, precision = 64, threads = 1))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn datatrove_signatures_of_words(
    py: Python<'_>,
    words: Vec<Vec<String>>,
    bands: usize,
    rows: usize,
    shingle: usize,
    seed: u32,
    precision: u32,
    threads: usize,
) -> PyResult<Bound<'_, PyArray1<u64>>> {
    let made = gate::run(py, None, |monitor| {
        let signer = signer(bands, rows, shingle, seed, precision)?;
        let sign = |(): &mut (), words: &Vec<String>, row: &mut [u64]| {
            signer.sign(words.iter().map(String::as_str), row);
        };
        Ok(by_row(&words, signer.values(), threads, monitor, sign)?)
    })?;
    Ok(made.into_pyarray(py))
}

fn signer(
    bands: usize,
    rows: usize,
    shingle: usize,
    seed: u32,
    precision: u32,
) -> gamayun_dedup::Result<DatatroveSigner> {
    let precision = Precision::of(precision)?;
    Ok(DatatroveSigner::new(DatatroveParams::new(bands, rows, shingle, seed, precision)?))
}

/// Takes texts in batches and decides at the end.
#[pyclass(module = "gamayun_data._core")]
pub(crate) struct Deduplicator {
    /// None once it is finished.
    inner: Option<gamayun_dedup::Deduplicator>,
}

/// The outcomes, as tables of some texts each, as `deduplicate` gives them.
#[pyclass(module = "gamayun_data._core")]
pub(crate) struct Outcomes {
    inner: gamayun_dedup::Outcomes,
}

#[pymethods]
impl Outcomes {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<PyRecordBatch>> {
        gate::run(py, None, |_| {
            let outcomes = self.inner.next().transpose()?;
            outcomes.map(|outcomes| table(&outcomes).map(PyRecordBatch::new)).transpose()
        })
    }
}

#[pymethods]
impl Deduplicator {
    #[new]
    #[pyo3(signature = (*, threshold, bands, rows, shingle, seed, memory, scratch, threads))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        py: Python<'_>,
        threshold: f64,
        bands: usize,
        rows: usize,
        shingle: usize,
        seed: u64,
        memory: u64,
        scratch: PathBuf,
        threads: usize,
    ) -> PyResult<Self> {
        let params = DedupParams::new(bands, rows, shingle, threshold, seed)
            .map_err(|error| errors::to_python(py, &error.into()))?;
        let inner = gamayun_dedup::Deduplicator::new(&params, threads, memory, scratch);
        Ok(Self { inner: Some(inner) })
    }

    /// Adds a batch and tells how many texts it had.
    #[pyo3(signature = (texts, *, order = None))]
    fn add(&mut self, py: Python<'_>, texts: Texts, order: Option<Vec<u64>>) -> PyResult<usize> {
        let inner = self.inner.as_mut().ok_or_else(finished)?;
        gate::run(py, None, |monitor| {
            let slices = texts.slices();
            inner.add(&slices, order.as_deref(), monitor)?;
            Ok(slices.len())
        })
    }

    /// Decides all texts; nothing can be added afterwards.
    fn finish(&mut self, py: Python<'_>) -> PyResult<Outcomes> {
        let inner = self.inner.take().ok_or_else(finished)?;
        gate::run(py, None, |monitor| Ok(Outcomes { inner: inner.finish(monitor)? }))
    }
}

fn finished() -> PyErr {
    pyo3::exceptions::PyRuntimeError::new_err("the deduplicator is finished")
}

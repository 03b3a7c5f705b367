//! Cleaners, and texts cleaned by them.

use gamayun_run::{Error, clean_texts};
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatch;

use crate::texts::Texts;
use crate::{errors, gate};

/// What cleans texts: repairs, and what is private, by name.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct Cleaner(pub(crate) gamayun_quality::clean::Cleaner);

#[pymethods]
impl Cleaner {
    #[new]
    #[pyo3(signature = (repair, private, *, keep_originals = false))]
    fn new(
        py: Python<'_>,
        repair: Vec<String>,
        private: Vec<String>,
        keep_originals: bool,
    ) -> PyResult<Self> {
        gamayun_quality::clean::Cleaner::new(&repair, &private, keep_originals)
            .map(Self)
            .map_err(|error| errors::to_python(py, &Error::from(error)))
    }

    /// Cleans texts of a language: text, `text_bytes_before`, and the changes that lead back.
    #[pyo3(signature = (texts, *, language = "und", threads = 1))]
    fn clean(
        &self,
        py: Python<'_>,
        texts: Texts,
        language: &str,
        threads: usize,
    ) -> PyResult<PyRecordBatch> {
        gate::run(py, None, |_| {
            clean_texts(&texts.slices(), language, &self.0, threads).map(PyRecordBatch::new)
        })
    }
}

/// Names of the repairs, and of what is private.
#[pyfunction]
pub(crate) fn cleaning_names() -> (Vec<&'static str>, Vec<&'static str>) {
    let private =
        gamayun_quality::clean::PRIVATE.into_iter().map(gamayun_quality::clean::Kind::name);
    (gamayun_quality::clean::REPAIRS.to_vec(), private.collect())
}

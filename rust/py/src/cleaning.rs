//! Cleaners, and texts cleaned by them.

use std::path::PathBuf;
use std::sync::Arc;

use gamayun_io::{Columns, ReadParams};
use gamayun_quality::clean::{self, LINES, LineFilter};
use gamayun_run::{
    self as run, CleanFilesParams, Error, ParagraphParams, SegmentFilesParams, clean_files,
    clean_texts, segment_texts,
};
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatch;

use crate::language::LanguageModel;
use crate::scorer::json;
use crate::source::{parse_format, parse_unit};
use crate::texts::Texts;
use crate::{errors, gate};

/// What cleans texts: repairs, and what is private, by name.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct Cleaner(pub(crate) clean::Cleaner);

#[pymethods]
impl Cleaner {
    #[new]
    #[pyo3(signature = (repair, private, *, keep_originals = false, lines = Vec::new(), phrases = None))]
    fn new(
        py: Python<'_>,
        repair: Vec<String>,
        private: Vec<String>,
        keep_originals: bool,
        lines: Vec<String>,
        phrases: Option<&str>,
    ) -> PyResult<Self> {
        let cleaner = || {
            let lines = LineFilter::new(&lines, phrases)?;
            Ok(clean::Cleaner::new(&repair, &private, keep_originals)?.with_lines(lines))
        };
        cleaner()
            .map(Self)
            .map_err(|error: gamayun_quality::Error| errors::to_python(py, &Error::from(error)))
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

    /// Cleans the texts of files into a file of JSON Lines, all other fields kept; what was counted, in JSON.
    #[pyo3(signature = (
        paths, output, *, language, text_column, id_column, format, text_unit, max_document_bytes, on_bad_record, rejected,
        changes, threads, on_progress
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn clean_files(
        &self,
        py: Python<'_>,
        paths: Vec<String>,
        output: PathBuf,
        language: String,
        text_column: String,
        id_column: String,
        format: Option<&str>,
        text_unit: &str,
        max_document_bytes: u64,
        on_bad_record: &str,
        rejected: Option<PathBuf>,
        changes: Option<PathBuf>,
        threads: usize,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        let params = || -> Result<CleanFilesParams, Error> {
            let read = ReadParams {
                columns: Columns { text: text_column, id: Some(id_column) },
                format: format.map(parse_format).transpose()?,
                text_unit: parse_unit(text_unit)?,
                max_document_bytes,
                metadata: true,
            };
            let on_bad_record = on_bad_record.parse()?;
            Ok(CleanFilesParams {
                paths,
                read,
                language,
                on_bad_record,
                output,
                rejected,
                changes,
                threads,
            })
        };
        let params = params().map_err(|error| errors::to_python(py, &error))?;
        gate::run(py, on_progress, |monitor| json(&clean_files(&self.0, &params, monitor)?))
    }
}

/// Names of the repairs, of what is private, and of lines that go.
#[pyfunction]
pub(crate) fn cleaning_names() -> (Vec<&'static str>, Vec<&'static str>, Vec<&'static str>) {
    let names = |kinds: &[clean::Kind]| kinds.iter().map(|kind| kind.name()).collect();
    (clean::REPAIRS.to_vec(), names(&clean::PRIVATE), names(&LINES))
}

/// Lists of hosts and addresses whose documents are dropped.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct Blocklist(pub(crate) Arc<gamayun_run::Blocklist>);

#[pymethods]
impl Blocklist {
    #[new]
    fn new(py: Python<'_>, domains: Vec<PathBuf>, urls: Vec<PathBuf>) -> PyResult<Self> {
        gate::run(py, None, |_| gamayun_run::Blocklist::read(&domains, &urls).map(Arc::new))
            .map(Self)
    }

    /// Why an address is blocked: the reason, and the entry of the list.
    fn check(&self, url: &str) -> Option<(&'static str, String)> {
        self.0.check(url).map(|blocked| (blocked.reason, blocked.entry))
    }
}

/// How paragraphs are looked at: least letters, least share of a mixed document, whether foreign ones go.
pub(crate) fn parse_paragraphs(asked: (usize, f64, bool)) -> ParagraphParams {
    let (min_letters, min_share, drop_foreign) = asked;
    ParagraphParams { min_letters, min_share, drop_foreign }
}

/// The languages of texts, of their paragraphs, and their shares.
#[pyfunction]
#[pyo3(signature = (model, texts, *, language, min_letters, min_share, threads))]
pub(crate) fn segment_languages(
    py: Python<'_>,
    model: &LanguageModel,
    texts: Texts,
    language: Option<&str>,
    min_letters: usize,
    min_share: f64,
    threads: usize,
) -> PyResult<PyRecordBatch> {
    let params = parse_paragraphs((min_letters, min_share, false));
    gate::run(py, None, |_| {
        segment_texts(&model.model, &texts.slices(), language, &params, threads)
            .map(PyRecordBatch::new)
    })
}

/// Tells the languages of the paragraphs of the documents of files, as JSON; rows go to a Parquet file if one is named.
#[pyfunction]
#[pyo3(signature = (
    model, paths, *, language, min_letters, min_share, text_column, id_column, format, text_unit, max_document_bytes,
    on_bad_record, output, threads, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn segment_files(
    py: Python<'_>,
    model: &LanguageModel,
    paths: Vec<String>,
    language: Option<&str>,
    min_letters: usize,
    min_share: f64,
    text_column: String,
    id_column: String,
    format: Option<&str>,
    text_unit: &str,
    max_document_bytes: u64,
    on_bad_record: &str,
    output: Option<PathBuf>,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let params = || -> Result<SegmentFilesParams<'_>, Error> {
        let read = ReadParams {
            columns: Columns { text: text_column, id: Some(id_column) },
            format: format.map(parse_format).transpose()?,
            text_unit: parse_unit(text_unit)?,
            max_document_bytes,
            metadata: false,
        };
        let paragraphs = parse_paragraphs((min_letters, min_share, false));
        let on_bad_record = on_bad_record.parse()?;
        let paths = &paths;
        Ok(SegmentFilesParams { paths, read, language, paragraphs, on_bad_record, output, threads })
    };
    let params = params().map_err(|error| errors::to_python(py, &error))?;
    gate::run(py, on_progress, |monitor| json(&run::segment_files(&model.model, &params, monitor)?))
}

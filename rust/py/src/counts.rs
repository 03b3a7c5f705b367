//! Pretokens with their counts by language: made, merged, saved, and trained from.

use std::path::PathBuf;
use std::sync::Arc;

use gamayun_bpe::{Counts, Error, Pattern, TrainLimits, TrainParams};
use gamayun_io::{Columns, ReadParams};
use gamayun_run::{CountFilesParams, batch_pool};
use pyo3::prelude::*;

use crate::gate;
use crate::source::{parse_format, parse_unit};
use crate::steps::json;
use crate::texts::Texts;
use crate::tokenizer::Tokenizer;

/// How often each pretoken occurs in each language.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct PretokenCounts(pub(crate) Arc<Counts>);

#[pymethods]
impl PretokenCounts {
    /// Counts the pretokens of texts by language.
    #[staticmethod]
    #[pyo3(signature = (texts, *, split, threads, on_progress = None))]
    fn of_texts(
        py: Python<'_>,
        texts: Vec<(String, Texts)>,
        split: &str,
        threads: usize,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        gate::run(py, on_progress, |_| {
            let split: Pattern = split.parse().map_err(|error: Error| error)?;
            let pool = batch_pool(threads)?;
            let mut counts = Counts::new(split);
            for (language, texts) in &texts {
                counts.add(language, &texts.slices(), &pool)?;
            }
            Ok(Self(Arc::new(counts)))
        })
    }

    /// Reads a file of counts.
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        gate::run(py, None, |_| Ok(Self(Arc::new(gamayun_run::open_counts(&path)?))))
    }

    /// Writes the counts to a file, which is there whole or not at all.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        gate::run(py, None, |_| gamayun_run::save_counts(&self.0, &path))
    }

    /// The sums of counts that were made with one split pattern.
    #[staticmethod]
    fn merged(py: Python<'_>, parts: Vec<Py<Self>>) -> PyResult<Self> {
        let parts: Vec<Arc<Counts>> = parts.iter().map(|part| Arc::clone(&part.get().0)).collect();
        gate::run(py, None, |_| {
            let first = parts.first().map_or(Pattern::default(), |part| part.split().clone());
            let mut sum = Counts::new(first);
            for part in parts {
                sum.merge(Arc::unwrap_or_clone(part))?;
            }
            Ok(Self(Arc::new(sum)))
        })
    }

    /// The name of the split pattern.
    #[getter]
    fn split(&self) -> &str {
        self.0.split().name()
    }

    /// (language, documents, bytes of text, different pretokens), by name.
    #[getter]
    fn languages(&self) -> Vec<(String, u64, u64, u64)> {
        let row = |name: &str| {
            let counts = &self.0;
            (name.to_owned(), counts.documents(name), counts.bytes(name), counts.unique_in(name))
        };
        self.0.languages().map(row).collect()
    }

    /// Different pretokens in all languages together.
    #[getter]
    fn unique(&self, py: Python<'_>) -> u64 {
        py.detach(|| self.0.unique())
    }

    /// Tokenizers of several sizes from one training, each as training to its size makes it.
    #[pyo3(signature = (
        vocab_sizes, *, special_tokens, min_frequency, max_token_length, weights, threads, on_progress = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn train(
        &self,
        py: Python<'_>,
        vocab_sizes: Vec<u32>,
        special_tokens: Vec<String>,
        min_frequency: u64,
        max_token_length: Option<usize>,
        weights: Vec<(String, f64)>,
        threads: usize,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<Vec<Tokenizer>> {
        gate::run(py, on_progress, |monitor| {
            let params = TrainParams {
                split: self.0.split().clone(),
                special_tokens,
                min_frequency,
                max_token_length,
                weights,
                threads,
                ..TrainParams::default()
            };
            let made = gamayun_bpe::train_prefixes(&self.0, &params, &vocab_sizes, monitor)?;
            Ok(made.into_iter().map(|tokenizer| Tokenizer(Arc::new(tokenizer))).collect())
        })
    }
}

/// Files of records to a file of counts.
#[pyfunction]
#[pyo3(signature = (
    paths, output, *, language, language_field, split, text_column, format, text_unit, max_document_bytes, on_bad_record,
    threads, memory, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn count_files(
    py: Python<'_>,
    paths: Vec<String>,
    output: PathBuf,
    language: Option<String>,
    language_field: Option<String>,
    split: &str,
    text_column: String,
    format: Option<String>,
    text_unit: &str,
    max_document_bytes: u64,
    on_bad_record: &str,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let read = ReadParams {
            columns: Columns { text: text_column, id: None },
            format: format.as_deref().map(parse_format).transpose()?,
            text_unit: parse_unit(text_unit)?,
            max_document_bytes,
            metadata: false,
        };
        let params = CountFilesParams {
            paths,
            read,
            language,
            language_field,
            on_bad_record: on_bad_record.parse()?,
            split: split.parse().map_err(|error: Error| error)?,
            threads,
            memory,
        };
        Ok(json(&gamayun_run::count_files(&params, &output, monitor)?))
    })
}

/// Adds up files of counts into one.
#[pyfunction]
#[pyo3(signature = (files, output, *, on_progress = None))]
pub(crate) fn merge_count_files(
    py: Python<'_>,
    files: Vec<PathBuf>,
    output: PathBuf,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        Ok(json(&gamayun_run::merge_count_files(&files, &output, monitor)?))
    })
}

/// What a file of counts holds: its split, (language, documents, bytes, pretokens) by name, different pretokens of all
/// languages together, and their bytes.
#[pyfunction]
#[pyo3(signature = (path, *, on_progress = None))]
pub(crate) fn describe_counts(
    py: Python<'_>,
    path: PathBuf,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<(String, Vec<(String, u64, u64, u64)>, u64, u64)> {
    gate::run(py, on_progress, |monitor| {
        let counts = gamayun_run::open_stored(&path, monitor)?;
        let (pretokens, bytes) = counts.unique(monitor)?;
        let rows = counts.languages().iter();
        let rows = rows.map(|row| (row.language.clone(), row.documents, row.bytes, row.pretokens));
        Ok((counts.split().name().to_owned(), rows.collect(), pretokens, bytes))
    })
}

/// Tokenizers of several sizes from a file of counts; then pretokens trained on, left out, and their occurrences.
#[pyfunction]
#[pyo3(signature = (
    path, vocab_sizes, *, special_tokens, min_frequency, max_token_length, weights, min_pretoken_count, threads, memory,
    on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn train_count_file(
    py: Python<'_>,
    path: PathBuf,
    vocab_sizes: Vec<u32>,
    special_tokens: Vec<String>,
    min_frequency: u64,
    max_token_length: Option<usize>,
    weights: Vec<(String, f64)>,
    min_pretoken_count: u64,
    threads: usize,
    memory: u64,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<(Vec<Tokenizer>, u64, u64, u64)> {
    gate::run(py, on_progress, |monitor| {
        let counts = gamayun_run::open_stored(&path, monitor)?;
        let params = TrainParams {
            split: counts.split().clone(),
            special_tokens,
            min_frequency,
            max_token_length,
            weights,
            threads,
            ..TrainParams::default()
        };
        let limits = TrainLimits { memory, min_pretoken_count };
        let (made, trained) =
            gamayun_bpe::train_stored(&counts, &params, limits, &vocab_sizes, monitor)?;
        let made = made.into_iter().map(|tokenizer| Tokenizer(Arc::new(tokenizer))).collect();
        Ok((made, trained.pretokens, trained.left_out, trained.occurrences_left_out))
    })
}

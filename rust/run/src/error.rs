//! What can go wrong in a step of a run.

use std::path::PathBuf;

use gamayun_text::Interrupted;

/// The result of a step.
pub type Result<T> = std::result::Result<T, Error>;

/// A broken promise of a step, or of the engine that it called.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The monitor, or Ctrl-C, asked for the work to stop.
    #[error("stopped")]
    Interrupted,
    /// A record could not become a document, and the user chose to stop at such a record.
    #[error("{path}: {}{detail}", record.map(|n| format!("record {n}: ")).unwrap_or_default())]
    BadRecord {
        /// The input, as the user named it.
        path: String,
        /// The record's number in its file, from 1, where one can be told.
        record: Option<u64>,
        /// What was found and expected.
        detail: String,
    },
    /// A step needs more memory than the user allows.
    #[error(
        "{step} needs {} of memory{}, but --memory allows {}",
        mebibytes(*need), for_documents(*documents), mebibytes(*budget)
    )]
    MemoryTooSmall {
        /// The step.
        step: &'static str,
        /// Bytes it needs.
        need: u64,
        /// Bytes it may have.
        budget: u64,
        /// The documents that it is for; 0 if the need does not depend on them.
        documents: u64,
    },
    /// An input had to be read a second time.
    #[error(
        "{path}: it can be read only once, and what is needed of it does not fit into --memory: \
         allow more, or write it to a file"
    )]
    ReadOnce {
        /// The input, as the user named it.
        path: String,
    },
    /// A parameter has a value that makes no sense.
    #[error("{parameter}: {found}, expected {expected}")]
    Parameter {
        /// Its name.
        parameter: String,
        /// The value.
        found: String,
        /// What would do.
        expected: String,
    },
    /// A file of the run is missing, or is not what the step that wrote it promised.
    #[error("{path}: {what}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A file of the run could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of counts that is none, or was changed.
    #[error("{path}: {source}", path = path.display())]
    Counts {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: gamayun_bpe::Error,
    },
    /// From reading inputs, or reading and writing tables.
    #[error(transparent)]
    Io(#[from] gamayun_io::Error),
    /// From the language model.
    #[error(transparent)]
    Language(#[from] gamayun_language::Error),
    /// From a rule profile.
    #[error(transparent)]
    Quality(#[from] gamayun_quality::Error),
    /// From deduplication.
    #[error(transparent)]
    Dedup(#[from] gamayun_dedup::Error),
    /// From the tokenizer.
    #[error(transparent)]
    Bpe(#[from] gamayun_bpe::Error),
    /// From the shards.
    #[error(transparent)]
    Shard(#[from] gamayun_shard::Error),
}

impl From<Interrupted> for Error {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}

fn for_documents(documents: u64) -> String {
    if documents == 0 { String::new() } else { format!(" for {documents} documents") }
}

impl Error {
    /// Wraps a system error with the file it befell.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.into(), source }
    }

    /// The same of a record of this file.
    pub(crate) fn in_file(self, path: &str) -> Self {
        match self {
            Self::BadRecord { record, detail, .. } => {
                Self::BadRecord { path: path.to_owned(), record, detail }
            }
            other => other,
        }
    }

    /// Says what is wrong with a file of the run.
    pub(crate) fn damaged(path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), what: what.into() }
    }
}

//! What can go wrong in deduplication.

use std::path::{Path, PathBuf};

use gamayun_text::Interrupted;

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a corpus could not be read; the caller knows its own error.
pub type CorpusError = Box<dyn std::error::Error + Send + Sync>;

/// A promise that was broken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A parameter outside its range.
    #[error("{parameter} is {found}: expected {expected}")]
    Parameter {
        /// The name of the parameter.
        parameter: &'static str,
        /// Its value.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A band file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file is not a band file of this version, or was cut or altered.
    #[error("{}: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A part has more documents than its band file can number.
    #[error("{}: {documents} documents in a part: at most {limit} are allowed", path.display())]
    PartTooLarge {
        /// The band file.
        path: PathBuf,
        /// Documents of the part.
        documents: u64,
        /// How many it may have.
        limit: u64,
    },
    /// Band files made with different parameters were put together.
    #[error("{first} and {other} were made with different bands, rows, shingle length or seed")]
    Mismatch {
        /// The first of the files.
        first: String,
        /// The one that differs.
        other: String,
    },
    /// A single component needs more memory for its check than is allowed.
    #[error(
        "a component of {documents} candidate documents needs {needed} bytes to be verified: {budget} are allowed"
    )]
    Memory {
        /// Documents whose shingles must be held at once.
        documents: u64,
        /// Bytes of their shingle sets.
        needed: u64,
        /// Bytes allowed.
        budget: u64,
    },
    /// The corpus did not give the texts that were asked for.
    #[error("the texts of candidate documents could not be read: {0}")]
    Corpus(#[source] CorpusError),
    /// The corpus left out a document that was asked for.
    #[error("the corpus gave no shingles of candidate document {document}")]
    Missing {
        /// The document's index.
        document: u64,
    },
    /// Threads could not be started.
    #[error("{threads} threads could not be started: {problem}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// Why not.
        problem: String,
    },
    /// The monitor stopped the work.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }

    pub(crate) fn damaged(path: &Path, problem: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), problem: problem.into() }
    }
}

impl From<Interrupted> for Error {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

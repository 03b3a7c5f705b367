//! The promises of files and parameters that this crate can find broken.

use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A file, a directory or a parameter is not what it must be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A named source does not exist.
    #[error("{path}: no such file or directory")]
    NotFound {
        /// The path as it was given.
        path: String,
    },
    /// A glob is not a valid pattern.
    #[error("{pattern}: not a valid glob: {detail}")]
    BadGlob {
        /// The pattern as it was given.
        pattern: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A directory or a glob holds no file of a known format.
    #[error("{spec}: no input files found (known endings: {known})")]
    NoInputs {
        /// The directory or pattern as it was given.
        spec: String,
        /// The endings that are looked for.
        known: String,
    },
    /// A file or directory exists and cannot be read.
    #[error("{}: cannot read: {source}", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be written: a full disk, a missing permission.
    #[error("{}: cannot write: {source}", path.display())]
    Unwritable {
        /// The file (not the temporary one beside it).
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table lacks a column that was asked for.
    #[error("{path}: no column {column:?}; its columns are {}{}", names.join(", "), meant(nearest.as_deref()))]
    ColumnMissing {
        /// The file.
        path: String,
        /// The column that was asked for.
        column: String,
        /// The columns that exist.
        names: Vec<String>,
        /// The existing column with the nearest name, if one is near.
        nearest: Option<String>,
    },
    /// A column does not hold what it must.
    #[error("{path}: column {column:?} holds {found}, expected {expected}")]
    ColumnType {
        /// The file.
        path: String,
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// The types it may have.
        expected: &'static str,
    },
    /// A file is of a kind that is not read, or not in this way.
    #[error("{path}: {detail}")]
    Unsupported {
        /// The file.
        path: String,
        /// What it is, and what to do.
        detail: String,
    },
    /// A file is not a valid one of its format.
    #[error("{path}: corrupt: {detail}")]
    Corrupt {
        /// The file.
        path: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A batch cannot be a part of the table that it was given to.
    #[error("{}: a batch does not fit the table: {detail}", path.display())]
    BadBatch {
        /// The table.
        path: PathBuf,
        /// What does not fit.
        detail: String,
    },
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean {name:?}?)"))
}

impl Error {
    /// An error met on reading a path, with absence told apart from the rest.
    pub(crate) fn reading(path: &Path, source: std::io::Error) -> Self {
        if source.kind() == std::io::ErrorKind::NotFound {
            return Self::NotFound { path: path.display().to_string() };
        }
        Self::Unreadable { path: path.to_owned(), source }
    }

    pub(crate) fn writing(path: &Path, source: std::io::Error) -> Self {
        Self::Unwritable { path: path.to_owned(), source }
    }

    /// An error of the Parquet reader, with those of the disk told apart.
    pub(crate) fn reading_parquet(path: &Path, error: ParquetError) -> Self {
        match into_io(error) {
            Ok(source) => Self::reading(path, source),
            Err(error) => {
                Self::Corrupt { path: path.display().to_string(), detail: error.to_string() }
            }
        }
    }

    /// An error of the Parquet writer, with those of the disk told apart.
    pub(crate) fn writing_parquet(path: &Path, error: ParquetError) -> Self {
        match into_io(error) {
            Ok(source) => Self::writing(path, source),
            Err(error) => Self::BadBatch { path: path.to_owned(), detail: error.to_string() },
        }
    }
}

fn into_io(error: ParquetError) -> std::result::Result<std::io::Error, ParquetError> {
    match error {
        ParquetError::External(inner) => {
            inner.downcast::<std::io::Error>().map(|error| *error).map_err(ParquetError::External)
        }
        other => Err(other),
    }
}

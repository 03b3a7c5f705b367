//! What can be wrong with a model file, or with what one is trained on.

use std::path::PathBuf;

/// The result of reading a model.
pub type Result<T> = std::result::Result<T, Error>;

/// The promise that a model file broke.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The model file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file does not begin as fastText model files do.
    #[error("{name}: not a fastText model: it begins with {found:#010x} instead of 0x2f4f16ba")]
    NotAModel {
        /// The model.
        name: String,
        /// The first four bytes as a little-endian number.
        found: u32,
    },
    /// The file was written by a version this reader does not know.
    #[error("{name}: version {found} of the fastText format; 11 and 12 are known")]
    Version {
        /// The model.
        name: String,
        /// The version in the file.
        found: i32,
    },
    /// The file ends too early.
    #[error("{name}: offset {offset}: {what} needs {needed} bytes, {left} are left")]
    Truncated {
        /// The model.
        name: String,
        /// Where in the file, in bytes.
        offset: u64,
        /// What was being read.
        what: &'static str,
        /// The bytes it needs.
        needed: u64,
        /// The bytes from the offset to the end.
        left: u64,
    },
    /// A value in the file contradicts the format or another value.
    #[error("{name}: {what} is {value}; expected {expected}")]
    Malformed {
        /// The model.
        name: String,
        /// What the value is for.
        what: &'static str,
        /// The value found.
        value: String,
        /// What it should have been.
        expected: String,
    },
    /// A parameter is outside of what can be done.
    #[error("{parameter} is {found}; expected {expected}")]
    Parameter {
        /// Its name.
        parameter: &'static str,
        /// The value found.
        found: String,
        /// What it should have been.
        expected: String,
    },
    /// Training needs examples of at least two labels.
    #[error("labels: examples of fewer than two of {labels:?}; expected two or more")]
    TooFewLabels {
        /// The names of the labels.
        labels: Vec<String>,
    },
    /// An example has a label without a name.
    #[error("an example has label {label}; expected a number below {labels}")]
    UnknownLabel {
        /// The number of the label.
        label: u32,
        /// How many have names.
        labels: u64,
    },
    /// The file format numbers words and labels with 31 bits.
    #[error("{words} words; the format holds fewer than 2^31: raise min_count")]
    TooManyWords {
        /// The words found.
        words: u64,
    },
    /// Sums overflowed during training.
    #[error("learning_rate: training diverged in epoch {epoch}; expected a smaller one")]
    Diverged {
        /// The epoch, from 1.
        epoch: u64,
    },
    /// The monitor stopped the work.
    #[error("interrupted")]
    Interrupted,
}

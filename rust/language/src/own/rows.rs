//! The features that a model knows, each with a row of small whole numbers.

use super::lines::Lines;

/// Numbers of a row.
pub(crate) const WIDTH: usize = 32;

/// A row; two fill a line of the processor's cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(32))]
pub(crate) struct Row(pub(crate) [i8; WIDTH]);

/// Rows by the hashes of their features.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    /// Hashes in ascending order, as in the file.
    keys: Vec<u32>,
    of_keys: Vec<Row>,
    lines: Lines,
}

impl Rows {
    /// Of keys in ascending order without repetition, each with its row; none if the keys are no hashes.
    pub(crate) fn new(keys: Vec<u32>, rows: Vec<Row>) -> Option<Self> {
        Some(Self { lines: Lines::new(&keys)?, keys, of_keys: rows })
    }

    pub(crate) fn keys(&self) -> &[u32] {
        &self.keys
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.of_keys
    }

    pub(crate) fn lines(&self) -> &Lines {
        &self.lines
    }
}

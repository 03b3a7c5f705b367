//! One bit for each document of a run, set on several threads.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::part::index;

/// Documents that have something in common, by row. An eighth of a byte for each document, whether it is in or not.
pub(crate) struct Bits(Vec<AtomicU64>);

impl Bits {
    /// No document of so many.
    pub(crate) fn none_of(documents: u64) -> Self {
        Self((0..documents.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    /// All documents of so many.
    pub(crate) fn all_of(documents: u64) -> Self {
        Self((0..documents.div_ceil(64)).map(|_| AtomicU64::new(u64::MAX)).collect())
    }

    pub(crate) fn insert(&self, row: u64) {
        self.0[index(row / 64)].fetch_or(1 << (row % 64), Ordering::Relaxed);
    }

    pub(crate) fn contains(&self, row: u64) -> bool {
        self.0[index(row / 64)].load(Ordering::Relaxed) >> (row % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_in() {
        let bits = Bits::none_of(200);
        let rows = [0, 1, 63, 64, 127, 199];
        for row in rows {
            bits.insert(row);
        }
        assert_eq!((0..200).filter(|row| bits.contains(*row)).collect::<Vec<_>>(), rows);
    }
}

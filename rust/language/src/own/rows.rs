//! The features that a model knows, each with a row of small whole numbers.

use super::index::Index;

/// Numbers of a row.
pub(crate) const WIDTH: usize = 32;

/// A row.
pub(crate) type Row = [i8; WIDTH];

/// Rows by the hashes of their features.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// Hashes in ascending order, as in the file.
    keys: Vec<u32>,
    of_keys: Vec<Row>,
    index: Index,
}

impl Rows {
    /// Of keys in ascending order without repetition, each with its row.
    pub(crate) fn new(keys: Vec<u32>, rows: Vec<Row>) -> Self {
        Self { index: Index::new(&keys), keys, of_keys: rows }
    }

    pub(crate) fn keys(&self) -> &[u32] {
        &self.keys
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.of_keys
    }

    /// The row of a feature.
    #[inline]
    pub(crate) fn get(&self, key: u32) -> Option<&Row> {
        self.index.place(key).map(|place| &self.of_keys[place])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_is_there(known: BTreeMap<u32, i8>, asked: Vec<u32>) {
            let rows = known.values().map(|&v| [v; WIDTH]).collect();
            let table = Rows::new(known.keys().copied().collect(), rows);
            for key in asked.iter().chain(known.keys()) {
                prop_assert_eq!(table.get(*key).map(|row| row[0]), known.get(key).copied());
            }
        }
    }
}

//! The entries of a range of keys in groups of equal keys.

use std::ops::Range;

use crate::Result;

/// Buckets of more entries than this are sorted by comparison.
const FULL: usize = 32;

/// A key and a row.
pub(crate) type Entry = (u64, u64);

/// Takes entries and gives the rows of each key that has several; kept from range to range.
#[derive(Debug, Default)]
pub(crate) struct Grouper {
    entries: Vec<Entry>,
    placed: Vec<Entry>,
    /// Where the next entry of each bucket goes: at last, where the bucket ends.
    ends: Vec<usize>,
}

impl Grouper {
    /// Bytes for each entry, and as many again for its edge and what is read of the file that it is in.
    pub(crate) const ENTRY: u64 = 48;

    pub(crate) fn push(&mut self, key: u64, row: u64) {
        self.entries.push((key, row));
    }

    /// The keys so far.
    pub(crate) fn keys(&self) -> impl ExactSizeIterator<Item = u64> {
        self.entries.iter().map(|entry| entry.0)
    }

    /// Gives the entries of each key that has more than one to `f`, by key, in the order in which they came; then it is
    /// empty. All keys are in the range, whose length is a power of two.
    ///
    /// Keys are hashes: one pass by their top bits leaves about four in a bucket, and what is not so is sorted all the
    /// same.
    pub(crate) fn groups(
        &mut self,
        keys: &Range<u64>,
        f: &mut dyn FnMut(&[Entry]) -> Result<()>,
    ) -> Result<()> {
        self.place(keys);
        let mut start = 0;
        for end in &self.ends {
            let bucket = &mut self.placed[start..*end];
            start = *end;
            if bucket.len() > FULL {
                bucket.sort_by_key(|entry| entry.0); // stable
            } else if bucket.len() > 1 {
                insertion_sort(bucket);
            } else {
                continue;
            }
            bucket
                .chunk_by(|a, b| a.0 == b.0)
                .filter(|group| group.len() > 1)
                .try_for_each(&mut *f)?;
        }
        self.entries.clear();
        Ok(())
    }

    /// Puts the entries into their buckets.
    #[expect(clippy::cast_possible_truncation, reason = "a bucket of a table in memory fits usize")]
    fn place(&mut self, keys: &Range<u64>) {
        let bits = (keys.end - keys.start).trailing_zeros();
        let buckets = (self.entries.len() / 4).next_power_of_two().trailing_zeros().min(bits);
        let bucket = |key: u64| ((key - keys.start) >> (bits - buckets)) as usize;
        self.ends.clear();
        self.ends.resize(1 << buckets, 0);
        for (key, _) in &self.entries {
            self.ends[bucket(*key)] += 1;
        }
        let mut end = 0;
        for place in &mut self.ends {
            (*place, end) = (end, end + *place);
        }
        self.placed.resize(self.entries.len(), (0, 0));
        for entry in &self.entries {
            let place = &mut self.ends[bucket(entry.0)];
            self.placed[*place] = *entry;
            *place += 1;
        }
    }
}

/// Sorts a few entries by key, those of equal keys in their order.
fn insertion_sort(entries: &mut [Entry]) {
    for at in 1..entries.len() {
        let entry = entries[at];
        let mut hole = at;
        while hole > 0 && entries[hole - 1].0 > entry.0 {
            entries[hole] = entries[hole - 1];
            hole -= 1;
        }
        entries[hole] = entry;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn groups_are_those_of_a_tree(
            keys in prop::collection::vec(prop_oneof![0u64..1 << 20, 0u64..40, Just(7)], 0..900),
            start in 0u64..9,
        ) {
            let start = start << 20;
            let mut expected: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
            let mut grouper = Grouper::default();
            for _ in 0..2 { // the second time with what the first left
                expected.clear();
                for (row, key) in (0..).zip(&keys) {
                    expected.entry(start + key).or_default().push(row);
                    grouper.push(start + key, row);
                }
                expected.retain(|_, rows| rows.len() > 1);
                let mut found: Vec<(u64, Vec<u64>)> = Vec::new();
                grouper.groups(&(start..start + (1 << 20)), &mut |group| {
                    found.push((group[0].0, group.iter().map(|entry| entry.1).collect()));
                    Ok(())
                }).unwrap();
                prop_assert_eq!(&found, &expected.clone().into_iter().collect::<Vec<_>>());
            }
        }
    }
}

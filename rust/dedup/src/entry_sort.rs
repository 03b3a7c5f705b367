//! Sorts words whose high bits are hashes: each goes near its place at once, and neighbours are exchanged.

use crate::near_sorted;

/// Words of a bucket that exchanges bring to their places; fuller ones are sorted first.
const FULL: usize = 6;
/// Fewer words are sorted by comparison.
const FEWEST: usize = 48;

/// Sorts, with memory that is kept from one time to the next.
#[derive(Debug, Default)]
pub(crate) struct EntrySorter {
    ends: Vec<u32>,
    placed: Vec<u64>,
}

impl EntrySorter {
    /// Sorts the words. It is fast where the high bits of most are spread evenly, and right whatever they are.
    pub(crate) fn sort(&mut self, words: &mut Vec<u64>) {
        let buckets = words.len().next_power_of_two();
        if words.len() < FEWEST || u32::try_from(buckets).is_err() {
            return words.sort_unstable();
        }
        self.place(words, buckets);
        let mut start = 0;
        for end in self.ends.iter().map(|end| *end as usize) {
            if end - start > FULL {
                self.placed[start..end].sort_unstable();
            }
            start = end;
        }
        near_sorted::sort(&mut self.placed);
        std::mem::swap(words, &mut self.placed);
    }

    /// Puts each word into its bucket; then the ends of the buckets are known.
    fn place(&mut self, words: &[u64], buckets: usize) {
        let shift = 64 - buckets.trailing_zeros();
        let ends = &mut self.ends;
        ends.clear();
        ends.resize(buckets, 0);
        for word in words {
            ends[bucket(*word, shift)] += 1;
        }
        let mut next = 0;
        for end in ends.iter_mut() {
            (*end, next) = (next, next + *end);
        }
        self.placed.resize(words.len(), 0);
        for word in words {
            let place = &mut ends[bucket(*word, shift)];
            self.placed[*place as usize] = *word;
            *place += 1;
        }
    }
}

/// The bucket of a word: what is left of it when all but the high bits are gone.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "at most 32 bits are left")]
fn bucket(word: u64, shift: u32) -> usize {
    (word >> shift) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words() -> impl Strategy<Value = Vec<u64>> {
        let word = prop_oneof![
            4 => any::<u64>(),
            2 => (0u64..9, 0u64..99).prop_map(|(key, row)| key << 61 | row),
            1 => 0u64..100,
        ];
        prop::collection::vec(word, 0..600)
    }

    proptest! {
        #[test]
        fn all_are_sorted_whatever_was_before(many in prop::collection::vec(words(), 1..4)) {
            let mut sorter = EntrySorter::default();
            for mut words in many {
                let mut expected = words.clone();
                expected.sort_unstable();
                sorter.sort(&mut words);
                prop_assert_eq!(words, expected);
            }
        }
    }
}

//! Which features a model knows and where their rows are, in lines of the processor's cache: one line answers for a
//! feature.

use super::grams::BITS;

/// Features of a line, at most.
pub(crate) const MARKS: usize = 30;
/// Lines of a small model, as a power of two: marks of 16 bits tell the features of a line apart.
const FEWEST: u32 = BITS - 16;
/// What a table may be larger than hashes spread by chance need, as a power of two.
const SLACK: u32 = 4;

/// The features whose hashes begin alike.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Line {
    /// The low bits of their hashes, in ascending order of the hashes.
    pub(crate) marks: [u16; MARKS],
    /// How many there are in the low five bits; above, the place of the first.
    first: u32,
}

/// What tells a hash from the others of its line.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low bits")]
pub(crate) fn mark_of(key: u32) -> u16 {
    key as u16
}

/// Places by hash.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    lines: Vec<Line>,
    shift: u32,
}

impl Line {
    /// A bit for each mark that counts.
    #[inline]
    pub(crate) fn filled(&self) -> u32 {
        (1 << (self.first & 31)) - 1
    }

    /// The place of the first mark.
    #[inline]
    pub(crate) fn base(&self) -> u32 {
        self.first >> 5
    }
}

impl Lines {
    /// Of hashes in ascending order without repetition, fewer than 2^27; none if they are not spread as hashes are.
    pub(crate) fn new(keys: &[u32]) -> Option<Self> {
        let least = (keys.len() / 14).next_power_of_two().trailing_zeros().clamp(FEWEST, 26);
        (least..=least + SLACK).find_map(|bits| Self::of_bits(keys, bits.min(BITS)))
    }

    fn of_bits(keys: &[u32], bits: u32) -> Option<Self> {
        let shift = BITS - bits;
        let mut lines = vec![Line { marks: [0; MARKS], first: 0 }; 1 << bits];
        let mut base = 0;
        for same in keys.chunk_by(|a, b| a >> shift == b >> shift) {
            let line = lines.get_mut((same[0] >> shift) as usize)?;
            for (mark, key) in line.marks.iter_mut().zip(same) {
                *mark = mark_of(*key);
            }
            let count = u32::try_from(same.len()).ok().filter(|&n| n as usize <= MARKS)?;
            line.first = base << 5 | count;
            base += count;
        }
        Some(Self { lines, shift })
    }

    /// The line of a hash.
    #[inline]
    pub(crate) fn line(&self, key: u32) -> &Line {
        &self.lines[(key >> self.shift) as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn find(lines: &Lines, key: u32) -> Option<u32> {
        let line = lines.line(key);
        let at = line.marks.iter().position(|&mark| mark == mark_of(key))?;
        (line.filled() >> at & 1 == 1).then(|| line.base() + u32::try_from(at).unwrap_or(0))
    }

    proptest! {
        #[test]
        fn finds_what_is_there(known in prop::collection::btree_set(0..1_u32 << BITS, 0..400), asked in prop::collection::vec(0..1_u32 << BITS, 0..100)) {
            let keys: Vec<u32> = known.iter().copied().collect();
            let lines = Lines::new(&keys).unwrap();
            for (key, place) in keys.iter().zip(0..) {
                prop_assert_eq!(find(&lines, *key), Some(place));
            }
            for key in asked {
                prop_assert_eq!(find(&lines, key).is_some(), known.contains(&key));
            }
        }
    }

    #[test]
    fn a_full_line_makes_more_lines() {
        let spread = |n: u32| (0..n).map(|key| key << 11).collect::<Vec<u32>>();
        assert!(Lines::new(&spread(2_000)).is_some());
        let crowd: BTreeSet<u32> = (0..5_000).collect();
        assert!(Lines::new(&crowd.into_iter().collect::<Vec<u32>>()).is_none());
    }
}

//! How often stages read each part of a pool, whose tokens come again epoch after epoch.

use std::ops::Range;

/// The pool cut where a stage begins or ends, so that each segment is read whole or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reads {
    /// Where segments begin, from 0, and the tokens of the pool at the end.
    cuts: Vec<u64>,
    stages: Vec<Range<u64>>,
}

impl Reads {
    pub(crate) fn of(stages: &[Range<u64>], tokens: u64) -> Self {
        let mut cuts = vec![0, tokens];
        let inside = |at: u64| at.checked_rem(tokens);
        cuts.extend(
            stages.iter().flat_map(|read| [inside(read.start), inside(read.end)]).flatten(),
        );
        cuts.sort_unstable();
        cuts.dedup();
        Self { cuts, stages: stages.to_vec() }
    }

    /// The tokens of the pool.
    pub(crate) fn tokens(&self) -> u64 {
        self.cuts.last().copied().unwrap_or(0)
    }

    /// The parts of a range of the pool, with the segments that they lie in.
    pub(crate) fn parts(&self, range: &Range<u64>) -> impl Iterator<Item = (usize, Range<u64>)> {
        let first = self.cuts.partition_point(|&cut| cut <= range.start).saturating_sub(1);
        let segments = self.cuts.windows(2).enumerate().skip(first);
        let (start, end) = (range.start, range.end);
        segments
            .take_while(move |(_, cuts)| cuts[0] < end)
            .map(move |(n, cuts)| (n, start.max(cuts[0])..end.min(cuts[1])))
    }

    /// How often a stage reads a segment: the epochs k with start ≤ k·tokens + first and k·tokens + last ≤ end.
    pub(crate) fn times(&self, segment: usize, stage: usize) -> u64 {
        let (tokens, read) = (self.tokens(), &self.stages[stage]);
        let (first, last) = (self.cuts[segment], self.cuts[segment + 1]);
        let Some(rest) = read.end.checked_sub(last) else { return 0 };
        let from = read.start.saturating_sub(first).div_ceil(tokens);
        (rest / tokens + 1).saturating_sub(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each token of each stage on its own, against segments.
    #[test]
    fn every_token_is_read_as_often_as_one_by_one() {
        for tokens in 1..9u64 {
            for (start, end) in (0..20u64).flat_map(|a| (a..20).map(move |b| (a, b))) {
                let stages = [start..end, 0..start, 3..3];
                let reads = Reads::of(&stages, tokens);
                let mut slow = vec![[0u64; 3]; usize::try_from(tokens).unwrap()];
                for (stage, read) in stages.iter().enumerate() {
                    for at in read.clone() {
                        slow[usize::try_from(at % tokens).unwrap()][stage] += 1;
                    }
                }
                for (at, expected) in (0..).zip(&slow) {
                    let parts: Vec<_> = reads.parts(&(at..at + 1)).collect();
                    assert_eq!(parts.len(), 1);
                    assert_eq!(parts[0].1, at..at + 1);
                    let found: Vec<u64> =
                        (0..3).map(|stage| reads.times(parts[0].0, stage)).collect();
                    assert_eq!(found, expected, "{at} of {tokens}, {stages:?}");
                }
            }
        }
    }

    #[test]
    fn parts_cover_a_range() {
        let reads = Reads::of(&[3..17, 0..0], 10);
        let parts: Vec<_> = reads.parts(&(2..9)).collect();
        assert_eq!(parts, [(0, 2..3), (1, 3..7), (2, 7..9)]);
        assert_eq!(Reads::of(&[], 0).tokens(), 0);
    }
}

//! Which pairs of tokens merge below a rank.

use crate::pair_map::pair;

/// Slots that are looked at together.
const BUCKET: usize = 4;
const FREE: u32 = u32::MAX;
/// Bits of the filter for each pair in it, of which two are set.
const BITS_PER_PAIR: usize = 16;

/// The ranks of pairs.
#[derive(Clone, Debug)]
pub(crate) struct Pairs {
    /// By hash: most pairs that are asked for do not merge, and this is small enough to tell it at once.
    filter: Vec<u64>,
    /// By hash, filled from the front: a rank in the low bits, a part of the hash in those that ranks leave. A full bucket
    /// goes on in the next.
    buckets: Vec<[u32; BUCKET]>,
    /// The bits of a rank.
    ranks: u32,
    by_rank: Vec<(u32, u32)>,
}

impl Pairs {
    /// Of the pairs in the order of their ranks; of a pair that is there twice the last rank counts.
    pub(crate) fn new(by_rank: Vec<(u32, u32)>) -> Self {
        // One rank more than there are, so that no slot is [`FREE`].
        let ranks = (by_rank.len() as u64 + 2).next_power_of_two() - 1;
        let words = (by_rank.len() * BITS_PER_PAIR / 64).next_power_of_two();
        let mut pairs = Self {
            filter: vec![0; words],
            buckets: vec![[FREE; BUCKET]; by_rank.len().next_power_of_two()],
            ranks: u32::try_from(ranks).unwrap_or(u32::MAX),
            by_rank,
        };
        for rank in (0..pairs.by_rank.len()).rev() {
            pairs.add(rank);
        }
        pairs
    }

    fn add(&mut self, rank: usize) {
        let two = self.by_rank[rank];
        if self.merge_below(two, u32::MAX) {
            return;
        }
        let hash = hash(two.0, two.1);
        let word = self.word(hash);
        self.filter[word] |= bits(hash);
        let slot = self.tag(hash) | u32::try_from(rank).unwrap_or_default();
        let mut at = self.spot(hash);
        loop {
            if let Some(free) = self.buckets[at].iter_mut().find(|slot| **slot == FREE) {
                *free = slot;
                return;
            }
            at = (at + 1) & (self.buckets.len() - 1);
        }
    }

    /// Whether two tokens merge with a rank below a limit.
    #[inline]
    pub(crate) fn merge_below(&self, two: (u32, u32), limit: u32) -> bool {
        let hash = hash(two.0, two.1);
        let bits = bits(hash);
        self.filter[self.word(hash)] & bits == bits && self.search(two, hash, limit)
    }

    #[inline]
    fn search(&self, two: (u32, u32), hash: u64, limit: u32) -> bool {
        let (mut at, tag) = (self.spot(hash), self.tag(hash));
        // What is left of a slot of this tag is its rank; of another tag it is more than any rank.
        let limit = limit.min(self.ranks);
        loop {
            let bucket = &self.buckets[at];
            let below: u32 = bucket.iter().map(|slot| u32::from(slot ^ tag < limit)).sum();
            if below > 0 && self.is_below(bucket, two, tag, limit) {
                return true;
            }
            if bucket[BUCKET - 1] == FREE {
                return false;
            }
            at = (at + 1) & (self.buckets.len() - 1);
        }
    }

    /// Others may have the same tag: what it says counts only if the pair of the rank says it too.
    #[inline(never)]
    fn is_below(&self, bucket: &[u32; BUCKET], two: (u32, u32), tag: u32, limit: u32) -> bool {
        let ranks = bucket.iter().map(|slot| slot ^ tag).filter(|&rank| rank < limit);
        ranks.into_iter().any(|rank| self.by_rank[rank as usize] == two)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "takes some bits of a hash")]
    fn tag(&self, hash: u64) -> u32 {
        hash as u32 & !self.ranks
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the mask keeps less than a usize")]
    fn word(&self, hash: u64) -> usize {
        hash as usize & (self.filter.len() - 1)
    }

    #[inline]
    fn spot(&self, hash: u64) -> usize {
        (hash >> 32) as usize & (self.buckets.len() - 1)
    }
}

#[inline]
fn hash(left: u32, right: u32) -> u64 {
    let product = pair(left, right).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    product ^ product >> 32
}

/// Two bits of a word of the filter.
#[inline]
fn bits(hash: u64) -> u64 {
    1 << (hash >> 58) | 1 << (hash >> 52 & 63)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn answers_as_a_map_does(
            known in prop::collection::vec((0_u32..60, 0_u32..60), 0..900),
            asked in prop::collection::vec((0_u32..60, 0_u32..60, 0_u32..900), 400),
        ) {
            let ranks: BTreeMap<_, u32> = known.iter().copied().zip(0..).collect();
            let pairs = Pairs::new(known);
            for (left, right, limit) in asked {
                let expected = ranks.get(&(left, right)).is_some_and(|&rank| rank < limit);
                prop_assert_eq!(pairs.merge_below((left, right), limit), expected);
            }
        }
    }
}

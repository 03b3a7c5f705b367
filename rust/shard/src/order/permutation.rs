//! A keyed permutation of the numbers below any `n`: four Feistel rounds, walked until the result is below `n`.

use gamayun_text::hash::mix64;

const ROUNDS: u64 = 4;

/// A bijection of `0..n` onto itself; no table, the same cost anywhere.
#[derive(Clone, Copy, Debug)]
pub struct Permutation {
    n: u64,
    key: u64,
    /// Bits of each half of the numbers that the rounds permute.
    half: u32,
}

impl Permutation {
    /// The permutation of `0..n` that belongs to `key`.
    #[must_use]
    pub fn new(n: u64, key: u64) -> Self {
        let bits = u64::BITS - n.saturating_sub(1).leading_zeros();
        Self { n, key, half: bits.div_ceil(2).max(1) }
    }

    /// Where `i` goes; numbers from `n` on stay.
    #[must_use]
    pub fn at(&self, i: u64) -> u64 {
        if i >= self.n || self.n < 2 {
            return i;
        }
        // The rounds permute the numbers below 4^half, fewer than 4 n: a walk along a cycle of theirs comes back below
        // n after less than four steps on average, and two walks never meet.
        let mut place = self.rounds(i);
        while place >= self.n {
            place = self.rounds(place);
        }
        place
    }

    fn rounds(&self, i: u64) -> u64 {
        let mask = u64::MAX >> (u64::BITS - self.half);
        let (mut left, mut right) = (i >> self.half & mask, i & mask);
        for round in 1..=ROUNDS {
            (left, right) = (right, left ^ (mix64(mix64(right, round), self.key) & mask));
        }
        left << self.half | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_hit_once() {
        for n in (0..70).chain([1000, 4095, 4096, 4097, 70_001]) {
            for key in [0, 1, u64::MAX] {
                let permutation = Permutation::new(n, key);
                let mut hit: Vec<u64> = (0..n).map(|i| permutation.at(i)).collect();
                hit.sort_unstable();
                assert!(hit.into_iter().eq(0..n), "{n} {key}");
            }
        }
    }

    #[test]
    fn the_largest_numbers_are_permuted_too() {
        let permutation = Permutation::new(u64::MAX, 7);
        let hit: std::collections::BTreeSet<u64> = (0..1000).map(|i| permutation.at(i)).collect();
        assert_eq!(hit.len(), 1000);
        assert!(hit.iter().all(|&place| place < u64::MAX));
    }

    #[test]
    fn another_key_is_another_permutation() {
        let places = |key| (0..100).map(|i| Permutation::new(100, key).at(i)).collect::<Vec<_>>();
        assert_ne!(places(1), places(2));
        let still = places(3).iter().enumerate().filter(|&(i, &place)| i as u64 == place).count();
        assert!(still < 10, "{still} of 100 stay");
    }
}

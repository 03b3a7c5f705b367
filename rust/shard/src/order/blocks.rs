//! How many samples each pool has given at every block's end: within one of its exact part, always.
//!
//! After `e` of `n` samples, a pool with `s` of them in the stage is due `s × e / n`. At a block's end it has given that
//! rounded down or up. Down is what it must have; what is left of the block goes to the pools whose next sample is due
//! soonest. This is scheduling by earliest deadline, which finds a schedule whenever there is one (and there is: R.
//! Tijdeman, "The chairman assignment problem", Discrete Mathematics 32, 1980), so no pool ever waits for a sample
//! that it is owed, or gets one that it is not.

use std::cmp::Ordering;

/// What the pools have given at the end of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// Samples of the stage so far.
    pub(crate) end: u64,
    /// Samples of each pool so far.
    pub(crate) counts: Vec<u64>,
    /// Of `n`, the part of a sample that each pool is due above the whole ones.
    rests: Vec<u64>,
    /// Whether each pool has given the sample that it is due a part of.
    ahead: Vec<bool>,
}

/// The samples of each pool in a stage, and of all together.
#[derive(Clone, Debug)]
pub(crate) struct Quotas {
    samples: Vec<u64>,
    n: u64,
    block: u64,
    /// What a whole block adds to what a pool is due: whole samples, and of `n` the rest.
    steps: Vec<(u64, u64)>,
}

impl Quotas {
    /// `n` is the sum of `samples`.
    pub(crate) fn new(samples: &[u64], n: u64, block: u64) -> Self {
        let steps = samples.iter().map(|&samples| due(samples, block.min(n), n)).collect();
        Self { samples: samples.to_vec(), n, block, steps }
    }

    /// Before the first block.
    pub(crate) fn start(&self) -> Given {
        let zeros = vec![0; self.samples.len()];
        Given { end: 0, counts: zeros.clone(), ahead: vec![false; zeros.len()], rests: zeros }
    }

    /// What is known at a block's end from the counts alone.
    pub(crate) fn resume(&self, end: u64, counts: &[u64]) -> Given {
        let dues = self.samples.iter().map(|&samples| due(samples, end, self.n));
        let (floors, rests): (Vec<u64>, Vec<u64>) = dues.unzip();
        let ahead = floors.iter().zip(counts).map(|(floor, count)| count > floor).collect();
        Given { end, counts: counts.to_vec(), rests, ahead }
    }

    /// One block further.
    pub(crate) fn advance(&self, given: &mut Given) {
        let end = given.end.saturating_add(self.block).min(self.n);
        let whole = end - given.end == self.block;
        let mut left = end;
        let mut waiting = Vec::with_capacity(self.samples.len());
        for (pool, &samples) in self.samples.iter().enumerate() {
            let before = given.counts[pool];
            let (floor, rest) = if whole {
                self.stepped(pool, before - u64::from(given.ahead[pool]), given.rests[pool])
            } else {
                due(samples, end, self.n)
            };
            given.rests[pool] = rest;
            given.ahead[pool] = before > floor;
            given.counts[pool] = before.max(floor);
            left -= given.counts[pool];
            if before <= floor && rest > 0 {
                waiting.push(pool);
            }
        }
        given.end = end;
        self.hand_out(left, &mut waiting, given);
    }

    /// What a pool is due one whole block later.
    fn stepped(&self, pool: usize, floor: u64, rest: u64) -> (u64, u64) {
        let (whole, part) = self.steps[pool];
        // The rests are below n, which may be near 2⁶⁴: what is missing to n is compared, not their sum.
        if rest >= self.n - part && part > 0 {
            (floor + whole + 1, rest - (self.n - part))
        } else {
            (floor + whole, rest + part)
        }
    }

    /// Gives one sample more to the `left` pools whose next is due soonest; the earlier pool if two are equally near.
    fn hand_out(&self, left: u64, waiting: &mut [usize], given: &mut Given) {
        let left = usize::try_from(left).unwrap_or(waiting.len()).min(waiting.len());
        if let Some(last) = left.checked_sub(1) {
            waiting.select_nth_unstable_by(last, |&a, &b| self.sooner(&given.rests, a, b));
        }
        for &pool in &waiting[..left] {
            given.counts[pool] += 1;
            given.ahead[pool] = true;
        }
    }

    /// By the samples of the stage until the next of a pool is due, (n − rest) / samples; then by pool.
    fn sooner(&self, rests: &[u64], a: usize, b: usize) -> Ordering {
        let key = |this: usize, other: usize| {
            u128::from(self.n - rests[this]) * u128::from(self.samples[other])
        };
        key(a, b).cmp(&key(b, a)).then(a.cmp(&b))
    }
}

/// `samples × end / n`, as a whole number and the rest of `n`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the quotient is at most `samples`, the rest below `n`"
)]
fn due(samples: u64, end: u64, n: u64) -> (u64, u64) {
    let product = u128::from(samples) * u128::from(end);
    match u128::from(n) {
        0 => (0, 0),
        n => ((product / n) as u64, (product % n) as u64),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// After every block: all given, none taken back, every pool less than one sample from its exact part.
    fn assert_exact(samples: &[u64], block: u64) {
        let n: u64 = samples.iter().sum();
        let quotas = Quotas::new(samples, n, block);
        let mut given = quotas.start();
        while given.end < n {
            let before = given.counts.clone();
            quotas.advance(&mut given);
            assert_eq!(given.counts.iter().sum::<u64>(), given.end);
            for (pool, &samples) in samples.iter().enumerate() {
                assert!(before[pool] <= given.counts[pool]);
                let exact = u128::from(samples) * u128::from(given.end);
                let found = u128::from(given.counts[pool]) * u128::from(n);
                assert!(exact.abs_diff(found) < u128::from(n), "pool {pool} at {}", given.end);
            }
            assert_eq!(given, quotas.resume(given.end, &given.counts));
        }
        assert_eq!(given.counts, samples);
    }

    #[test]
    fn a_thousand_tiny_pools_beside_a_large_one() {
        let mut samples = vec![1; 1000];
        samples.push(100_000);
        samples.extend([0, 17, 4096]);
        assert_exact(&samples, 64);
    }

    #[test]
    fn numbers_near_the_largest() {
        let samples = [u64::MAX / 2, u64::MAX / 2 - 5, 3];
        assert_exact(&samples, u64::MAX / 3);
    }

    proptest! {
        #[test]
        fn every_block_is_exact(
            samples in prop::collection::vec(prop_oneof![0_u64..5, 0_u64..3000], 1..40),
            block in prop_oneof![Just(1_u64), 1_u64..300],
        ) {
            assert_exact(&samples, block);
        }

        #[test]
        fn it_is_the_obvious_schedule(samples in prop::collection::vec(0_u64..40, 1..8), block in 1_u64..12) {
            let n = samples.iter().sum::<u64>();
            let quotas = Quotas::new(&samples, n, block);
            let (mut given, mut slow) = (quotas.start(), vec![0; samples.len()]);
            while given.end < n {
                quotas.advance(&mut given);
                obvious(&samples, n, given.end, &mut slow);
                prop_assert_eq!(&given.counts, &slow);
            }
        }
    }

    /// One sample after another to whom it is due first, among those who may have one, until the block is full.
    fn obvious(samples: &[u64], n: u64, end: u64, counts: &mut [u64]) {
        while counts.iter().sum::<u64>() < end {
            let due = |pool: usize| ((counts[pool] + 1) * n, samples[pool]);
            let may = (0..samples.len()).filter(|&pool| counts[pool] * n < samples[pool] * end);
            let next = may.min_by(|&a, &b| {
                let ((at, of), (bt, bf)) = (due(a), due(b));
                (at * bf).cmp(&(bt * of)).then(a.cmp(&b))
            });
            counts[next.unwrap()] += 1;
        }
    }
}

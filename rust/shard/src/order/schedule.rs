//! Which pool each sample of a stage comes from, and how many samples of that pool came before it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use gamayun_text::hash::mix64;

use super::blocks::{Given, Quotas};
use super::key;
use super::rotation::Rotation;
use crate::{Error, Result};

/// Samples of a block: at its end every pool is within one sample of its exact part.
pub const BLOCK: u64 = 4096;

/// The counts that are kept, at 8 bytes a pool and kept block; those between are made again when they are needed.
const KEPT: usize = 1 << 22;

/// Blocks at hand, made last.
const AT_HAND: usize = 16;

/// Where a sample of a stage comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The pool, as a place in the stage's list of pools.
    pub pool: usize,
    /// How many samples of the pool the stage has given before.
    pub sample: u64,
}

/// The schedule of a stage; asking it for a sample costs the same anywhere.
#[derive(Debug)]
pub struct Schedule {
    key: u64,
    samples: u64,
    quotas: Quotas,
    /// Every so many blocks, `kept` has the counts at a block's start.
    stride: usize,
    kept: Vec<u64>,
    pools: usize,
    /// Of a whole block, and of the last if it is shorter.
    rotations: (Rotation, Rotation),
    at_hand: Mutex<VecDeque<Arc<Block>>>,
}

/// A block: what the pools gave before it, and how it is dealt out.
#[derive(Debug)]
struct Block {
    number: u64,
    /// Samples of each pool before the block.
    before: Vec<u64>,
    /// The places of pool `p` are those from `places[p]` to below `places[p + 1]`.
    places: Vec<u64>,
    rotation: Rotation,
}

impl Schedule {
    /// The schedule of the stage of this name, which takes `samples[p]` samples of pool `p`.
    pub fn new(samples: &[u64], seed: u64, stage: &str) -> Result<Self> {
        Self::with_kept(samples, key::of_stage(seed, stage), KEPT)
    }

    fn with_kept(samples: &[u64], key: u64, room: usize) -> Result<Self> {
        let total = samples.iter().try_fold(0_u64, |sum, &samples| sum.checked_add(samples));
        let total = total.ok_or_else(|| Error::Params {
            parameter: "samples",
            message: "the samples of the pools sum to 2⁶⁴ or more".to_owned(),
        })?;
        let quotas = Quotas::new(samples, total, BLOCK);
        let pools = samples.len();
        let blocks = usize::try_from(total.div_ceil(BLOCK)).unwrap_or(usize::MAX);
        let stride = blocks.saturating_mul(pools).div_ceil(room).max(1);
        let mut kept = Vec::with_capacity(blocks.div_ceil(stride) * pools);
        let mut given = quotas.start();
        for block in 0..blocks {
            if block.is_multiple_of(stride) {
                kept.extend_from_slice(&given.counts);
            }
            quotas.advance(&mut given);
        }
        let rotations = (Rotation::new(BLOCK, 0), Rotation::new((total % BLOCK).max(1), 0));
        let at_hand = Mutex::new(VecDeque::with_capacity(AT_HAND));
        Ok(Self { key, samples: total, quotas, stride, kept, pools, rotations, at_hand })
    }

    /// Samples in the stage.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Where sample `g` comes from; none past the last.
    #[must_use]
    pub fn locate(&self, g: u64) -> Option<Place> {
        (g < self.samples).then(|| self.block(g / BLOCK).locate(g % BLOCK))
    }

    /// What each pool has given before sample `g`; after the last, all of it.
    #[must_use]
    pub fn given(&self, g: u64) -> Vec<u64> {
        let g = g.min(self.samples);
        if g == 0 {
            return vec![0; self.pools];
        }
        // Asked of the block of the sample before, which is there at the very end too.
        let block = self.block((g - 1) / BLOCK);
        let within = (g - 1) % BLOCK + 1;
        (0..self.pools).map(|pool| block.given(within, pool)).collect()
    }

    fn block(&self, number: u64) -> Arc<Block> {
        let mut at_hand = self.at_hand.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(block) = at_hand.iter().find(|block| block.number == number) {
            return Arc::clone(block);
        }
        let block = Arc::new(self.make(number));
        if at_hand.len() == AT_HAND {
            at_hand.pop_back();
        }
        at_hand.push_front(Arc::clone(&block));
        block
    }

    fn make(&self, number: u64) -> Block {
        let mut given = self.resume(number);
        let before = given.counts.clone();
        let start = given.end;
        self.quotas.advance(&mut given);
        let mut places = Vec::with_capacity(self.pools + 1);
        places.push(0);
        let mut sum = 0;
        for (after, before) in given.counts.iter().zip(&before) {
            sum += after - before;
            places.push(sum);
        }
        let (whole, last) = self.rotations;
        let rotation = if given.end - start == BLOCK { whole } else { last };
        Block { number, before, places, rotation: rotation.at(mix64(number, self.key)) }
    }

    /// What was given before a block: from the nearest counts that are kept.
    fn resume(&self, number: u64) -> Given {
        let stride = self.stride as u64;
        let nearest = number / stride;
        let start = usize::try_from(nearest).unwrap_or(usize::MAX).saturating_mul(self.pools);
        let counts = self.kept.get(start..start + self.pools).unwrap_or_default();
        let mut given = self.quotas.resume(nearest * stride * BLOCK, counts);
        for _ in 0..number % stride {
            self.quotas.advance(&mut given);
        }
        given
    }
}

impl Block {
    fn locate(&self, within: u64) -> Place {
        let place = self.rotation.place(within);
        // The last pool that begins at or before the place: pools without a sample here begin where the next does.
        let pool = self.places.partition_point(|&start| start <= place) - 1;
        Place { pool, sample: self.given(within, pool) }
    }

    /// What a pool has given before the sample at `within`.
    fn given(&self, within: u64, pool: usize) -> u64 {
        let (low, high) = (self.places[pool], self.places[pool + 1]);
        self.before[pool] + self.rotation.count(within, low, high)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Going through the stage sample by sample: each pool gives its samples in order, none left out.
    fn assert_enumerates(schedule: &Schedule, samples: &[u64]) {
        let mut given = vec![0; samples.len()];
        for g in 0..schedule.samples() {
            assert!(g % 97 > 0 || schedule.given(g) == given);
            let place = schedule.locate(g).unwrap();
            assert_eq!(place.sample, given[place.pool], "sample {g}");
            given[place.pool] += 1;
            if (g + 1) % BLOCK == 0 {
                assert_within(1, &given, samples, g + 1);
            } else if g % 31 == 0 {
                assert_within(5, &given, samples, g + 1);
            }
        }
        assert_eq!(given, samples);
        assert_eq!(schedule.given(schedule.samples()), given);
        assert_eq!(schedule.locate(schedule.samples()), None);
    }

    fn assert_within(off: u128, given: &[u64], samples: &[u64], end: u64) {
        let n = samples.iter().map(|&s| u128::from(s)).sum::<u128>();
        for (&given, &samples) in given.iter().zip(samples) {
            let exact = u128::from(samples) * u128::from(end);
            assert!((u128::from(given) * n).abs_diff(exact) < off * n);
        }
    }

    #[test]
    fn twelve_languages_over_many_blocks() {
        let samples = [18_500, 4_100, 3_000, 2_999, 2_500, 2_000, 1_500, 900, 400, 77, 3, 1, 0];
        let schedule = Schedule::new(&samples, 17, "one").unwrap();
        assert_enumerates(&schedule, &samples);
    }

    #[test]
    fn counts_that_are_not_kept_are_made_again() {
        let samples = [30_000, 7_001, 12, 1, 0, 5_000];
        let all = Schedule::with_kept(&samples, 5, KEPT).unwrap();
        let few = Schedule::with_kept(&samples, 5, 20).unwrap();
        assert!(few.stride > 3 && all.stride == 1);
        for g in (0..all.samples()).step_by(61).chain((0..all.samples()).rev().step_by(67)) {
            assert_eq!(few.locate(g), all.locate(g));
        }
    }

    #[test]
    fn every_batch_has_nearly_the_mixture() {
        let samples = [370_000, 200_000, 200_000, 100_000, 50_000, 50_000, 20_000, 9_000, 1_000];
        let schedule = Schedule::new(&samples, 3, "s").unwrap();
        let n: u64 = samples.iter().sum();
        for start in (0..n - 512).step_by(40_009) {
            let (before, after) = (schedule.given(start), schedule.given(start + 512));
            for (pool, &samples) in samples.iter().enumerate() {
                let found = (after[pool] - before[pool]) * n;
                assert!(found.abs_diff(512 * samples) < 4 * n, "pool {pool} from {start}");
            }
        }
    }

    #[test]
    fn stages_differ_in_their_order_and_not_in_their_counts() {
        let samples = [600, 400, 24];
        let order = |seed, name| {
            let schedule = Schedule::new(&samples, seed, name).unwrap();
            (0..1024).map(|g| schedule.locate(g).unwrap().pool).collect::<Vec<_>>()
        };
        assert_ne!(order(1, "a"), order(1, "b"));
        assert_ne!(order(1, "a"), order(2, "a"));
        assert_eq!(order(1, "a"), order(1, "a"));
    }

    #[test]
    fn a_stage_of_nothing_has_no_sample() {
        for samples in [&[][..], &[0, 0]] {
            let schedule = Schedule::new(samples, 0, "").unwrap();
            assert_eq!((schedule.samples(), schedule.locate(0)), (0, None));
            assert_eq!(schedule.given(9), samples);
        }
        let error = Schedule::new(&[u64::MAX, 1], 0, "").unwrap_err();
        assert!(error.to_string().contains("2⁶⁴"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn random_access_is_enumeration(
            samples in prop::collection::vec(prop_oneof![0_u64..4, 0_u64..2500], 1..12),
            seed: u64,
        ) {
            assert_enumerates(&Schedule::new(&samples, seed, "stage").unwrap(), &samples);
        }
    }
}

//! Makes sets of shingles, with memory that is kept from one to the next.

use crate::near_sorted;

/// Below this many, comparison sorts as fast.
const FEWEST: usize = 48;
/// With as many buckets as values or more, uniform values put more than this into one with a chance below 2^-90.
const FULLEST: u32 = 32;
/// Sets that are kept for their memory: few components have more texts.
const SPARE: usize = 16;
/// Values of such a set, at most.
const LARGEST: usize = 1 << 16;

/// Makes sorted slices without repeats.
#[derive(Debug, Default)]
pub(crate) struct SetMaker {
    /// Where the next value of each bucket goes.
    places: Vec<u32>,
    spare: Vec<Vec<u64>>,
}

impl SetMaker {
    /// The values sorted, each once.
    pub(crate) fn of(&mut self, values: &[u64]) -> Vec<u64> {
        let mut set = self.spare.pop().unwrap_or_default();
        if !self.place(values, &mut set) {
            set.clear();
            set.extend_from_slice(values);
            return by_comparison(set);
        }
        if !near_sorted::sort(&mut set) {
            set.dedup();
        }
        set
    }

    /// The same of values that are nobody else's.
    pub(crate) fn of_owned(&mut self, values: Vec<u64>) -> Vec<u64> {
        if values.len() < FEWEST { by_comparison(values) } else { self.of(&values) }
    }

    /// Takes a set back that is no longer needed.
    pub(crate) fn spare(&mut self, set: Vec<u64>) {
        if self.spare.len() < SPARE && (1..=LARGEST).contains(&set.capacity()) {
            self.spare.push(set);
        }
    }

    /// Puts the values into `out` in the order of their top bits; false if they are few, or too many of them share those
    /// bits.
    fn place(&mut self, values: &[u64], out: &mut Vec<u64>) -> bool {
        let buckets = values.len().next_power_of_two();
        if values.len() < FEWEST || u32::try_from(buckets).is_err() {
            return false;
        }
        let shift = 64 - buckets.trailing_zeros();
        let places = &mut self.places;
        places.clear();
        places.resize(buckets, 0);
        for value in values {
            places[bucket(*value, shift)] += 1;
        }
        let (mut next, mut fullest) = (0, 0);
        for place in places.iter_mut() {
            let count = std::mem::replace(place, next);
            fullest = fullest.max(count);
            next += count;
        }
        if fullest > FULLEST {
            return false;
        }
        out.resize(values.len(), 0);
        for value in values {
            let place = &mut places[bucket(*value, shift)];
            out[*place as usize] = *value;
            *place += 1;
        }
        true
    }
}

fn by_comparison(mut values: Vec<u64>) -> Vec<u64> {
    values.sort_unstable();
    values.dedup();
    values
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "at most 32 bits are left")]
fn bucket(value: u64, shift: u32) -> usize {
    (value >> shift) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Uniform values, values that share their top bits, repeated ones, and mixtures of them.
    fn values() -> impl Strategy<Value = Vec<u64>> {
        let value = prop_oneof![
            6 => any::<u64>(),
            2 => (0u64..9).prop_map(|n| n << 61),
            1 => 0u64..100,
            1 => Just(u64::MAX),
        ];
        prop_oneof![
            prop::collection::vec(any::<u64>(), 0..700),
            prop::collection::vec(value, 0..700),
            prop::collection::vec(0u64..40, 0..200),
        ]
    }

    proptest! {
        #[test]
        fn sets_are_those_of_a_tree_whatever_was_made_before(many in prop::collection::vec(values(), 1..5)) {
            let mut maker = SetMaker::default();
            for values in many {
                let expected: Vec<u64> = values.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
                let set = maker.of(&values);
                prop_assert_eq!(&set, &expected);
                maker.spare(set);
                prop_assert_eq!(maker.of_owned(values), expected);
            }
        }
    }

    #[test]
    fn little_memory_is_kept() {
        let mut maker = SetMaker::default();
        (0..100).for_each(|_| maker.spare(vec![1]));
        maker.spare(Vec::new());
        assert_eq!(maker.spare.len(), SPARE);
        maker.spare.clear();
        maker.spare(vec![0; LARGEST + 1]);
        assert!(maker.spare.is_empty());
    }
}

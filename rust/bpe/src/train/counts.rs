//! The counts of pairs: a hash map from two ids to a sum, made for looking up what was asked for ahead.

use crate::key::fetch;
use crate::pages;
use crate::pair_map::pair;

/// Not a pair: no vocabulary is that large.
const FREE: u64 = u64::MAX;

/// Open addressing, at most half full; 16 bytes a slot.
pub(crate) struct PairCounts {
    slots: Vec<(u64, i64)>,
    used: usize,
}

impl PairCounts {
    pub(crate) fn new() -> Self {
        Self { slots: vec![(FREE, 0); 1 << 12], used: 0 }
    }

    /// Lets the processor load what will be asked for soon.
    #[inline]
    pub(crate) fn fetch(&self, left: u32, right: u32) {
        self.fetch_key(pair(left, right));
    }

    #[inline]
    pub(crate) fn fetch_key(&self, key: u64) {
        fetch(&self.slots, self.spot(key));
    }

    /// The count of a pair; none if it is not here.
    #[inline]
    pub(crate) fn get(&self, key: u64) -> Option<i64> {
        let slot = self.slots[self.find(key)];
        (slot.0 == key).then_some(slot.1)
    }

    /// Adds to the count of a pair; true if it was here before.
    pub(crate) fn raise(&mut self, key: u64, amount: i64) -> bool {
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let at = self.find(key);
        let slot = &mut self.slots[at];
        let known = slot.0 == key;
        *slot = (key, if known { slot.1 } else { 0 } + amount);
        self.used += usize::from(!known);
        known
    }

    /// Takes from the count of a pair, if it is here.
    #[inline]
    pub(crate) fn subtract(&mut self, left: u32, right: u32, amount: i64) {
        let key = pair(left, right);
        let at = self.find(key);
        if self.slots[at].0 == key {
            self.slots[at].1 -= amount;
        }
    }

    /// All pairs and counts, in no useful order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, i64)> {
        self.slots.iter().copied().filter(|slot| slot.0 != FREE)
    }

    /// Where a pair is, or would be.
    #[inline]
    fn find(&self, key: u64) -> usize {
        let mut at = self.spot(key);
        while self.slots[at].0 != key && self.slots[at].0 != FREE {
            at = (at + 1) & (self.slots.len() - 1);
        }
        at
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the shift leaves less than a usize")]
    fn spot(&self, key: u64) -> usize {
        // The high bits of a product depend on all bits below (Knuth, multiplicative hashing); ids are mixed to
        // all bits before.
        let mixed = (key ^ (key >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> (64 - self.slots.len().trailing_zeros())) as usize
    }

    fn grow(&mut self) {
        let slots = pages::filled((FREE, 0), self.slots.len() * 2);
        let old = std::mem::replace(&mut self.slots, slots);
        for slot in old.into_iter().filter(|slot| slot.0 != FREE) {
            let at = self.find(slot.0);
            self.slots[at] = slot;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_as_a_map_does(changes in prop::collection::vec((0_u32..90, 0_u32..90, -5_i64..9), 0..9000)) {
            let (mut counts, mut map) = (PairCounts::new(), BTreeMap::new());
            for (left, right, amount) in changes {
                let key = pair(left, right);
                if amount < 0 {
                    counts.subtract(left, right, -amount);
                    map.entry(key).and_modify(|count| *count += amount);
                } else {
                    prop_assert_eq!(counts.raise(key, amount), map.contains_key(&key));
                    *map.entry(key).or_insert(0) += amount;
                }
                prop_assert_eq!(counts.get(key), map.get(&key).copied());
            }
            prop_assert_eq!(counts.iter().collect::<BTreeMap<_, _>>(), map);
        }
    }
}

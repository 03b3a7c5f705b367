//! A hash map from a pair of token ids to a small value, which only grows.

use crate::key::fold;

/// Not a pair: no vocabulary is that large.
const FREE: u64 = u64::MAX;

/// A pair of ids as one number, ordered as the pair is.
#[inline]
pub(crate) fn pair(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

/// Open addressing, at most half full.
#[derive(Clone, Debug)]
pub(crate) struct PairMap<V> {
    slots: Vec<(u64, V)>,
    used: usize,
}

impl<V: Copy + Default> PairMap<V> {
    /// A map with room for `pairs` pairs.
    pub(crate) fn with_capacity(pairs: usize) -> Self {
        let size = (pairs * 2).next_power_of_two().max(16);
        Self { slots: vec![(FREE, V::default()); size], used: 0 }
    }

    #[inline]
    pub(crate) fn get(&self, key: u64) -> Option<V> {
        let mut at = spot(key, self.slots.len());
        loop {
            let (found, value) = self.slots[at];
            if found == key {
                return Some(value);
            }
            if found == FREE {
                return None;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// The value of a pair, put there first if there was none.
    pub(crate) fn get_or_insert(&mut self, key: u64, value: V) -> &mut V {
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let mut at = spot(key, self.slots.len());
        while self.slots[at].0 != key && self.slots[at].0 != FREE {
            at = (at + 1) & (self.slots.len() - 1);
        }
        if self.slots[at].0 == FREE {
            self.slots[at] = (key, value);
            self.used += 1;
        }
        &mut self.slots[at].1
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![(FREE, V::default()); size]);
        for (key, value) in old.into_iter().filter(|&(key, _)| key != FREE) {
            let mut at = spot(key, size);
            while self.slots[at].0 != FREE {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = (key, value);
        }
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the mask keeps less than a usize")]
fn spot(key: u64, size: usize) -> usize {
    fold(u128::from(key)) as usize & (size - 1)
}

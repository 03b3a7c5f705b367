//! Where each of many hashes stands in a list: an open table, twice as large as the list.

use super::grams::BITS;

/// Places by hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// A hash and its place plus one; 0 is free.
    slots: Vec<[u32; 2]>,
    shift: u32,
}

impl Index {
    /// Of different hashes of features, fewer than 2^29.
    pub(crate) fn new(keys: &[u32]) -> Self {
        let slots = (keys.len() * 2).next_power_of_two().max(2);
        let mut index = Self { slots: vec![[0; 2]; slots], shift: 32 - slots.trailing_zeros() };
        for (number, &key) in (1..).zip(keys) {
            let mut place = index.first(key);
            while index.slots[place][1] != 0 {
                place = (place + 1) & (slots - 1);
            }
            index.slots[place] = [key, number];
        }
        index
    }

    /// Where a hash is looked for first: by its upper bits, which are spread over all slots.
    #[inline]
    fn first(&self, key: u32) -> usize {
        (key << (32 - BITS) >> self.shift) as usize
    }

    /// The place of a hash in the list.
    #[inline]
    pub(crate) fn place(&self, key: u32) -> Option<usize> {
        let mut place = self.first(key);
        loop {
            let [found, number] = *self.slots.get(place)?;
            if number == 0 {
                return None;
            }
            if found == key {
                return Some(number as usize - 1);
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_spread_over_all_slots() {
        let keys: Vec<u32> = (0..1 << 12).map(|n| n << (BITS - 12)).collect();
        let index = Index::new(&keys);
        assert!(keys.iter().enumerate().all(|(n, &key)| index.place(key) == Some(n)));
        assert_eq!(index.place(keys[1] + 1), None);
        let taken = |slots: &[[u32; 2]]| slots.iter().filter(|slot| slot[1] > 0).count();
        assert!(index.slots.chunks(64).all(|slots| taken(slots) == 32));
    }
}

//! Where each of many hashes stands in a list: an open table, twice as large as the list.

/// Places by hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// A hash and its place plus one; 0 is free.
    slots: Vec<[u32; 2]>,
    shift: u32,
}

impl Index {
    /// Of different hashes, fewer than 2^31.
    pub(crate) fn new(keys: &[u32]) -> Self {
        let slots = (keys.len() * 2).next_power_of_two().max(2);
        let mut index = Self { slots: vec![[0; 2]; slots], shift: 32 - slots.trailing_zeros() };
        for (number, &key) in (1..).zip(keys) {
            let mut place = (key >> index.shift) as usize;
            while index.slots[place][1] != 0 {
                place = (place + 1) & (slots - 1);
            }
            index.slots[place] = [key, number];
        }
        index
    }

    /// The place of a hash in the list.
    #[inline]
    pub(crate) fn place(&self, key: u32) -> Option<usize> {
        let mut place = (key >> self.shift) as usize;
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

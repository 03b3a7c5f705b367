//! Which keys new documents have, nearly: what leaves out the many keys of earlier documents that no new one shares.

use gamayun_text::hash::mix64;

/// Bits for each key: one in sixteen of the others passes.
const BITS: usize = 16;

/// A set of keys with false members and no missing ones; two bytes a key, or up to four.
pub(crate) struct KeyFilter {
    words: Vec<u64>,
    shift: u32,
}

impl KeyFilter {
    pub(crate) fn of(keys: impl ExactSizeIterator<Item = u64>) -> Self {
        let bits = (keys.len() * BITS).next_power_of_two().max(64);
        let mut filter = Self { words: vec![0; bits / 64], shift: 64 - bits.trailing_zeros() };
        for key in keys {
            let (word, bit) = filter.place(key);
            filter.words[word] |= bit;
        }
        filter
    }

    pub(crate) fn may_hold(&self, key: u64) -> bool {
        let (word, bit) = self.place(key);
        self.words[word] & bit != 0
    }

    fn place(&self, key: u64) -> (usize, u64) {
        let bit = mix64(key, 0) >> self.shift;
        ((bit / 64) as usize, 1 << (bit % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_its_keys_and_few_others() {
        assert!(!(0..100).any(|key| KeyFilter::of([].into_iter()).may_hold(key)));
        let keys: Vec<u64> = (0..5000).map(|n| n * 3).collect();
        let filter = KeyFilter::of(keys.iter().copied());
        assert!(keys.iter().all(|key| filter.may_hold(*key)));
        let others = (0..5000).filter(|n| filter.may_hold(n * 3 + 1)).count();
        assert!(others < 5000 / 10, "{others}");
    }
}

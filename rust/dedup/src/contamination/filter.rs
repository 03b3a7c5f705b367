//! A bitmap that turns away most hashes that are not in a set: two bits in one word, so one look at memory.

/// Bits for each hash of the set, at least.
const BITS: usize = 16;

/// A Bloom filter of one word a hash; of the hashes that are not in the set it lets at most about 2 % through.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    words: Vec<u64>,
    shift: u32,
}

impl Filter {
    pub(crate) fn of(hashes: &[u64]) -> Self {
        let size = (hashes.len() * BITS / 64).next_power_of_two().max(64);
        let mut filter = Self { words: vec![0; size], shift: 64 - size.trailing_zeros() };
        for &hash in hashes {
            let place = filter.place(hash);
            filter.words[place] |= bits(hash);
        }
        filter
    }

    /// False if the hash is not in the set.
    #[inline]
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        let bits = bits(hash);
        self.words[self.place(hash)] & bits == bits
    }

    pub(crate) fn bytes(&self) -> usize {
        self.words.len() * 8
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "less than the number of words")]
    fn place(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }
}

#[inline]
fn bits(hash: u64) -> u64 {
    (1 << (hash & 63)) | (1 << ((hash >> 6) & 63))
}

#[cfg(test)]
mod tests {
    use gamayun_text::hash::mix64;

    use super::*;

    #[test]
    fn members_pass_and_few_others_do() {
        for count in [0, 1, 5, 1000, 100_000] {
            let members: Vec<u64> = (0..count).map(|n| mix64(n, 1)).collect();
            let filter = Filter::of(&members);
            assert!(members.iter().all(|&hash| filter.may_hold(hash)));
            let through = (0..10_000).filter(|&n| filter.may_hold(mix64(n, 2))).count();
            assert!(through < 400, "{through} of 10000 at {count}");
        }
    }
}

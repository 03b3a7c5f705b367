//! A table of character n-grams: the hash of an n-gram to the bits that its last symbol costs after the others.
//!
//! A slot has 16 bits: 11 of the hash, 5 for the cost in half bits. A bucket has 8 slots, one vector register; an n-gram
//! whose bucket is full is left out, the least useful first. So about 1 question in 300 about an n-gram that is not there
//! is answered with another's cost, which a mean over a text does not feel.

use gamayun_text::hash::mix64;

/// Longest n-gram.
pub(crate) const ORDER: usize = 5;
/// Slots of a bucket.
const BUCKET: usize = 8;
/// Bits of a slot that hold the cost.
const COST_BITS: u32 = 5;
/// The highest cost that a slot can hold, in half bits.
pub(crate) const HIGHEST: u8 = (1 << COST_BITS) - 1;

/// Multiplier of the rolling hash (that of `FxHash`, odd).
const STEP: u64 = 0x517c_c1b7_2722_0a95;

/// The hashes of the n-grams that end at a symbol, shortest first.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    hashes: [u64; ORDER],
}

impl Window {
    /// Adds a symbol at the end.
    pub(crate) fn push(&mut self, symbol: char) {
        let own = u64::from(u32::from(symbol)) + 1;
        for n in (1..ORDER).rev() {
            self.hashes[n] = self.hashes[n - 1].wrapping_mul(STEP).wrapping_add(own);
        }
        self.hashes[0] = own;
    }

    /// The mixed hash of the n-gram of `n` symbols, 1 or more.
    pub(crate) fn hash(&self, n: usize) -> u64 {
        mix64(self.hashes[n - 1], n as u64)
    }
}

/// The table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grams {
    slots: Vec<[u16; BUCKET]>,
}

impl Grams {
    /// A table of `n_grams` (hash, cost in half bits), most useful first, in `2^log_buckets` buckets.
    pub(crate) fn build(log_buckets: u32, n_grams: impl Iterator<Item = (u64, u8)>) -> Self {
        let mut table = Self { slots: vec![[0; BUCKET]; 1 << log_buckets] };
        for (hash, cost) in n_grams {
            if table.find(hash).is_some() {
                continue;
            }
            let (bucket, tag) = table.place(hash);
            if let Some(slot) = table.slots[bucket].iter_mut().find(|slot| **slot == 0) {
                *slot = tag << COST_BITS | u16::from(cost.min(HIGHEST));
            }
        }
        table
    }

    /// The cost of an n-gram in half bits.
    pub(crate) fn find(&self, hash: u64) -> Option<u8> {
        let (bucket, tag) = self.place(hash);
        let mut found = 0;
        for slot in self.slots[bucket] {
            found |= if slot >> COST_BITS == tag { slot } else { 0 };
        }
        #[expect(clippy::cast_possible_truncation, reason = "five bits")]
        (found != 0).then_some((found & u16::from(HIGHEST)) as u8)
    }

    #[expect(clippy::cast_possible_truncation, reason = "parts of a hash are wanted")]
    fn place(&self, hash: u64) -> (usize, u16) {
        let bucket = hash as usize & (self.slots.len() - 1);
        // Never 0: that is an empty slot.
        (bucket, ((hash >> 53) as u16).max(1))
    }

    /// The slots as little-endian bytes.
    pub(crate) fn to_bytes(&self, out: &mut Vec<u8>) {
        self.slots.iter().flatten().for_each(|slot| out.extend(slot.to_le_bytes()));
    }

    /// The table of these bytes; `None` if they are not a power of two of buckets.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (buckets, rest) = bytes.as_chunks::<{ BUCKET * 2 }>();
        (rest.is_empty() && buckets.len().is_power_of_two()).then(|| Self {
            slots: buckets
                .iter()
                .map(|bucket| {
                    std::array::from_fn(|n| u16::from_le_bytes([bucket[2 * n], bucket[2 * n + 1]]))
                })
                .collect(),
        })
    }
}

//! MinHash signatures and their band keys.

use gamayun_text::hash::mix64;

use crate::DedupParams;
use crate::kernel::{Kernel, LANES};

/// Makes signatures of `bands × rows` values of 32 bits.
///
/// Value `i` is the least of `a[i] · x + b[i] mod 2^32` over the low halves `x` of the document's shingles, which must be
/// well mixed, as those of [`gamayun_text::shingle::shingles`] are. The estimate of the Jaccard is unbiased to
/// measurement and needs no wider arithmetic; equal on every processor.
#[derive(Clone, Debug)]
pub struct Signer {
    bands: usize,
    rows: usize,
    multipliers: Vec<[u32; LANES]>,
    addends: Vec<[u32; LANES]>,
    kernel: Kernel,
}

impl Signer {
    /// The signer of these parameters, on the widest vectors of this processor.
    #[must_use]
    pub fn new(params: &DedupParams) -> Self {
        Self::with_kernel(params, Kernel::detect())
    }

    pub(crate) fn with_kernel(params: &DedupParams, kernel: Kernel) -> Self {
        let (bands, rows) = (params.bands(), params.rows());
        let groups = (bands * rows).div_ceil(LANES);
        let draw = |part: u64| {
            let draw_group = |group: usize| {
                std::array::from_fn(|lane| {
                    high_half(mix64((group * LANES + lane) as u64 * 2 + part, params.seed()))
                })
            };
            (0..groups).map(draw_group).collect::<Vec<[u32; LANES]>>()
        };
        let (mut multipliers, addends) = (draw(0), draw(1));
        multipliers.as_flattened_mut().iter_mut().for_each(|a| *a |= 1); // odd: a permutation of the 32-bit values
        Self { bands, rows, multipliers, addends, kernel }
    }

    /// Values of a signature.
    #[must_use]
    pub fn values(&self) -> usize {
        self.bands * self.rows
    }

    /// Writes the signature into `out`, which holds [`Self::values`] values. False, and all bits set, if there are no
    /// shingles: such a document has no near-duplicates.
    pub fn sign(&self, shingles: &[u64], out: &mut [u32]) -> bool {
        let mut at = 0;
        for (a, b) in
            self.multipliers.chunks(Kernel::GROUPS).zip(self.addends.chunks(Kernel::GROUPS))
        {
            let mut least = [[u32::MAX; LANES]; Kernel::GROUPS];
            let least = &mut least[..a.len()];
            self.kernel.minima(shingles, a, b, least);
            let values = least.as_flattened();
            let count = values.len().min(out.len() - at);
            out[at..at + count].copy_from_slice(&values[..count]);
            at += count;
        }
        !shingles.is_empty()
    }

    /// Writes the key of each band of a signature into `out`: 56 bits, equal when all rows of the band are.
    pub fn band_keys(&self, signature: &[u32], out: &mut [u64]) {
        for (key, rows) in out.iter_mut().zip(signature.chunks_exact(self.rows)) {
            *key = band_key(rows);
        }
    }
}

/// A folded product for every two rows; the top byte is dropped, which saves a byte in eight on disk.
fn band_key(rows: &[u32]) -> u64 {
    let (pairs, rest) = rows.as_chunks::<2>();
    let fold = |key: u64, value: u64| {
        let product = u128::from(key ^ value) * u128::from(0x9E37_79B9_7F4A_7C15_u64);
        low_half(product) ^ low_half(product >> 64)
    };
    let key = pairs
        .iter()
        .fold(0x51_7CC1_B727_220A_95, |key, [a, b]| fold(key, u64::from(*a) | u64::from(*b) << 32));
    let key = rest.iter().fold(key, |key, last| fold(key, u64::from(*last)));
    mix64(key, 0) >> 8
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is wanted")]
fn low_half(value: u128) -> u64 {
    value as u64
}

#[expect(clippy::cast_possible_truncation, reason = "the high half is wanted")]
fn high_half(value: u64) -> u32 {
    (value >> 32) as u32
}

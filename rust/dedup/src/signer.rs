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
        .fold(0x517C_C1B7_2722_0A95, |key, [a, b]| fold(key, u64::from(*a) | u64::from(*b) << 32));
    let key = rest.iter().fold(key, |key, last| fold(key, u64::from(*last)));
    mix64(key, 0) >> 8
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is wanted")]
fn low_half(value: u128) -> u64 {
    value as u64
}

fn high_half(value: u64) -> u32 {
    (value >> 32) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signature(params: &DedupParams, kernel: Kernel, shingles: &[u64]) -> Vec<u32> {
        let signer = Signer::with_kernel(params, kernel);
        let mut out = vec![0; signer.values()];
        assert_eq!(signer.sign(shingles, &mut out), !shingles.is_empty());
        out
    }

    fn kernels() -> Vec<Kernel> {
        let mut kernels = vec![Kernel::Portable, Kernel::detect()];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            kernels.push(Kernel::Avx2);
        }
        kernels
    }

    proptest! {
        #[test]
        fn all_kernels_sign_alike(
            shingles in prop::collection::vec(any::<u64>(), 0..100),
            bands in 1usize..40,
            rows in 1usize..20,
            seed in any::<u64>(),
        ) {
            let params = DedupParams::new(bands, rows, 5, 0.8, seed).unwrap();
            let signer = Signer::new(&params);
            let (a, b) = (signer.multipliers.as_flattened(), signer.addends.as_flattened());
            let value = |i: usize| {
                let hash = |s: &u64| a[i].wrapping_mul(u32::try_from(*s & 0xFFFF_FFFF).unwrap()).wrapping_add(b[i]);
                shingles.iter().map(hash).min().unwrap_or(u32::MAX)
            };
            let expected: Vec<u32> = (0..bands * rows).map(value).collect();
            for kernel in kernels() {
                prop_assert_eq!(&signature(&params, kernel, &shingles), &expected);
            }
        }

        #[test]
        fn keys_are_equal_when_all_rows_are(mut values in prop::collection::vec(any::<u32>(), 12), row in 0usize..12, bit in 0u32..32) {
            for (bands, rows) in [(4, 3), (3, 4), (12, 1)] {
                let signer = Signer::new(&DedupParams::new(bands, rows, 5, 0.8, 0).unwrap());
                let (mut before, mut after) = (vec![0; bands], vec![0; bands]);
                signer.band_keys(&values, &mut before);
                values[row] ^= 1 << bit;
                signer.band_keys(&values, &mut after);
                for band in 0..bands {
                    prop_assert_eq!(before[band] != after[band], band == row / rows);
                    prop_assert!(before[band] < 1 << 56);
                }
            }
        }
    }

    /// Over many pairs of random sets, the mean error is within four standard errors of zero, and the variance near
    /// that of the binomial law.
    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn the_estimate_of_the_jaccard_is_unbiased() {
        for (shared, own) in [(40u64, 10u64), (200, 100), (480, 60)] {
            let truth = shared as f64 / (shared + 2 * own) as f64;
            let (mut sum, mut squares, trials) = (0.0, 0.0, 400);
            for trial in 0..trials {
                let params = DedupParams::new(14, 8, 5, 0.8, trial % 50).unwrap();
                let set = |from: u64| {
                    (0..shared)
                        .chain(from..from + own)
                        .map(|x| mix64(x, trial + 1))
                        .collect::<Vec<_>>()
                };
                let a = signature(&params, Kernel::detect(), &set(shared));
                let b = signature(&params, Kernel::detect(), &set(shared + own));
                let equal = a.iter().zip(&b).filter(|(a, b)| a == b).count();
                let error = equal as f64 / 112.0 - truth;
                sum += error;
                squares += error * error;
            }
            let (mean, variance) = (sum / trials as f64, squares / trials as f64);
            let theory = truth * (1.0 - truth) / 112.0;
            assert!(
                mean.abs() < 4.0 * (theory / trials as f64).sqrt(),
                "{truth}: mean error {mean}"
            );
            assert!(
                (0.75..1.3).contains(&(variance / theory)),
                "{truth}: variance {variance}, theory {theory}"
            );
        }
    }

    /// Of pairs of random sets of a Jaccard `s`, a share of `1 - (1 - s^rows)^bands` has a key in common: within four standard
    /// deviations of it.
    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn pairs_share_a_key_as_often_as_in_theory() {
        let trials = 600;
        for (bands, rows, shared, own) in
            [(14, 8, 40u64, 10u64), (14, 8, 60, 10), (20, 4, 30, 20), (5, 2, 20, 30)]
        {
            let jaccard = shared as f64 / (shared + 2 * own) as f64;
            let chance = 1.0
                - (1.0 - jaccard.powi(i32::try_from(rows).unwrap()))
                    .powi(i32::try_from(bands).unwrap());
            let mut found = 0.0;
            for trial in 0..trials {
                let signer =
                    Signer::new(&DedupParams::new(bands, rows, 5, 0.8, trial % 60).unwrap());
                let keys = |from: u64| {
                    let (mut signature, mut keys) = (vec![0; bands * rows], vec![0; bands]);
                    let set: Vec<u64> =
                        (0..shared).chain(from..from + own).map(|x| mix64(x, trial + 1)).collect();
                    signer.sign(&set, &mut signature);
                    signer.band_keys(&signature, &mut keys);
                    keys
                };
                let (a, b) = (keys(shared), keys(shared + own));
                found += f64::from(u8::from(a.iter().zip(&b).any(|(a, b)| a == b)));
            }
            let deviation = (chance * (1.0 - chance) / trials as f64).sqrt();
            assert!(
                (found / trials as f64 - chance).abs() < 4.0 * deviation,
                "{bands} × {rows}, {jaccard}: {found} of {trials} pairs, chance {chance}"
            );
        }
    }

    /// They are stored: who changes them raises the version of the band file.
    #[test]
    fn signatures_do_not_change() {
        let params = DedupParams::default();
        let signer = Signer::new(&params);
        let signature =
            signature(&params, Kernel::Portable, &[mix64(1, 0), mix64(2, 0), mix64(3, 0)]);
        let mut keys = vec![0; 14];
        signer.band_keys(&signature, &mut keys);
        assert_eq!((signature[0], signature[111]), (2_457_256_369, 2_397_444_000));
        assert_eq!((keys[0], keys[13]), (13_240_301_561_570_128, 53_430_035_710_899_162));
    }
}

//! The hash functions of `datatrove`'s `MinhashDedupSignature` (`pipeline/dedup/minhash.py`).

use xxhash_rust::xxh32::xxh32;
use xxhash_rust::xxh64::xxh64;

use super::mersenne_twister::MersenneTwister;
use crate::params::within;
use crate::{Error, Result};

/// The Mersenne prime that values are taken modulo.
const PRIME: u64 = (1 << 61) - 1;

/// Bits of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// xxh32, and the low 32 bits of each hash value.
    Bits32,
    /// xxh64, and values below 2^61 − 1: the default.
    Bits64,
}

impl Precision {
    /// Of 32 or 64 bits.
    pub fn of(bits: u32) -> Result<Self> {
        match bits {
            32 => Ok(Self::Bits32),
            64 => Ok(Self::Bits64),
            _ => Err(Error::Parameter {
                parameter: "precision",
                found: bits.to_string(),
                expected: "32 or 64",
            }),
        }
    }
}

/// `MinhashConfig`, with xxhash as its hash function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatatroveParams {
    bands: usize,
    rows: usize,
    shingle: usize,
    seed: u32,
    precision: Precision,
}

impl Default for DatatroveParams {
    /// 14 buckets of 8 hashes, n-grams of 5 words, seed 1, 64 bits.
    fn default() -> Self {
        Self { bands: 14, rows: 8, shingle: 5, seed: 1, precision: Precision::Bits64 }
    }
}

impl DatatroveParams {
    /// `num_buckets`, `hashes_per_bucket`, `n_grams`, `seed` and the precision of the hash; limits as for
    /// [`DedupParams`](crate::DedupParams::new).
    pub fn new(
        bands: usize,
        rows: usize,
        shingle: usize,
        seed: u32,
        precision: Precision,
    ) -> Result<Self> {
        within("bands", bands, 1..=1024, "a number from 1 to 1024")?;
        within("rows", rows, 1..=64, "a number from 1 to 64")?;
        within("bands × rows", bands * rows, 1..=4096, "at most 4096")?;
        within("shingle", shingle, 1..=64, "a number from 1 to 64")?;
        Ok(Self { bands, rows, shingle, seed, precision })
    }
}

/// Makes `datatrove`'s signatures.
#[derive(Clone, Debug)]
pub struct DatatroveSigner {
    params: DatatroveParams,
    multipliers: Vec<u64>,
    addends: Vec<u64>,
}

impl DatatroveSigner {
    /// Draws the hash functions: all multipliers, then all addends.
    #[must_use]
    pub fn new(params: DatatroveParams) -> Self {
        let values = params.bands * params.rows;
        let mut generator = MersenneTwister::new(params.seed);
        let multipliers = (0..values).map(|_| generator.randint(1, PRIME)).collect();
        let addends = (0..values).map(|_| generator.randint(0, PRIME)).collect();
        Self { params, multipliers, addends }
    }

    /// Values of a signature.
    #[must_use]
    pub fn values(&self) -> usize {
        self.multipliers.len()
    }

    /// Writes the signature of a text of these words into `out`, which holds [`Self::values`] values. False, and all
    /// bits set, for fewer words than a shingle has: `datatrove` writes no signature of such a document.
    pub fn sign<'w>(&self, words: impl IntoIterator<Item = &'w str>, out: &mut [u64]) -> bool {
        out.fill(u64::MAX);
        let shingles = self.shingles(words);
        for shingle in &shingles {
            self.lower(*shingle, out);
        }
        !shingles.is_empty()
    }

    /// Hashes of consecutive words joined by a space.
    fn shingles<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Vec<u64> {
        let (mut joined, mut spans) = (String::new(), Vec::new());
        for word in words {
            let start = joined.len();
            joined.push_str(word);
            spans.push(start..joined.len());
            joined.push(' ');
        }
        let bytes = joined.as_bytes();
        let windows = spans.windows(self.params.shingle);
        windows
            .map(|window| self.hash(&bytes[window[0].start..window[window.len() - 1].end]))
            .collect()
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        match self.params.precision {
            Precision::Bits32 => u64::from(xxh32(bytes, 0)),
            Precision::Bits64 => xxh64(bytes, 0),
        }
    }

    /// `a · h + b` wraps at 2^64 before it is taken modulo the prime: numpy's arithmetic, not the usual hash function.
    fn lower(&self, shingle: u64, least: &mut [u64]) {
        let mask = match self.params.precision {
            Precision::Bits32 => u64::from(u32::MAX),
            Precision::Bits64 => u64::MAX,
        };
        for ((least, a), b) in least.iter_mut().zip(&self.multipliers).zip(&self.addends) {
            let value = modulo_prime(shingle.wrapping_mul(*a).wrapping_add(*b)) & mask;
            *least = (*least).min(value);
        }
    }
}

/// A Mersenne prime divides by shifting: 2^61 is 1 modulo it.
fn modulo_prime(value: u64) -> u64 {
    let folded = (value & PRIME) + (value >> 61);
    folded.min(folded.wrapping_sub(PRIME)) // the second wraps to something large unless it is the rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn shifting_divides(value in any::<u64>(), near in 0u64..16, times in 0u64..8) {
            for value in [value, (PRIME * times).wrapping_add(near), (PRIME * times).wrapping_sub(near)] {
                prop_assert_eq!(modulo_prime(value), value % PRIME);
            }
        }

        #[test]
        fn signatures_are_minima_over_joined_words(words in prop::collection::vec("[a-z ]{0,4}", 0..12), n in 1usize..7) {
            for precision in [Precision::Bits32, Precision::Bits64] {
                let signer = DatatroveSigner::new(DatatroveParams::new(3, 2, n, 1, precision).unwrap());
                let mut found = [0; 6];
                let any = signer.sign(words.iter().map(String::as_str), &mut found);
                prop_assert_eq!(any, words.len() >= n);
                for (i, found) in found.into_iter().enumerate() {
                    let value = |window: &[String]| {
                        let joined = window.join(" ");
                        let (h, mask) = match precision {
                            Precision::Bits32 => (u64::from(xxh32(joined.as_bytes(), 0)), u64::from(u32::MAX)),
                            Precision::Bits64 => (xxh64(joined.as_bytes(), 0), u64::MAX),
                        };
                        (h.wrapping_mul(signer.multipliers[i]).wrapping_add(signer.addends[i]) % PRIME) & mask
                    };
                    prop_assert_eq!(found, words.windows(n).map(value).min().unwrap_or(u64::MAX));
                }
            }
        }
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let error = DatatroveParams::new(14, 8, 0, 1, Precision::Bits64).unwrap_err();
        assert!(error.to_string().starts_with("shingle is 0"), "{error}");
        let error = Precision::of(16).unwrap_err();
        assert_eq!(error.to_string(), "precision is 16: expected 32 or 64");
    }
}

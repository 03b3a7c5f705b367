//! The two hashes of the project: xxh3 of 64 and of 128 bits.
//!
//! Two crates, for they are fast at different lengths: `xxhash-rust` is inlined into what hashes words, `twox-hash` looks
//! for AVX2 when it runs, which pays from some hundred bytes on. With AVX-512 our own is half as fast again.

use twox_hash::{XxHash3_128, xxhash3_128};
use xxhash_rust::xxh3;

#[cfg(target_arch = "x86_64")]
use crate::{long_hash, wide};

/// xxh3 of 64 bits, seed 0.
#[must_use]
pub fn hash64(bytes: &[u8]) -> u64 {
    xxh3::xxh3_64(bytes)
}

/// xxh3 of 64 bits with a seed.
#[must_use]
pub fn hash64_seeded(bytes: &[u8], seed: u64) -> u64 {
    xxh3::xxh3_64_with_seed(bytes, seed)
}

/// xxh3 of 128 bits, seed 0.
#[must_use]
pub fn hash128(bytes: &[u8]) -> u128 {
    if bytes.len() < LONG { xxh3::xxh3_128(bytes) } else { hash_long(bytes) }
}

#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "calls code for the processor that was detected")
)]
fn hash_long(bytes: &[u8]) -> u128 {
    #[cfg(target_arch = "x86_64")]
    if wide::supported() {
        // SAFETY: the processor has these instructions.
        return unsafe { long_hash::hash128(bytes) };
    }
    XxHash3_128::oneshot(bytes)
}

/// Bytes from which on wide registers pay.
const LONG: usize = 512;

/// [`hash128`] of bytes that come in pieces.
#[derive(Clone, Default)]
pub struct Hasher128(xxhash3_128::Hasher);

impl std::fmt::Debug for Hasher128 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Hasher128").finish_non_exhaustive()
    }
}

impl Hasher128 {
    /// A hash of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    /// The hash of all bytes so far.
    #[must_use]
    pub fn digest(&self) -> u128 {
        self.0.finish_128()
    }
}

/// [`hash128`] of these parts, one behind the other.
#[must_use]
pub fn hash128_of(parts: &[&[u8]]) -> u128 {
    let (mut short, mut length) = ([0; SHORT], 0);
    for part in parts {
        let Some(place) = short.get_mut(length..length + part.len()) else {
            return hash_in_turn(parts);
        };
        place.copy_from_slice(part);
        length += part.len();
    }
    hash128(&short[..length])
}

/// Bytes that are hashed faster in one go.
const SHORT: usize = 256;

fn hash_in_turn(parts: &[&[u8]]) -> u128 {
    let mut hasher = Hasher128::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.digest()
}

/// A well-mixed 64-bit value of a 64-bit value and a seed (the finaliser of `splitmix64`).
///
/// For order and sampling: equal inputs give equal outputs on every machine.
#[must_use]
pub fn mix64(value: u64, seed: u64) -> u64 {
    let mut z = value
        .wrapping_add(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_length_hashes_as_the_plain_code_does() {
        let bytes: Vec<u8> = (0..3300).map(|n| mix64(n, 7).to_le_bytes()[0]).collect();
        for length in 0..bytes.len() {
            assert_eq!(
                hash128(&bytes[..length]),
                xxh3::xxh3_128(&bytes[..length]),
                "{length} bytes"
            );
        }
    }

    proptest! {
        #[test]
        fn parts_hash_as_the_whole(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..150), 0..5)) {
            let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(hash128_of(&slices), hash128(&parts.concat()));
        }

        #[test]
        fn long_and_short_hash_alike(bytes in prop::collection::vec(any::<u8>(), 0..3000), cut in 0_usize..3000) {
            let expected = xxh3::xxh3_128(&bytes);
            prop_assert_eq!(hash128(&bytes), expected);
            prop_assert_eq!(XxHash3_128::oneshot(&bytes), expected);
            let (before, after) = bytes.split_at(cut.min(bytes.len()));
            let mut hasher = Hasher128::new();
            hasher.update(before);
            hasher.update(after);
            prop_assert_eq!(hasher.digest(), expected);
        }
    }
}

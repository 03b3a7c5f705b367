//! The two hashes of the project: xxh3 of 64 and of 128 bits.

use xxhash_rust::xxh3;

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
    xxh3::xxh3_128(bytes)
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
    let mut hasher = xxh3::Xxh3::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.digest128()
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

    proptest! {
        #[test]
        fn parts_hash_as_the_whole(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..150), 0..5)) {
            let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(hash128_of(&slices), hash128(&parts.concat()));
        }
    }
}

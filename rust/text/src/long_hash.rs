//! xxh3 of 128 bits of long inputs in registers of 64 bytes: a stripe is one of them.
//!
//! The hash is the one of the [specification], of inputs of more than 240 bytes, with its default secret and seed 0.
//!
//! [specification]: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md

use std::arch::x86_64::{
    __m512i, _MM_HINT_T0, _mm_prefetch, _mm512_add_epi64, _mm512_loadu_si512, _mm512_mul_epu32,
    _mm512_mullo_epi64, _mm512_set1_epi64, _mm512_shuffle_epi32, _mm512_srli_epi64,
    _mm512_storeu_si512, _mm512_xor_si512,
};

use crate::wide::x86::load_table;

const STRIPE: usize = 64;
const SECRET: [u8; 192] = [
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
];
/// Stripes that are taken with the secret at 0, 8, 16 … until it is used up.
const STRIPES: usize = (SECRET.len() - STRIPE) / 8;
/// How far ahead memory is asked for.
const AHEAD: usize = 8 * STRIPE;

const PRIME32: [u64; 3] = [0x9E37_79B1, 0x85EB_CA77, 0xC2B2_AE3D];
const PRIME64: [u64; 5] = [
    0x9E37_79B1_85EB_CA87,
    0xC2B2_AE3D_27D4_EB4F,
    0x1656_67B1_9E37_79F9,
    0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5,
];
const START: [u64; 8] = [
    PRIME32[2], PRIME64[0], PRIME64[1], PRIME64[2], PRIME64[3], PRIME32[1], PRIME64[4], PRIME32[0],
];

/// The hash of more than 240 bytes.
#[target_feature(enable = "avx512f,avx512dq")]
pub(crate) fn hash128(bytes: &[u8]) -> u128 {
    let sums = sums(bytes);
    let length = bytes.len() as u64;
    let low = merge(&sums, 11, length.wrapping_mul(PRIME64[0]));
    let high = merge(&sums, SECRET.len() - STRIPE - 11, !length.wrapping_mul(PRIME64[1]));
    u128::from(high) << 64 | u128::from(low)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn sums(bytes: &[u8]) -> [u64; 8] {
    let mut sums = load_words(&START);
    // The last stripe is never among those of a block: one byte is left for it at least.
    let (whole, rest) = bytes[..bytes.len() - 1].as_chunks::<{ STRIPES * STRIPE }>();
    for block in whole {
        for (number, stripe) in block.as_chunks::<STRIPE>().0.iter().enumerate() {
            // A mere hint: it may point behind the end.
            _mm_prefetch::<_MM_HINT_T0>(stripe.as_ptr().wrapping_add(AHEAD).cast());
            sums = add(sums, stripe, 8 * number);
        }
        sums = scramble(sums);
    }
    for (number, stripe) in rest.as_chunks::<STRIPE>().0.iter().enumerate() {
        sums = add(sums, stripe, 8 * number);
    }
    if let Some(last) = bytes.last_chunk::<STRIPE>() {
        sums = add(sums, last, SECRET.len() - STRIPE - 7);
    }
    store(sums)
}

/// Takes a stripe, with the secret from a place on.
#[inline]
#[target_feature(enable = "avx512f")]
fn add(sums: __m512i, stripe: &[u8; STRIPE], secret: usize) -> __m512i {
    let data = load_table(stripe);
    let keyed = _mm512_xor_si512(data, secret_at(secret));
    let products = _mm512_mul_epu32(keyed, _mm512_srli_epi64::<32>(keyed));
    // Each word goes to its neighbour's sum.
    let swapped = _mm512_shuffle_epi32::<0b01_00_11_10>(data);
    _mm512_add_epi64(products, _mm512_add_epi64(sums, swapped))
}

/// After each block.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn scramble(sums: __m512i) -> __m512i {
    let mixed = _mm512_xor_si512(sums, _mm512_srli_epi64::<47>(sums));
    let keyed = _mm512_xor_si512(mixed, secret_at(SECRET.len() - STRIPE));
    _mm512_mullo_epi64(keyed, _mm512_set1_epi64(PRIME32[0].cast_signed()))
}

/// The eight sums as one, with the secret from a place on.
#[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
fn merge(sums: &[u64; 8], secret: usize, start: u64) -> u64 {
    let (keys, _) = SECRET[secret..].as_chunks::<8>();
    let mut merged = start;
    for (sums, keys) in sums.as_chunks::<2>().0.iter().zip(keys.as_chunks::<2>().0) {
        let [left, right] = [0, 1].map(|i| u128::from(sums[i] ^ u64::from_le_bytes(keys[i])));
        let product = left * right;
        merged = merged.wrapping_add(product as u64 ^ (product >> 64) as u64);
    }
    merged ^= merged >> 37;
    merged = merged.wrapping_mul(0x1656_6791_9E37_79F9);
    merged ^ merged >> 32
}

#[inline]
#[target_feature(enable = "avx512f")]
fn secret_at(place: usize) -> __m512i {
    load_table(SECRET[place..].first_chunk().unwrap_or(&[0; STRIPE]))
}

#[inline]
#[target_feature(enable = "avx512f")]
#[expect(unsafe_code, reason = "a load of the length of its array")]
fn load_words(words: &[u64; 8]) -> __m512i {
    // SAFETY: the array has the 64 bytes that are loaded, at any alignment.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
#[expect(unsafe_code, reason = "a store of the length of its array")]
fn store(vector: __m512i) -> [u64; 8] {
    let mut words = [0; 8];
    // SAFETY: the array has the 64 bytes that are stored, at any alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) };
    words
}

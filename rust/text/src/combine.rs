//! Shingles of word hashes: a polynomial in the hashes of consecutive words, mixed; eight at a time where possible.

use crate::hash::mix64;
use crate::wide;

/// An odd multiplier, so that a word counts by its place.
const PLACE: u64 = 0x9FB2_1C65_1E98_DF25;

/// Appends the shingle of every `n` consecutive words.
#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "calls code for the processor that was detected")
)]
pub(crate) fn combine_all(words: &[u64], n: usize, out: &mut Vec<u64>) {
    let mut done = 0;
    #[cfg(target_arch = "x86_64")]
    if wide::supported() {
        // SAFETY: the processor has these instructions.
        done = unsafe { x86::combine(words, n, out) };
    }
    out.extend(words[done..].windows(n).map(combine));
}

fn combine(words: &[u64]) -> u64 {
    let sum = words.iter().fold(0u64, |sum, word| sum.wrapping_mul(PLACE).wrapping_add(*word));
    mix64(sum, words.len() as u64)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, _mm512_add_epi64, _mm512_loadu_si512, _mm512_mullo_epi64, _mm512_set1_epi64,
        _mm512_setzero_si512, _mm512_srli_epi64, _mm512_storeu_si512, _mm512_xor_si512,
    };

    use super::PLACE;

    const LANES: usize = 8;
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

    /// Shingles from the first words on, as many as fill whole vectors; returns how many.
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn combine(words: &[u64], n: usize, out: &mut Vec<u64>) -> usize {
        let vectors = (words.len() + 1).saturating_sub(n) / LANES;
        let start = out.len();
        out.resize(start + vectors * LANES, 0);
        for (number, out) in out[start..].as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let window = &words[number * LANES..][..n + LANES - 1];
            store(out, if n == 5 { mix(sum(window, 5), 5) } else { mix(sum(window, n), n as u64) });
        }
        vectors * LANES
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn sum(window: &[u64], n: usize) -> __m512i {
        let place = splat(PLACE);
        let mut sum = _mm512_setzero_si512();
        for offset in 0..n {
            let words = window[offset..].first_chunk().map_or(sum, |words| load(words));
            sum = _mm512_add_epi64(_mm512_mullo_epi64(sum, place), words);
        }
        sum
    }

    /// [`crate::hash::mix64`] in each lane.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn mix(value: __m512i, seed: u64) -> __m512i {
        let z = _mm512_add_epi64(value, splat(seed.wrapping_add(1).wrapping_mul(STEP)));
        let z = _mm512_xor_si512(z, _mm512_srli_epi64::<30>(z));
        let z = _mm512_mullo_epi64(z, splat(0xBF58_476D_1CE4_E5B9));
        let z = _mm512_xor_si512(z, _mm512_srli_epi64::<27>(z));
        let z = _mm512_mullo_epi64(z, splat(0x94D0_49BB_1331_11EB));
        _mm512_xor_si512(z, _mm512_srli_epi64::<31>(z))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn splat(value: u64) -> __m512i {
        _mm512_set1_epi64(value.cast_signed())
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "a load of the length of its array")]
    fn load(words: &[u64; LANES]) -> __m512i {
        // SAFETY: the array has the 64 bytes that are loaded, at any alignment.
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "a store of the length of its array")]
    fn store(out: &mut [u64; LANES], vector: __m512i) {
        // SAFETY: the array has the 64 bytes that are stored, at any alignment.
        unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), vector) };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn shingles_are_those_made_one_by_one(words in prop::collection::vec(any::<u64>(), 1..70), n in 1usize..12) {
            let n = n.min(words.len());
            let expected: Vec<u64> = words.windows(n).map(combine).collect();
            let mut out = Vec::new();
            combine_all(&words, n, &mut out);
            prop_assert_eq!(out, expected);
        }
    }
}

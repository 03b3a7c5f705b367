//! Sorts values of which none is far from its place.

/// Sorts all values, in a time that grows with how far they are from their places; true only if each is there once.
#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "calls code for the processor that was detected")
)]
pub(crate) fn sort(values: &mut [u64]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has these instructions.
        if unsafe { x86::exchange(values) } {
            return true;
        }
    }
    insertion_sort(values);
    false
}

fn insertion_sort(values: &mut [u64]) {
    for at in 1..values.len() {
        let value = values[at];
        let mut hole = at;
        while hole > 0 && values[hole - 1] > value {
            values[hole] = values[hole - 1];
            hole -= 1;
        }
        values[hole] = value;
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, _mm512_loadu_si512, _mm512_mask_max_epu64, _mm512_min_epu64, _mm512_shuffle_epi32,
        _mm512_storeu_si512,
    };

    const LANES: usize = 8;
    /// Of uniform values in as many buckets as values, hardly any is further from its place.
    const PASSES: usize = 6;
    /// Swaps the 64-bit lanes of each pair.
    const SWAP: i32 = 0b01_00_11_10;

    /// Exchanges neighbours that are in the wrong order, in turn those at even and at odd places; true if all ascend then.
    #[target_feature(enable = "avx512f")]
    pub(super) fn exchange(values: &mut [u64]) -> bool {
        for pass in 0..PASSES {
            let from = values.len().min(pass & 1);
            let (vectors, rest) = values[from..].as_chunks_mut::<LANES>();
            for vector in vectors {
                let pairs = load(vector);
                let swapped = _mm512_shuffle_epi32::<SWAP>(pairs);
                let least = _mm512_min_epu64(pairs, swapped);
                store(vector, _mm512_mask_max_epu64(least, 0b1010_1010, pairs, swapped));
            }
            for [a, b] in rest.as_chunks_mut::<2>().0 {
                (*a, *b) = (*a.min(b), *a.max(b));
            }
        }
        let behind = values.get(1..).unwrap_or_default();
        // No early exit: the compiler makes vectors of this.
        values.iter().zip(behind).filter(|(a, b)| a >= b).count() == 0
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "a load of the length of its array")]
    fn load(values: &[u64; LANES]) -> __m512i {
        // SAFETY: the array has the 64 bytes that are loaded, at any alignment.
        unsafe { _mm512_loadu_si512(values.as_ptr().cast()) }
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
        fn all_are_sorted(values in prop::collection::vec(prop_oneof![0u64..9, any::<u64>()], 0..90)) {
            let (mut sorted, mut slowly, mut expected) = (values.clone(), values.clone(), values);
            let once = sort(&mut sorted);
            insertion_sort(&mut slowly);
            expected.sort_unstable();
            prop_assert_eq!(&sorted, &expected);
            prop_assert!(!once || expected.is_sorted_by(|a, b| a < b));
            prop_assert_eq!(slowly, expected);
        }
    }
}

//! How many values two sorted slices without repeats have in common.

/// The number of common values.
#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "calls code for the processor that was detected")
)]
pub(crate) fn shared(a: &[u64], b: &[u64]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("popcnt") {
        // SAFETY: the processor has left instructions.
        return unsafe { x86::shared(a, b) };
    }
    one_by_one(a, b)
}

/// One step forward in either or both, without a branch that the data decide.
fn one_by_one(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        count += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    count
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, _mm512_alignr_epi64, _mm512_cmpeq_epi64_mask, _mm512_loadu_si512,
    };

    const LANES: usize = 8;

    /// Eight of each at a time: all pairs of them, then on where the last one is less.
    #[target_feature(enable = "avx512f,popcnt")]
    pub(super) fn shared(left: &[u64], right: &[u64]) -> usize {
        let (mut i, mut j, mut count) = (0, 0, 0);
        while let (Some(x), Some(y)) = (eight(left, i), eight(right, j)) {
            count += equal(load(x), load(y)).count_ones() as usize;
            let last = [x[LANES - 1], y[LANES - 1]];
            i += LANES * usize::from(last[0] <= last[1]);
            j += LANES * usize::from(last[1] <= last[0]);
        }
        count + super::one_by_one(&left[i..], &right[j..])
    }

    #[inline]
    fn eight(values: &[u64], at: usize) -> Option<&[u64; LANES]> {
        values.get(at..)?.first_chunk()
    }

    /// The lanes of the first whose value any lane of the second has.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn equal(a: __m512i, b: __m512i) -> u8 {
        macro_rules! turned {
            ($($by:literal)*) => {
                _mm512_cmpeq_epi64_mask(a, b)
                    $(| _mm512_cmpeq_epi64_mask(a, _mm512_alignr_epi64::<$by>(b, b)))*
            };
        }
        turned!(1 2 3 4 5 6 7)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "a load of the length of its array")]
    fn load(values: &[u64; LANES]) -> __m512i {
        // SAFETY: the array has the 64 bytes that are loaded, at any alignment.
        unsafe { _mm512_loadu_si512(values.as_ptr().cast()) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_ways_count_what_sets_have_in_common(
            a in prop::collection::btree_set(0u64..120, 0..90),
            b in prop::collection::btree_set(0u64..120, 0..90),
            spread in prop::sample::select(vec![1, u64::MAX / 120]),
        ) {
            let expected = a.intersection(&b).count();
            let list = |set: &BTreeSet<u64>| set.iter().map(|x| x * spread).collect::<Vec<_>>();
            prop_assert_eq!(shared(&list(&a), &list(&b)), expected);
            prop_assert_eq!(one_by_one(&list(&a), &list(&b)), expected);
        }
    }
}

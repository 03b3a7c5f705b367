//! Code points to UTF-8, 16 at a time where the processor can.

/// Appends the UTF-8 of some code points; false, and nothing appended, if one of them is no character.
pub(crate) fn append(points: &[u32], out: &mut String) -> bool {
    #[cfg(target_arch = "x86_64")]
    if x86::supported() {
        #[expect(unsafe_code, reason = "to write the texts of a list took a tenth of encoding")]
        // SAFETY: `supported` says that the processor has these instructions.
        return unsafe { x86::append(points, out) };
    }
    one_by_one(points, out)
}

fn one_by_one(points: &[u32], out: &mut String) -> bool {
    let before = out.len();
    for &point in points {
        let Some(char) = char::from_u32(point) else {
            out.truncate(before);
            return false;
        };
        out.push(char);
    }
    true
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, _mm512_and_si512, _mm512_cmpeq_epi32_mask, _mm512_cmpge_epu32_mask,
        _mm512_cmpgt_epu32_mask, _mm512_mask_mov_epi32, _mm512_maskz_compress_epi8,
        _mm512_maskz_loadu_epi32, _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi32,
        _mm512_slli_epi32, _mm512_srli_epi32, _mm512_storeu_si512,
    };

    /// Code points in a register.
    const AT_ONCE: usize = 16;
    /// Bytes of a store, of which only the first are kept.
    const STORED: usize = 64;

    pub(super) fn supported() -> bool {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vbmi2")
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
    #[expect(
        unsafe_code,
        reason = "stores whole registers, and text that is UTF-8 by construction"
    )]
    pub(super) fn append(points: &[u32], out: &mut String) -> bool {
        // SAFETY: what is added are whole characters, and their bytes are set before the length is.
        let bytes = unsafe { out.as_mut_vec() };
        bytes.reserve(points.len() * 4 + STORED);
        let (mut len, mut wrong) = (bytes.len(), 0);
        for chunk in points.chunks(AT_ONCE) {
            let some = u16::MAX >> (AT_ONCE - chunk.len());
            // SAFETY: the mask selects elements of the chunk only.
            let chars = unsafe { _mm512_maskz_loadu_epi32(some, chunk.as_ptr().cast()) };
            wrong |= no_characters(chars);
            let (lanes, kept) = encoded(chars);
            // Four bits for each lane.
            let kept = kept & u64::MAX >> (STORED - 4 * chunk.len());
            // SAFETY: each code point before took four bytes at most, so at least a store of the room is left.
            unsafe {
                let place = bytes.as_mut_ptr().add(len);
                _mm512_storeu_si512(place.cast(), _mm512_maskz_compress_epi8(kept, lanes));
            }
            len += kept.count_ones() as usize;
        }
        if wrong == 0 {
            // SAFETY: so many bytes were reserved and written.
            unsafe { bytes.set_len(len) };
        }
        wrong == 0
    }

    /// The code points that are surrogates or beyond the last.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn no_characters(chars: __m512i) -> u16 {
        let high = _mm512_and_si512(chars, all(0xFFFF_F800));
        _mm512_cmpeq_epi32_mask(high, all(0xD800)) | _mm512_cmpgt_epu32_mask(chars, all(0x10_FFFF))
    }

    /// The bytes of each character at the end of its four, and which of all these are its bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn encoded(chars: __m512i) -> (__m512i, u64) {
        let six = all(0x3F);
        let last = _mm512_slli_epi32::<24>(_mm512_and_si512(chars, six));
        let third = _mm512_slli_epi32::<16>(_mm512_and_si512(_mm512_srli_epi32::<6>(chars), six));
        let second = _mm512_slli_epi32::<8>(_mm512_and_si512(_mm512_srli_epi32::<12>(chars), six));
        let first = _mm512_srli_epi32::<18>(chars);
        let parts = _mm512_or_si512(_mm512_or_si512(last, third), _mm512_or_si512(second, first));
        let (mut lanes, mut kept) = (_mm512_slli_epi32::<24>(chars), all(0xFF00_0000));
        for (from, marks, bytes) in [
            (0x80, 0x80C0_0000, 0xFFFF_0000),
            (0x800, 0x8080_E000, 0xFFFF_FF00),
            (0x1_0000, 0x8080_80F0, 0xFFFF_FFFF),
        ] {
            let longer = _mm512_cmpge_epu32_mask(chars, all(from));
            lanes = _mm512_mask_mov_epi32(lanes, longer, _mm512_or_si512(parts, all(marks)));
            kept = _mm512_mask_mov_epi32(kept, longer, all(bytes));
        }
        (lanes, _mm512_movepi8_mask(kept))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn all(value: u32) -> __m512i {
        _mm512_set1_epi32(value.cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_code_point_is_written_as_one_by_one() {
        for start in (0..0x11_0100).step_by(0x100) {
            let points: Vec<u32> = (start..start + 0x100).collect();
            let (mut fast, mut slow) = (String::from("x"), String::from("x"));
            assert_eq!(append(&points, &mut fast), one_by_one(&points, &mut slow));
            assert_eq!(fast, slow);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_written(
            text in "[a-zéж中😀\\PC]{0,80}",
            before in "\\PC{0,20}",
            wrong in proptest::option::of((0_usize..90, prop_oneof![0xD800_u32..0xE000, 0x11_0000_u32..])),
        ) {
            let mut points: Vec<u32> = text.chars().map(u32::from).collect();
            let mut out = before.clone();
            prop_assert!(append(&points, &mut out));
            prop_assert_eq!(&out, &format!("{before}{text}"));
            if let Some((at, wrong)) = wrong {
                points.insert(at.min(points.len()), wrong);
                prop_assert!(!append(&points, &mut out));
                prop_assert_eq!(&out, &format!("{before}{text}"));
            }
        }
    }
}

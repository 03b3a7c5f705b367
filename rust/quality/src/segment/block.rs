//! What stands at 64 bytes of a text, as bit masks: white space, ASCII letters, bytes of other characters.

/// Bit `i` of each speaks of byte `i`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Masks {
    /// White space of ASCII, as `chars::is_space` has it.
    pub(super) spaces: u64,
    pub(super) letters: u64,
    /// Not ASCII.
    pub(super) high: u64,
}

/// The masks from `at` on; bytes beyond the end count as white space.
#[inline]
pub(super) fn masks(bytes: &[u8], at: usize) -> Masks {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(block) = rest.first_chunk() {
        return of(block);
    }
    let mut block = [b' '; 64];
    block[..rest.len()].copy_from_slice(rest);
    of(&block)
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[expect(unsafe_code, reason = "one call of SSE2, without which no x86-64 program starts")]
fn of(block: &[u8; 64]) -> Masks {
    let mut masks = Masks { spaces: 0, letters: 0, high: 0 };
    for (number, quarter) in block.as_chunks::<16>().0.iter().enumerate() {
        // SAFETY: SSE2 is part of x86-64.
        let [spaces, letters, high] = unsafe { quarter_masks(quarter) };
        masks.spaces |= u64::from(spaces) << (16 * number);
        masks.letters |= u64::from(letters) << (16 * number);
        masks.high |= u64::from(high) << (16 * number);
    }
    masks
}

/// The three masks of 16 bytes.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "sse2")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "16 bits of mask")]
fn quarter_masks(bytes: &[u8; 16]) -> [u16; 3] {
    use std::arch::x86_64::{
        _mm_add_epi8, _mm_cmplt_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
        _mm_set1_epi8,
    };
    let both = u128::from_le_bytes(*bytes);
    let v = _mm_set_epi64x((both >> 64) as i64, both as i64);
    // An unsigned range check is one signed comparison after a shift of the range's start to -128.
    let tabs = _mm_cmplt_epi8(_mm_add_epi8(v, _mm_set1_epi8(0x77)), _mm_set1_epi8(-128 + 5));
    let blanks = _mm_cmplt_epi8(_mm_add_epi8(v, _mm_set1_epi8(0x64)), _mm_set1_epi8(-128 + 5));
    let letters = _mm_add_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8(0x1F));
    let letters = _mm_cmplt_epi8(letters, _mm_set1_epi8(-128 + 26));
    [_mm_or_si128(tabs, blanks), letters, v].map(|mask| _mm_movemask_epi8(mask) as u16)
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn of(block: &[u8; 64]) -> Masks {
    slow(block)
}

#[cfg(any(test, not(target_arch = "x86_64")))]
fn slow(block: &[u8; 64]) -> Masks {
    let mask = |is: fn(u8) -> bool| {
        block.iter().rev().fold(0, |mask, &byte| mask << 1 | u64::from(is(byte)))
    };
    Masks {
        spaces: mask(|byte| byte.is_ascii() && crate::chars::is_space(char::from(byte))),
        letters: mask(|byte| byte.is_ascii_alphabetic()),
        high: mask(|byte| !byte.is_ascii()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_equal_their_slow_twin() {
        let bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        for block in bytes.windows(64) {
            let block = block.first_chunk().unwrap();
            assert_eq!(of(block), slow(block));
        }
    }

    #[test]
    fn bytes_beyond_the_end_are_white_space() {
        let found = masks("xaé".as_bytes(), 1);
        assert_eq!(found, Masks { spaces: !7, letters: 1, high: 6 });
        assert_eq!(masks(b"x", 3).spaces, u64::MAX);
    }
}

//! Which of 64 bytes are ASCII letters or digits, and which are ASCII at all, as bit masks.

/// Bit `i` of the first mask: byte `at + i` is an ASCII letter or digit; of the second: it is ASCII.
///
/// Bytes beyond the end count as ASCII that is neither.
#[inline]
pub(crate) fn classify(bytes: &[u8], at: usize) -> (u64, u64) {
    if let Some(block) = bytes[at..].first_chunk::<64>() {
        return masks(block);
    }
    let mut block = [b' '; 64];
    block[..bytes.len() - at].copy_from_slice(&bytes[at..]);
    masks(&block)
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[expect(unsafe_code, reason = "one call of SSE2, without which no x86-64 program starts")]
fn masks(block: &[u8; 64]) -> (u64, u64) {
    let (mut word, mut high) = (0, 0);
    for (number, quarter) in block.as_chunks::<16>().0.iter().enumerate() {
        // SAFETY: SSE2 is part of x86-64.
        let (w, h) = unsafe { quarter_masks(quarter) };
        word |= u64::from(w) << (16 * number);
        high |= u64::from(h) << (16 * number);
    }
    (word, !high)
}

/// Word bytes and bytes above 0x7F of 16.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "sse2")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "16 bits of mask")]
fn quarter_masks(bytes: &[u8; 16]) -> (u16, u16) {
    use std::arch::x86_64::{
        _mm_add_epi8, _mm_cmplt_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
        _mm_set1_epi8,
    };
    let both = u128::from_le_bytes(*bytes);
    let v = _mm_set_epi64x((both >> 64) as i64, both as i64);
    // An unsigned range check is one signed comparison after a shift of the range's start to -128.
    let letters = _mm_add_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8(0x1F));
    let letters = _mm_cmplt_epi8(letters, _mm_set1_epi8(-128 + 26));
    let digits = _mm_add_epi8(v, _mm_set1_epi8(0x50));
    let digits = _mm_cmplt_epi8(digits, _mm_set1_epi8(-128 + 10));
    let word = _mm_movemask_epi8(_mm_or_si128(letters, digits));
    (word as u16, _mm_movemask_epi8(v) as u16)
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn masks(block: &[u8; 64]) -> (u64, u64) {
    slow_masks(block)
}

#[cfg(any(test, not(target_arch = "x86_64")))]
fn slow_masks(block: &[u8; 64]) -> (u64, u64) {
    block.iter().rev().fold((0, 0), |(word, ascii), byte| {
        (
            word << 1 | u64::from(byte.is_ascii_alphanumeric()),
            ascii << 1 | u64::from(byte.is_ascii()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_equal_their_slow_twin() {
        let bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        for block in bytes.windows(64) {
            let block = block.first_chunk().unwrap();
            assert_eq!(masks(block), slow_masks(block));
        }
    }

    #[test]
    fn bytes_beyond_the_end_are_separators() {
        assert_eq!(classify(b"xab", 1), (3, u64::MAX));
    }
}

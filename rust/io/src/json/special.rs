//! Where the next byte of a JSON string stands that is not just copied.

/// The place of the first quote, backslash or control character from `from` on, else the length.
///
/// Most strings of metadata end within a few bytes, and lines of text do not: the first sixteen bytes are looked at in
/// place, the others in the widest registers there are.
#[inline]
pub(crate) fn special(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    for _ in 0..2 {
        let Some(chunk) = bytes[at..].first_chunk::<8>() else { break };
        let marks = marks(u64::from_le_bytes(*chunk));
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    wide(bytes, at)
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "calls of functions for processors that were asked for just before")]
fn wide(bytes: &[u8], from: usize) -> usize {
    if is_x86_feature_detected!("avx512bw") {
        // SAFETY: the processor has AVX-512 BW, and with it F.
        return unsafe { x86::avx512(bytes, from) };
    }
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { x86::avx2(bytes, from) };
    }
    portable(bytes, from)
}

#[cfg(not(target_arch = "x86_64"))]
fn wide(bytes: &[u8], from: usize) -> usize {
    portable(bytes, from)
}

/// The highest bit of each byte that is special; those above the lowest one may be wrong.
///
/// A byte is below 0x20, or equals a quote or backslash, where the subtraction borrows ("Bit Twiddling Hacks": hasless,
/// haszero).
#[inline]
fn marks(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let quote = word ^ (ONES * 0x22);
    let slash = word ^ (ONES * 0x5c);
    let marks = (word.wrapping_sub(ONES * 0x20) & !word)
        | (quote.wrapping_sub(ONES) & !quote)
        | (slash.wrapping_sub(ONES) & !slash);
    marks & HIGH
}

/// Eight bytes at a time.
fn portable(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(chunk) = bytes[at..].first_chunk::<8>() {
        let marks = marks(u64::from_le_bytes(*chunk));
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes[at..].iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\');
    rest.map_or(bytes.len(), |found| at + found)
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "loads of whole blocks from slices of their length")]
mod x86 {
    use std::arch::x86_64::{
        _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_set1_epi8, _mm512_cmpeq_epi8_mask, _mm512_cmplt_epu8_mask,
        _mm512_loadu_si512, _mm512_set1_epi8,
    };

    /// 64 bytes at a time.
    #[target_feature(enable = "avx512bw")]
    pub(super) fn avx512(bytes: &[u8], from: usize) -> usize {
        let [control, quote, slash] = [0x20, 0x22, 0x5c].map(|byte| _mm512_set1_epi8(byte));
        let mut at = from;
        while let Some(block) = bytes[at..].first_chunk::<64>() {
            // SAFETY: the block has the 64 bytes that are loaded, at any alignment.
            let block = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
            let marks = _mm512_cmplt_epu8_mask(block, control)
                | _mm512_cmpeq_epi8_mask(block, quote)
                | _mm512_cmpeq_epi8_mask(block, slash);
            if marks != 0 {
                return at + marks.trailing_zeros() as usize;
            }
            at += 64;
        }
        super::portable(bytes, at)
    }

    /// 32 bytes at a time.
    #[target_feature(enable = "avx2")]
    pub(super) fn avx2(bytes: &[u8], from: usize) -> usize {
        let [control, quote, slash] = [0x1f, 0x22, 0x5c].map(|byte| _mm256_set1_epi8(byte));
        let mut at = from;
        while let Some(block) = bytes[at..].first_chunk::<32>() {
            // SAFETY: the block has the 32 bytes that are loaded, at any alignment.
            let block = unsafe { _mm256_loadu_si256(block.as_ptr().cast()) };
            let quoted =
                _mm256_or_si256(_mm256_cmpeq_epi8(block, quote), _mm256_cmpeq_epi8(block, slash));
            // A byte is at most 0x1f where the smaller of the two is the byte itself.
            let low = _mm256_cmpeq_epi8(_mm256_min_epu8(block, control), block);
            let marks = _mm256_movemask_epi8(_mm256_or_si256(quoted, low));
            if marks != 0 {
                return at + marks.trailing_zeros() as usize;
            }
            at += 32;
        }
        super::portable(bytes, at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slow(bytes: &[u8], from: usize) -> usize {
        let is_special = |&i: &usize| bytes[i] < 0x20 || b"\"\\".contains(&bytes[i]);
        (from..bytes.len()).find(is_special).unwrap_or(bytes.len())
    }

    /// Every way that this processor can go.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "only where the processor can")
    )]
    fn ways(bytes: &[u8], from: usize) -> Vec<usize> {
        let mut found = vec![special(bytes, from), wide(bytes, from), portable(bytes, from)];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512bw") {
                // SAFETY: the processor has AVX-512 BW.
                found.push(unsafe { x86::avx512(bytes, from) });
            }
            if is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has AVX2.
                found.push(unsafe { x86::avx2(bytes, from) });
            }
        }
        found
    }

    proptest! {
        #[test]
        fn special_bytes_are_found_where_they_are(plain in "[!#-\\[\\]-~é日💡]{0,150}", special in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3), from in any::<prop::sample::Index>()) {
            let mut bytes = plain.into_bytes();
            for (at, byte) in special {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = byte;
                }
            }
            let from = from.index(bytes.len() + 1);
            for found in ways(&bytes, from) {
                prop_assert_eq!(found, slow(&bytes, from));
            }
        }
    }

    #[test]
    fn every_byte_is_told_at_every_place() {
        for byte in 0..=u8::MAX {
            for at in 0..90 {
                let mut bytes = [b'x'; 90];
                bytes[at] = byte;
                assert!(
                    ways(&bytes, 0).iter().all(|found| *found == slow(&bytes, 0)),
                    "{byte} at {at}"
                );
            }
        }
    }
}

//! The bytes of a JSON string copied up to one that neither is itself nor is escaped by one letter.

#[cfg(not(target_arch = "x86_64"))]
use self::slowly as copied;
use super::special;

/// What `text[at..]` holds up to the next quote, control character or escape `\u`, appended with the escapes of one letter
/// decoded; returns where that is, or where the text ends. It may stop at other escapes, too.
pub(crate) fn copy(text: &str, at: usize, out: &mut String) -> usize {
    copied(text, at, out)
}

/// Up to any escape.
fn slowly(text: &str, at: usize, out: &mut String) -> usize {
    let end = special(text.as_bytes(), at);
    out.push_str(&text[at..end]);
    end
}

#[cfg(target_arch = "x86_64")]
#[expect(
    unsafe_code,
    reason = "a call of a function for processors that were asked for just before"
)]
fn copied(text: &str, at: usize, out: &mut String) -> usize {
    if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("bmi2") {
        // SAFETY: the processor has these instructions.
        return unsafe { x86::copy(text, at, out) };
    }
    slowly(text, at, out)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, __mmask64, _bzhi_u64, _mm512_cmpeq_epi8_mask, _mm512_cmplt_epu8_mask,
        _mm512_maskz_loadu_epi8, _mm512_set1_epi8, _mm512_storeu_si512,
    };

    const BLOCK: usize = 64;

    /// What the letter behind a backslash stands for; 0 if that takes a closer look.
    static LETTERS: [u8; 256] = {
        let mut letters = [0; 256];
        let pairs = [*b"n\n", *b"t\t", *b"r\r", *b"b\x08", *b"f\x0c", *b"\"\"", *b"\\\\", *b"//"];
        let mut i = 0;
        while i < pairs.len() {
            letters[pairs[i][0] as usize] = pairs[i][1];
            i += 1;
        }
        letters
    };

    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    #[expect(unsafe_code, reason = "blocks are stored behind the end and cut to whole characters")]
    pub(super) fn copy(text: &str, mut at: usize, out: &mut String) -> usize {
        let bytes = text.as_bytes();
        // SAFETY: what is added ends before an ASCII character of the text or at its end, so that it is UTF-8.
        let out = unsafe { out.as_mut_vec() };
        let mut to = out.len();
        // No more is written than is read, and a block behind it.
        out.reserve(bytes.len().saturating_sub(at) + BLOCK);
        let start = out.as_mut_ptr();
        while at < bytes.len() {
            let left = (bytes.len() - at).min(BLOCK);
            let inside = _bzhi_u64(u64::MAX, u32::try_from(left).unwrap_or(0));
            // SAFETY: the mask selects bytes of the text; room for a block behind `to` was reserved.
            let marks = unsafe {
                let block = _mm512_maskz_loadu_epi8(inside, bytes.as_ptr().add(at).cast());
                _mm512_storeu_si512(start.add(to).cast(), block);
                special(block) & inside
            };
            let plain = if marks == 0 { left } else { marks.trailing_zeros() as usize };
            (at, to) = (at + plain, to + plain);
            if marks != 0 {
                let [b'\\', letter] = bytes[at..bytes.len().min(at + 2)] else { break };
                let decoded = LETTERS[usize::from(letter)];
                if decoded == 0 {
                    break;
                }
                // SAFETY: two bytes were read for one.
                unsafe { start.add(to).write(decoded) };
                (at, to) = (at + 2, to + 1);
            }
        }
        // SAFETY: so many bytes were written.
        unsafe { out.set_len(to) };
        at
    }

    /// Quotes, backslashes and control characters.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn special(block: __m512i) -> __mmask64 {
        _mm512_cmplt_epu8_mask(block, _mm512_set1_epi8(0x20))
            | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(0x22))
            | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(0x5c))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Escapes of one letter decoded one by one.
    fn slow(text: &str, from: usize) -> (usize, String) {
        let (mut at, mut out) = (from, String::new());
        while let Some(c) = text[at..].chars().next() {
            let escaped = text[at..].chars().nth(1);
            let decoded = match (c, escaped) {
                ('\\', Some('n')) => '\n',
                ('\\', Some('t')) => '\t',
                ('\\', Some('r')) => '\r',
                ('\\', Some('b')) => '\u{8}',
                ('\\', Some('f')) => '\u{c}',
                ('\\', Some(c @ ('"' | '\\' | '/'))) => c,
                ('\\' | '"' | '\0'..' ', _) => break,
                (c, _) => c,
            };
            at += if c == '\\' { 2 } else { c.len_utf8() };
            out.push(decoded);
        }
        (at, out)
    }

    proptest! {
        #[test]
        fn what_is_copied_is_what_the_text_says(
            pieces in prop::collection::vec(prop_oneof![
                6 => "[a-z é日💡/]{0,90}",
                3 => "\\\\[ntrbf\"\\\\/]",
                1 => "\\\\[ux\n]",
                1 => "[\"\n\x00]",
            ], 0..9),
            before in "[xé]{0,3}",
        ) {
            let text = format!("{before}{}", pieces.concat());
            let mut out = "kept".to_owned();
            let at = copy(&text, before.len(), &mut out);
            let (end, expected) = slow(&text, before.len());
            prop_assert!(at <= end);
            prop_assert!(at == end || text.as_bytes()[at] == b'\\');
            let part = slow(&text[..at], before.len()).1;
            prop_assert_eq!(&out, &format!("kept{part}"));
            prop_assert!(expected.starts_with(&part));
            if is_x86_feature_detected!("avx512bw") {
                prop_assert_eq!(at, end);
            }
            let mut slower = String::new();
            let at = slowly(&text, before.len(), &mut slower);
            prop_assert!(at <= end && expected.starts_with(&slower));
        }
    }
}

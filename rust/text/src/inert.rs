//! How far a text is certainly inert for normalisation, 64 bytes at a time; see [`crate::normalise`].

/// Bytes at the front, whole characters, of which none is changed by normalisation or part of a change.
///
/// Stops at the first character that may be another, or earlier; the caller looks at it closely.
#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "calls code for the processor that was detected")
)]
pub(crate) fn plain(bytes: &[u8]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if crate::wide::supported() {
        // SAFETY: the processor has these instructions.
        return unsafe { x86::plain(bytes) };
    }
    plain_ascii(bytes)
}

/// Those that are ASCII.
fn plain_ascii(bytes: &[u8]) -> usize {
    const WIDTH: usize = 32;
    let plain = |b: u8| (b >= b' ' || b == b'\t' || b == b'\n') && b < 0x7F;
    let mut at = 0;
    for chunk in bytes.chunks_exact(WIDTH) {
        // No early exit inside a chunk: the compiler makes vectors of this.
        if !chunk.iter().fold(true, |all, &b| all & plain(b)) {
            break;
        }
        at += WIDTH;
    }
    at + bytes[at..].iter().take_while(|&&b| plain(b)).count()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, __mmask64, _mm512_cmpeq_epi8_mask, _mm512_cmpge_epu8_mask, _mm512_cmpgt_epu8_mask,
        _mm512_cmple_epu8_mask, _mm512_cmplt_epu8_mask, _mm512_movepi8_mask, _mm512_sub_epi8,
    };

    use crate::wide::x86::{lanes, load};

    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    pub(super) fn plain(bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            let block = Block { bytes: load(bytes, at), rest: &bytes[at..] };
            let doubtful = block.doubtful();
            if doubtful != 0 {
                // Zeros behind the end are doubtful, too.
                return bytes.len().min(at + doubtful.trailing_zeros() as usize);
            }
            at += 64;
        }
        bytes.len()
    }

    /// 64 bytes, and the text that begins with them.
    struct Block<'a> {
        bytes: __m512i,
        rest: &'a [u8],
    }

    impl Block<'_> {
        /// The first bytes of characters that may not be inert.
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,bmi2")]
        fn doubtful(&self) -> __mmask64 {
            let blank = _mm512_cmple_epu8_mask(_mm512_sub_epi8(self.bytes, lanes(9)), lanes(1));
            let low = _mm512_cmplt_epu8_mask(self.bytes, lanes(0x20)) & !blank;
            let ascii = low | self.is(0x7F);
            if _mm512_movepi8_mask(self.bytes) == 0 { ascii } else { ascii | self.beyond_ascii() }
        }

        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,bmi2")]
        fn beyond_ascii(&self) -> __mmask64 {
            let next = load(self.rest, 1);
            let long = _mm512_cmpge_epu8_mask(self.bytes, lanes(0xE0));
            let mut doubtful = self.two(next);
            if long != 0 {
                doubtful |= long & !self.three(next);
            }
            doubtful
        }

        /// Those of two bytes: Latin and Cyrillic but the combining marks, Arabic but its marks; Greek, Hebrew and what is
        /// behind them for a closer look.
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw")]
        fn two(&self, next: __m512i) -> __mmask64 {
            // U+0080 to U+009F are controls.
            let controls = self.is(0xC2) & _mm512_cmplt_epu8_mask(next, lanes(0xA0));
            // U+0300 to U+03BF, U+0480 to U+04BF, U+0580 to U+05FF, U+06C0 to U+07FF.
            let marks = self.within(0xCC, 0xCE) | self.is(0xD2) | self.within(0xD6, 0xD7);
            let others = self.within(0xDB, 0xDF);
            // U+0610 to U+061A; U+064B to U+065F and U+0670.
            let signs = self.is(0xD8) & within(next, 0x90, 0x9A);
            let vowels = self.is(0xD9)
                & (within(next, 0x8B, 0x9F) | _mm512_cmpeq_epi8_mask(next, lanes(0xB0)));
            controls | marks | others | signs | vowels
        }

        /// The inert ones of three bytes, of those that are frequent.
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,bmi2")]
        fn three(&self, next: __m512i) -> __mmask64 {
            let after = load(self.rest, 2);
            // Ideographs from U+4000 on and Hangul.
            let plain = self.within(0xE4, 0xE9)
                | self.within(0xEB, 0xEC)
                | self.is(0xEA) & _mm512_cmpge_epu8_mask(next, lanes(0xB0))
                | self.is(0xED) & _mm512_cmple_epu8_mask(next, lanes(0x9D));
            // U+2002 to U+203F; fullwidth U+FF00 to U+FF7F; Vietnamese U+1EA0 to U+1EFF.
            let spaces = self.is(0xE2)
                & _mm512_cmpeq_epi8_mask(next, lanes(0x80))
                & _mm512_cmpgt_epu8_mask(after, lanes(0x81));
            let fullwidth = self.is(0xEF) & within(next, 0xBC, 0xBD);
            let vietnamese = self.is(0xE1)
                & (_mm512_cmpeq_epi8_mask(next, lanes(0xBB))
                    | _mm512_cmpeq_epi8_mask(next, lanes(0xBA))
                        & _mm512_cmpge_epu8_mask(after, lanes(0xA0)));
            // U+3000 to U+30FF but the tone marks, U+302A to U+302F, and the voiced marks, U+3099 and U+309A.
            let tones = _mm512_cmpeq_epi8_mask(next, lanes(0x80)) & within(after, 0xAA, 0xAF);
            let voiced = _mm512_cmpeq_epi8_mask(next, lanes(0x82)) & within(after, 0x99, 0x9A);
            let kana = self.is(0xE3) & within(next, 0x80, 0x83) & !tones & !voiced;
            plain | spaces | fullwidth | vietnamese | kana
        }

        #[inline]
        #[target_feature(enable = "avx512f,avx512bw")]
        fn is(&self, byte: u8) -> __mmask64 {
            _mm512_cmpeq_epi8_mask(self.bytes, lanes(byte))
        }

        #[inline]
        #[target_feature(enable = "avx512f,avx512bw")]
        fn within(&self, first: u8, last: u8) -> __mmask64 {
            within(self.bytes, first, last)
        }
    }

    /// Bytes from the first to the last.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn within(bytes: __m512i, first: u8, last: u8) -> __mmask64 {
        _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, lanes(first)), lanes(last - first))
    }
}

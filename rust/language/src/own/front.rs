//! The next bytes of a text: where their chunk ends, which of them can be part of a word, and their lower case.

/// Bytes of a front.
pub(crate) const FRONT: usize = 32;

/// The first 32 bytes of a text, padded with NUL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Front {
    /// A bit for each byte up to a space, white space and control bytes.
    pub(crate) blank: u32,
    /// A bit for each letter of ASCII and each byte beyond.
    pub(crate) letters: u32,
    /// The bytes with letters of ASCII in lower case.
    pub(crate) lower: [u64; FRONT / 8],
}

impl Front {
    /// Of a text.
    #[inline]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut padded = [0; FRONT];
        let front = bytes.first_chunk().unwrap_or_else(|| {
            padded[..bytes.len()].copy_from_slice(bytes);
            &padded
        });
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "registers that every processor of this kind has")]
        // SAFETY: SSE2 is part of x86-64.
        return unsafe { x86::front(front) };
        #[cfg(not(target_arch = "x86_64"))]
        plain(front)
    }

    /// Bytes before the first blank one; 32 if none is blank.
    #[inline]
    pub(crate) fn length(&self) -> usize {
        self.blank.trailing_zeros() as usize
    }

    /// From the first to behind the last letter of the first `length` bytes; both 0 without any.
    #[inline]
    pub(crate) fn word(&self, length: usize) -> (usize, usize) {
        let inside = self.letters & below(length);
        if inside == 0 {
            return (0, 0);
        }
        (inside.trailing_zeros() as usize, FRONT - inside.leading_zeros() as usize)
    }

    /// The lower case of the first `length` bytes, padded with NUL.
    #[inline]
    pub(crate) fn key(&self, length: usize) -> [u64; FRONT / 8] {
        let masks = &MASKS[length.min(FRONT)];
        std::array::from_fn(|i| self.lower[i] & masks[i])
    }
}

/// The bits of the first bytes.
#[inline]
fn below(length: usize) -> u32 {
    if length < FRONT { (1 << length) - 1 } else { u32::MAX }
}

/// Byte by byte: the twin of what registers do.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn plain(bytes: &[u8; FRONT]) -> Front {
    let bits = |is: fn(u8) -> bool| {
        bytes.iter().zip(0..).fold(0, |all, (&byte, bit)| all | u32::from(is(byte)) << bit)
    };
    let lower = bytes.map(|byte| byte.to_ascii_lowercase());
    Front {
        blank: bits(|byte| byte <= b' '),
        letters: bits(|byte| byte >= 0x80 || byte.is_ascii_alphabetic()),
        lower: std::array::from_fn(|i| {
            u64::from_le_bytes(std::array::from_fn(|j| lower[i * 8 + j]))
        }),
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi8, _mm_and_si128, _mm_cmpeq_epi8, _mm_cmplt_epi8, _mm_cvtsi128_si64,
        _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
        _mm_unpackhi_epi64,
    };

    use super::{FRONT, Front};

    /// With the registers that every processor of this kind has.
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(super) fn front(bytes: &[u8; FRONT]) -> Front {
        let (low, high) = (half(bytes, 0), half(bytes, 16));
        Front {
            blank: low.blank | high.blank << 16,
            letters: low.letters | high.letters << 16,
            lower: [low.lower[0], low.lower[1], high.lower[0], high.lower[1]],
        }
    }

    struct Half {
        blank: u32,
        letters: u32,
        lower: [u64; 2],
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn half(bytes: &[u8; FRONT], at: usize) -> Half {
        let eight = |at: usize| i64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        let bytes = _mm_set_epi64x(eight(at + 8), eight(at));
        let space = _mm_set1_epi8(0x20);
        let blank = _mm_cmpeq_epi8(_mm_min_epu8(bytes, space), bytes);
        let upper = _mm_and_si128(between(bytes, b'A'), space);
        let lower = _mm_or_si128(bytes, upper);
        // The sign bit of a byte beyond ASCII is set as well.
        let letters = _mm_or_si128(between(lower, b'a'), bytes);
        Half {
            blank: bits(blank),
            letters: bits(letters),
            lower: [
                _mm_cvtsi128_si64(lower).cast_unsigned(),
                _mm_cvtsi128_si64(_mm_unpackhi_epi64(lower, lower)).cast_unsigned(),
            ],
        }
    }

    /// Bytes that are one of 26 from `first` on.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn between(bytes: __m128i, first: u8) -> __m128i {
        // Moved so that the 26 are the least of signed numbers.
        let moved = _mm_add_epi8(bytes, _mm_set1_epi8(0x80_u8.wrapping_sub(first).cast_signed()));
        _mm_cmplt_epi8(moved, _mm_set1_epi8(-128 + 26))
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn bits(mask: __m128i) -> u32 {
        _mm_movemask_epi8(mask).cast_unsigned()
    }
}

/// For each length the bits of a key that belong to a word of that many bytes.
static MASKS: [[u64; FRONT / 8]; FRONT + 1] = {
    let mut masks = [[0; FRONT / 8]; FRONT + 1];
    let mut length = 1;
    while length <= FRONT {
        masks[length] = masks[length - 1];
        masks[length][(length - 1) / 8] |= 0xFF << (8 * ((length - 1) % 8));
        length += 1;
    }
    masks
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_front_is_that_of_the_slow_twin(bytes in prop::collection::vec(any::<u8>(), 0..70), length in 0..=FRONT) {
            let mut padded = [0; FRONT];
            let there = bytes.len().min(FRONT);
            padded[..there].copy_from_slice(&bytes[..there]);
            let (fast, slow) = (Front::of(&bytes), plain(&padded));
            prop_assert_eq!(fast.blank, slow.blank);
            prop_assert_eq!(fast.letters, slow.letters);
            prop_assert_eq!(fast.lower, slow.lower);
            let mut cut = [0; FRONT];
            cut[..length].copy_from_slice(&padded[..length]);
            prop_assert_eq!(fast.key(length), plain(&cut).lower);
        }
    }

    #[test]
    fn a_word_is_what_stands_between_marks() {
        let front = Front::of(b"(\"Word-d's.\") and");
        assert_eq!(front.length(), 13);
        assert_eq!(front.word(13), (2, 10));
        assert_eq!(Front::of(b"12:30 ").word(5), (0, 0));
        assert_eq!(
            Front::of("…é…".as_bytes()).word(8),
            (0, 8),
            "bytes beyond ASCII are not looked into"
        );
    }
}

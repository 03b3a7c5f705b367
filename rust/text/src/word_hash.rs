//! A 64-bit hash of a word's lower-case bytes: one 128-bit multiplication for words of up to 16 bytes.
//!
//! In the manner of wyhash: both halves of a product are folded together. It is stable: band files depend on it.

const A: u64 = 0xA076_1D64_78BD_642F;
const B: u64 = 0xE703_7ED1_A0B4_28DB;
const C: u64 = 0x8EBC_6AF0_9C88_C6E3;

/// `u128::MAX` cut to the first `n` bytes.
const MASKS: [u128; 17] = {
    let mut masks = [0; 17];
    let mut n = 1;
    while n <= 16 {
        masks[n] = u128::MAX >> (128 - 8 * n);
        n += 1;
    }
    masks
};
/// Bit 5 of every byte, which makes an ASCII letter lower-case and leaves a digit.
const LOWER: u128 = 0x2020_2020_2020_2020_2020_2020_2020_2020;

/// The hash of a word of ASCII letters and digits in any case, `text[start..end]`.
#[inline]
pub(crate) fn hash_ascii(text: &[u8], start: usize, end: usize) -> u64 {
    let length = end - start;
    if length <= 16
        && let Some(chunk) = text[start..].first_chunk::<16>()
    {
        return short(u128::from_le_bytes(*chunk) | LOWER, length);
    }
    let mut hasher = WordHasher::default();
    hasher.push_ascii(text, start, end);
    hasher.finish()
}

/// The hash of the word `text[start..end]` in lower case. Sixteen bytes must follow its start.
#[inline]
pub(crate) fn hash_folded(text: &[u8], start: usize, end: usize) -> u64 {
    let length = end - start;
    if length <= 16 {
        return short(sixteen(text, start), length);
    }
    let (mut hash, mut at) = (0, start);
    while end - at > 16 {
        hash = round(hash, sixteen(text, at), 16);
        at += 16;
    }
    round(hash, sixteen(text, at) & MASKS[end - at], length)
}

#[inline]
fn sixteen(text: &[u8], at: usize) -> u128 {
    text[at..].first_chunk().map_or(0, |chunk| u128::from_le_bytes(*chunk))
}

/// The hash of a word of one character, whose UTF-8 is `bytes`, little-endian.
#[inline]
pub(crate) fn hash_character(bytes: u32, length: u32) -> u64 {
    round(0, u128::from(bytes), length as usize)
}

/// Hashes a word that comes in pieces, without ever storing it.
#[derive(Default)]
pub(crate) struct WordHasher {
    hash: u64,
    /// The bytes since the last full sixteen, of which there are `fill`.
    chunk: u128,
    fill: u32,
    length: usize,
}

impl WordHasher {
    /// Adds the first `count` (at most 4) bytes, little-endian; the others are 0.
    #[inline]
    pub(crate) fn push(&mut self, bytes: u32, count: u32) {
        self.length += count as usize;
        if self.fill + count > 16 {
            return self.push_over(bytes, count);
        }
        self.chunk |= u128::from(bytes) << (8 * self.fill);
        self.fill += count;
    }

    /// Closes a chunk of sixteen: more bytes follow.
    #[inline(never)]
    fn push_over(&mut self, bytes: u32, count: u32) {
        let room = 16 - self.fill;
        let low = u128::from(bytes).checked_shl(8 * self.fill).unwrap_or(0);
        self.hash = round(self.hash, self.chunk | low, 16);
        self.chunk = u128::from(bytes) >> (8 * room);
        self.fill = count - room;
    }

    /// Adds ASCII letters and digits in any case, `text[start..end]`, at the start of a word.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "at most 16")]
    pub(crate) fn push_ascii(&mut self, text: &[u8], start: usize, end: usize) {
        let length = end - start;
        match text[start..].first_chunk::<16>() {
            Some(chunk) if length <= 16 => {
                self.chunk = (u128::from_le_bytes(*chunk) | LOWER) & MASKS[length];
                self.fill = length as u32;
                self.length = length;
            }
            _ => text[start..end].iter().for_each(|byte| self.push(u32::from(byte | 0x20), 1)),
        }
    }

    /// Adds bytes in lower case.
    pub(crate) fn push_folded(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.push(u32::from(*byte), 1);
        }
    }

    /// The hash of what was added; the next word begins.
    #[inline]
    pub(crate) fn finish(&mut self) -> u64 {
        let hash = round(self.hash, self.chunk, self.length);
        *self = Self::default();
        hash
    }
}

/// The hash of a word of up to sixteen bytes, with others behind them.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
fn short(chunk: u128, length: usize) -> u64 {
    let chunk = chunk & MASKS[length];
    fold(chunk as u64 ^ A, (chunk >> 64) as u64 ^ LENGTHS[length])
}

/// What the second half of the only chunk of a word is mixed with, by the length of the word.
const LENGTHS: [u64; 17] = {
    let mut lengths = [0; 17];
    let mut n = 0;
    while n <= 16 {
        lengths[n] = B ^ (n as u64).wrapping_mul(C);
        n += 1;
    }
    lengths
};

/// The last chunk of a word is padded with zeros and comes with the length of the word, those before it with 16.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
fn round(hash: u64, chunk: u128, length: usize) -> u64 {
    let left = chunk as u64 ^ A ^ hash;
    let right = (chunk >> 64) as u64 ^ B ^ (length as u64).wrapping_mul(C);
    fold(left, right)
}

/// Both halves of the product.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(word: &[u8]) -> u64 {
        let full = word.len().saturating_sub(1) / 16;
        let chunk = |i: usize| {
            let mut padded = [0; 16];
            let end = word.len().min(i * 16 + 16);
            padded[..end - i * 16].copy_from_slice(&word[i * 16..end]);
            u128::from_le_bytes(padded)
        };
        let hash = (0..full).fold(0, |hash, i| round(hash, chunk(i), 16));
        round(hash, chunk(full), word.len())
    }

    #[test]
    fn the_place_the_case_and_the_pieces_of_a_word_do_not_matter() {
        for length in 0..70 {
            let word: Vec<u8> = (0..length).map(|i| b"abcxyz019"[i * 7 % 9]).collect();
            let expected = slow(&word);
            let text = [b"..", &word.to_ascii_uppercase()[..], b"!!"].concat();
            assert_eq!(hash_ascii(&text, 2, 2 + length), expected);
            let padded = [&text[..], &[b'#'; 20]].concat();
            assert_eq!(hash_ascii(&padded, 2, 2 + length), expected);
            let folded = padded.to_ascii_lowercase();
            assert_eq!(hash_folded(&folded, 2, 2 + length), expected);
            for (ascii, piece) in [(0, 1), (1, 2), (3, 3), (17, 4), (16, 4), (5, 4)] {
                let mut hasher = WordHasher::default();
                let ascii = ascii.min(length);
                hasher.push_ascii(&padded, 2, 2 + ascii);
                for bytes in word[ascii..].chunks(piece) {
                    let mut four = [0; 4];
                    four[..bytes.len()].copy_from_slice(bytes);
                    hasher.push(u32::from_le_bytes(four), u32::try_from(bytes.len()).unwrap());
                }
                assert_eq!(hasher.finish(), expected);
            }
        }
        assert_eq!(hash_character(u32::from_le_bytes(*b"abc\0"), 3), slow(b"abc"));
    }

    #[test]
    fn one_changed_bit_changes_half_of_the_hash() {
        let mut flips = 0;
        for bit in 0..128 {
            let mut word = *b"abcdefghijklmnop";
            let before = slow(&word);
            word[bit / 8] ^= 1 << (bit % 8);
            flips += (before ^ slow(&word)).count_ones();
        }
        assert!((29 * 128..35 * 128).contains(&flips), "{flips}");
    }
}

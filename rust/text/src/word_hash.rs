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
        return round(0, (u128::from_le_bytes(*chunk) | LOWER) & MASKS[length], length);
    }
    hash_long(&text[start..end], LOWER)
}

/// The hash of a word that is in lower case already.
#[inline]
pub(crate) fn hash_word(word: &[u8]) -> u64 {
    hash_long(word, 0)
}

/// Sixteen bytes at a time, the last ones padded with zeros.
fn hash_long(word: &[u8], set: u128) -> u64 {
    let (chunks, rest) = word.as_chunks::<16>();
    let full = if rest.is_empty() { chunks.len().saturating_sub(1) } else { chunks.len() };
    let mut hash = 0;
    for chunk in &chunks[..full] {
        hash = round(hash, u128::from_le_bytes(*chunk) | set, 16);
    }
    let last = &word[full * 16..];
    let mut padded = [0; 16];
    padded[..last.len()].copy_from_slice(last);
    round(hash, (u128::from_le_bytes(padded) | set) & MASKS[last.len()], word.len())
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
fn round(hash: u64, chunk: u128, length: usize) -> u64 {
    let left = chunk as u64 ^ A ^ hash;
    let right = (chunk >> 64) as u64 ^ B ^ (length as u64).wrapping_mul(C);
    let product = u128::from(left) * u128::from(right);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_and_the_case_of_a_word_do_not_matter() {
        for length in 0..70 {
            let word: Vec<u8> = (0..length).map(|i| b"abcxyz019"[i * 7 % 9]).collect();
            let text = [b"..", &word.to_ascii_uppercase()[..], b"!!"].concat();
            assert_eq!(hash_ascii(&text, 2, 2 + length), hash_word(&word));
            let padded = [&text[..], &[b'#'; 20]].concat();
            assert_eq!(hash_ascii(&padded, 2, 2 + length), hash_word(&word));
        }
    }

    #[test]
    fn one_changed_bit_changes_half_of_the_hash() {
        let mut flips = 0;
        for bit in 0..128 {
            let mut word = *b"abcdefghijklmnop";
            let before = hash_word(&word);
            word[bit / 8] ^= 1 << (bit % 8);
            flips += (before ^ hash_word(&word)).count_ones();
        }
        assert!((29 * 128..35 * 128).contains(&flips), "{flips}");
    }
}

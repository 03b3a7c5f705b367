//! Shingles: 64-bit hashes of `n` consecutive words, what near-duplicates are found by.

use crate::hash::mix64;
use crate::stretch::Stretch;
use crate::words::word_hashes;

/// Buffers that are kept from one document to the next; a few times the largest document seen.
#[derive(Clone, Debug, Default)]
pub struct ShingleScratch {
    words: Vec<u64>,
    stretch: Stretch,
}

/// An odd multiplier, so that a word counts by its place.
const PLACE: u64 = 0x9FB2_1C65_1E98_DF25;

/// Puts the shingles of `text` into `out`, in order, repeated ones repeated.
///
/// A shingle is `n` consecutive words (at least 1 is taken); a text of fewer words is one shingle, a text without words
/// none. The text is taken to be in NFC. The values are uniform in all 64 bits, and stable: band files depend on them.
pub fn shingles(text: &str, n: usize, scratch: &mut ShingleScratch, out: &mut Vec<u64>) {
    word_hashes(text, &mut scratch.stretch, &mut scratch.words);
    out.clear();
    let words = &scratch.words[..];
    let n = n.clamp(1, words.len().max(1));
    if n == 5 {
        out.extend(words.windows(5).map(|window| combine(window, 5))); // unrolled
    } else {
        out.extend(words.windows(n).map(|window| combine(window, n)));
    }
}

/// A polynomial in the words' hashes, mixed.
#[inline]
fn combine(words: &[u64], n: usize) -> u64 {
    let sum = words[..n].iter().fold(0u64, |sum, word| sum.wrapping_mul(PLACE).wrapping_add(*word));
    mix64(sum, n as u64)
}

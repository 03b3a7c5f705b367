//! Shingles: 64-bit hashes of `n` consecutive words, what near-duplicates are found by.

use crate::combine::combine_all;
use crate::stretch::Stretch;
use crate::words::word_hashes;

/// Buffers that are kept from one document to the next; a few times the largest document seen.
#[derive(Clone, Debug, Default)]
pub struct ShingleScratch {
    words: Vec<u64>,
    stretch: Stretch,
}

/// Puts the shingles of `text` into `out`, in order, repeated ones repeated.
///
/// A shingle is `n` consecutive words (at least 1 is taken); a text of fewer words is one shingle, a text without words
/// none. The text is taken to be in NFC. The values are uniform in all 64 bits, and stable: band files depend on them.
pub fn shingles(text: &str, n: usize, scratch: &mut ShingleScratch, out: &mut Vec<u64>) {
    word_hashes(text, &mut scratch.stretch, &mut scratch.words);
    out.clear();
    let words = &scratch.words[..];
    let n = n.clamp(1, words.len().max(1));
    combine_all(words, n, out);
}

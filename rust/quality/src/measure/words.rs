//! The words of a text as numbers, each distinct one classified once, and joined with nothing between them.

use gamayun_text::hash::hash64;

use super::set_ratio;
use crate::chars::{is_alpha, is_punctuation};
use crate::measurement::{Measured, Metric};
use crate::profile::Profile;

/// Bytes of a word that are compared and hashed in one go; longer ones are rare.
const HEAD: usize = 16;

/// Bytes that may be read behind the joined words.
pub(super) const SLACK: usize = 64;

/// The lowest bytes of a head that belong to a word of so many.
const MASKS: [u128; HEAD + 1] = {
    let mut masks = [u128::MAX; HEAD + 1];
    let mut length = 0;
    while length < HEAD {
        masks[length] = (1 << (8 * length)) - 1;
        length += 1;
    }
    masks
};

/// A distinct word.
#[derive(Clone, Copy, Debug)]
struct Word {
    /// Its first bytes, zeros behind its end.
    head: u128,
    /// Its bytes.
    length: usize,
    /// Their [`value`].
    value: u64,
    /// Index of its first occurrence.
    first: u32,
    /// Its length in code points.
    chars: u32,
    has_letter: bool,
    plain: bool,
}

/// The words of one text as numbers.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Per position, the index of the word in `distinct`.
    pub(super) ids: Vec<u32>,
    distinct: Vec<Word>,
    /// Per distinct word, how often it occurs.
    counts: Vec<u32>,
    /// Per position, the code points of all words before it; then of all.
    lengths: Vec<u64>,
    /// The words with nothing between them; `SLACK` bytes or more behind them.
    pub(super) joined: Vec<u8>,
    /// Per position, where the word starts in `joined`; then the end.
    pub(super) starts: Vec<usize>,
    /// Per position, the value of the joined words before it; then of all.
    values: Vec<u64>,
    /// A word holds a space.
    pub(super) spaced: bool,
    slots: Vec<(u32, u32)>,
}

impl Words {
    /// Numbers `words` in the order in which they first occur; most often they are slices of `text`.
    pub(super) fn intern(&mut self, text: &str, words: &[&str]) {
        self.clear(words);
        let (mut chars, mut end, mut value) = (0, 0, 0);
        for (position, word) in (0..u32::MAX).zip(words) {
            self.join(text, word, end);
            let head = self.head(end, word.len());
            let (slot, tag) = self.find(head, words, word);
            if self.slots[slot].1 == 0 {
                self.distinct.push(Word::new(head, word, position));
                self.counts.push(0);
                self.spaced |= word.as_bytes().contains(&b' ');
                self.slots[slot] = (tag, u32::try_from(self.distinct.len()).unwrap_or(u32::MAX));
            }
            let id = self.slots[slot].1 - 1;
            self.counts[id as usize] += 1;
            self.ids.push(id);
            self.lengths.push(chars);
            self.starts.push(end);
            self.values.push(value);
            let distinct = &self.distinct[id as usize];
            value = append(value, word.len(), distinct.value);
            chars += u64::from(distinct.chars);
            end += word.len();
        }
        self.lengths.push(chars);
        self.starts.push(end);
        self.values.push(value);
        self.joined[end..end + SLACK].fill(0);
    }

    fn clear(&mut self, words: &[&str]) {
        let bytes: usize = words.iter().map(|word| word.len()).sum();
        if self.joined.len() < bytes + SLACK {
            self.joined.resize(bytes + SLACK, 0);
        }
        self.slots.clear();
        self.slots.resize((words.len() * 2).next_power_of_two().max(16), (0, 0));
        self.spaced = false;
        self.distinct.clear();
        self.counts.clear();
        self.ids.clear();
        self.lengths.clear();
        self.starts.clear();
        self.values.clear();
        self.ids.reserve(words.len());
        self.lengths.reserve(words.len() + 1);
        self.starts.reserve(words.len() + 1);
        self.values.reserve(words.len() + 1);
    }

    /// Copies a word, with what stands behind it in the text where it is short: what is too much is written over.
    #[inline]
    fn join(&mut self, text: &str, word: &str, end: usize) {
        let at = word.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        let chunk = text.as_bytes().get(at..).and_then(|rest| rest.first_chunk::<HEAD>());
        match chunk {
            Some(chunk) if word.len() <= HEAD => {
                self.joined[end..end + HEAD].copy_from_slice(chunk);
            }
            _ => self.joined[end..end + word.len()].copy_from_slice(word.as_bytes()),
        }
    }

    /// The first bytes of the word of `length` bytes at `start` of the joined ones.
    #[inline]
    fn head(&self, start: usize, length: usize) -> u128 {
        u128::from_le_bytes(bytes(&self.joined, start)) & MASKS[length.min(HEAD)]
    }

    /// How often the word with this number occurs.
    #[inline]
    pub(super) fn count(&self, id: u32) -> u32 {
        self.counts[id as usize]
    }

    /// Code points of the `n` words at `position`.
    pub(super) fn chars(&self, position: usize, n: usize) -> u64 {
        self.lengths[position + n] - self.lengths[position]
    }

    /// The bytes of the `n` words at `position`; `None` beyond the end.
    #[inline]
    pub(super) fn gram(&self, position: usize, n: usize) -> Option<&[u8]> {
        self.starts.get(position + n).map(|&end| &self.joined[self.starts[position]..end])
    }

    /// A hash of the same bytes, whatever words they are.
    #[inline]
    pub(super) fn gram_hash(&self, position: usize, n: usize) -> Option<u64> {
        let (end, value) = (*self.starts.get(position + n)?, *self.values.get(position + n)?);
        let bytes = end - self.starts[position];
        Some(mix(value.wrapping_sub(append(self.values[position], bytes, 0))))
    }

    /// The slot that holds `word`, or the empty one where it belongs.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a hash are wanted")]
    fn find(&self, head: u128, words: &[&str], word: &str) -> (usize, u32) {
        let hash = if word.len() > HEAD { hash64(word.as_bytes()) } else { fold(head) };
        let (mut slot, tag) = (hash as usize & (self.slots.len() - 1), (hash >> 32) as u32);
        loop {
            let (other_tag, index) = self.slots[slot];
            if index == 0 || (other_tag == tag && self.is(index - 1, head, words, word)) {
                return (slot, tag);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// Whether the word with this number is `word`.
    #[inline]
    fn is(&self, id: u32, head: u128, words: &[&str], word: &str) -> bool {
        let other = &self.distinct[id as usize];
        other.head == head
            && other.length == word.len()
            && (word.len() <= HEAD || words[other.first as usize] == word)
    }

    /// Lengths, letters and stop words.
    pub(super) fn measure(&self, words: &[&str], profile: &Profile, measured: &mut Measured) {
        let (mut plain, mut plain_chars, mut with_letter) = (0, 0, 0);
        for (word, &count) in self.distinct.iter().zip(&self.counts) {
            let count = u64::from(count);
            with_letter += if word.has_letter { count } else { 0 };
            if word.plain {
                plain += count;
                plain_chars += count * u64::from(word.chars);
            }
        }
        let occurs = |word: &&String| self.slots[self.find(head_of(word), words, word).0].1 != 0;
        let stop_words = profile.stop_words().iter().filter(occurs).count();
        set_ratio(measured, Metric::PlainWords, plain, 1);
        set_ratio(measured, Metric::WordLength, plain_chars, plain);
        set_ratio(measured, Metric::AlphaWords, with_letter, words.len() as u64);
        set_ratio(measured, Metric::StopWords, stop_words as u64, 1);
    }
}

impl Word {
    fn new(head: u128, word: &str, first: u32) -> Self {
        let length = word.len();
        let chars = if length > HEAD { word.chars().count() } else { chars(head, length) };
        Self {
            head,
            length,
            value: value(word.as_bytes()),
            first,
            chars: u32::try_from(chars).unwrap_or(u32::MAX),
            has_letter: word.chars().any(is_alpha),
            plain: word.chars().any(|c| !is_punctuation(c)),
        }
    }
}

/// What a byte counts more than the one behind it in a [`value`]; odd, with bits everywhere.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// The powers of the base.
static POWERS: [u64; 256] = {
    let mut powers = [1; 256];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = BASE.wrapping_mul(powers[exponent - 1]);
        exponent += 1;
    }
    powers
};

/// Bytes as the digits of a number, modulo 2^64 (Karp and Rabin 1987): that of a part follows from those of what ends
/// where it begins and of what ends where it ends.
fn value(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value: u64, &byte| {
        // No byte is without a weight.
        value.wrapping_mul(BASE).wrapping_add(u64::from(byte) + 1)
    })
}

/// The value of bytes with `length` others behind them, whose value is `tail`.
#[inline]
fn append(value: u64, length: usize, tail: u64) -> u64 {
    let slowly = || BASE.wrapping_pow(u32::try_from(length).unwrap_or(u32::MAX));
    let power = POWERS.get(length).copied().unwrap_or_else(slowly);
    value.wrapping_mul(power).wrapping_add(tail)
}

/// A value of which each bit tells as much.
#[inline]
fn mix(value: u64) -> u64 {
    (value ^ value >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// The bytes from `at` on, as many as are asked for; zeros where there are too few.
#[inline]
pub(super) fn bytes<const N: usize>(joined: &[u8], at: usize) -> [u8; N] {
    joined.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

/// A hash of 16 bytes.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both halves are wanted")]
pub(super) fn fold(bytes: u128) -> u64 {
    let (low, high) = (bytes as u64 ^ 0x9E37_79B9_7F4A_7C15, (bytes >> 64) as u64);
    let product = u128::from(low) * u128::from(high ^ 0xD6E8_FEB8_6659_FD93);
    product as u64 ^ (product >> 64) as u64
}

/// The head of a word that stands alone.
fn head_of(word: &str) -> u128 {
    let mut head = [0; HEAD];
    let length = word.len().min(HEAD);
    head[..length].copy_from_slice(&word.as_bytes()[..length]);
    u128::from_le_bytes(head)
}

/// Code points of a word of `length` bytes: those that continue a character have the high bit, and not the next.
fn chars(head: u128, length: usize) -> usize {
    const HIGH: u128 = u128::from_ne_bytes([0x80; HEAD]);
    length - (head & !(head << 1) & HIGH).count_ones() as usize
}

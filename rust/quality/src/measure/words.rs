//! The distinct words of a text: each is numbered and classified once.

use gamayun_text::hash::hash64;

use super::set_ratio;
use crate::chars::{is_alpha, is_punctuation};
use crate::measurement::{Measured, Metric};
use crate::profile::Profile;

/// A distinct word.
#[derive(Clone, Copy, Debug)]
struct Word {
    /// Index of its first occurrence.
    first: u32,
    /// How often it occurs.
    count: u32,
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
    /// Per position, the code points of all words before it; then of all.
    lengths: Vec<u64>,
    /// A word holds a space.
    pub(super) spaced: bool,
    slots: Vec<(u32, u32)>,
}

impl Words {
    /// Numbers `words` in the order in which they first occur.
    pub(super) fn intern(&mut self, words: &[&str]) {
        self.ids.clear();
        self.distinct.clear();
        self.lengths.clear();
        self.spaced = false;
        let mut chars = 0;
        self.slots.clear();
        self.slots.resize((words.len() * 2).next_power_of_two().max(16), (0, 0));
        for (position, word) in (0..u32::MAX).zip(words) {
            let (slot, tag) = self.find(words, word);
            if self.slots[slot].1 == 0 {
                self.distinct.push(Word::new(word, position));
                self.spaced |= word.contains(' ');
                self.slots[slot] = (tag, u32::try_from(self.distinct.len()).unwrap_or(u32::MAX));
            }
            let id = self.slots[slot].1 - 1;
            let entry = &mut self.distinct[id as usize];
            entry.count += 1;
            self.ids.push(id);
            self.lengths.push(chars);
            chars += u64::from(entry.chars);
        }
        self.lengths.push(chars);
    }

    /// Whether a word occurs once.
    pub(super) fn is_once(&self, id: u32) -> bool {
        self.distinct[id as usize].count == 1
    }

    /// Code points of the `n` words at `position`.
    pub(super) fn chars(&self, position: usize, n: usize) -> u64 {
        self.lengths[position + n] - self.lengths[position]
    }

    /// The slot that holds `word`, or the empty one where it belongs.
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a hash are wanted")]
    fn find(&self, words: &[&str], word: &str) -> (usize, u32) {
        let hash = hash64(word.as_bytes());
        let (mut slot, tag) = (hash as usize & (self.slots.len() - 1), (hash >> 32) as u32);
        loop {
            let (other_tag, index) = self.slots[slot];
            if index == 0
                || (other_tag == tag
                    && words[self.distinct[index as usize - 1].first as usize] == word)
            {
                return (slot, tag);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// Lengths, letters and stop words.
    pub(super) fn measure(&self, words: &[&str], profile: &Profile, measured: &mut Measured) {
        let (mut plain, mut plain_chars, mut with_letter) = (0, 0, 0);
        for word in &self.distinct {
            let count = u64::from(word.count);
            with_letter += if word.has_letter { count } else { 0 };
            if word.plain {
                plain += count;
                plain_chars += count * u64::from(word.chars);
            }
        }
        let stop_words = profile
            .stop_words()
            .iter()
            .filter(|word| self.slots[self.find(words, word).0].1 != 0)
            .count();
        set_ratio(measured, Metric::PlainWords, plain, 1);
        set_ratio(measured, Metric::WordLength, plain_chars, plain);
        set_ratio(measured, Metric::AlphaWords, with_letter, words.len() as u64);
        set_ratio(measured, Metric::StopWords, stop_words as u64, 1);
    }
}

impl Word {
    fn new(word: &str, first: u32) -> Self {
        Self {
            first,
            count: 0,
            chars: u32::try_from(word.chars().count()).unwrap_or(u32::MAX),
            has_letter: word.chars().any(is_alpha),
            plain: word.chars().any(|c| !is_punctuation(c)),
        }
    }
}

//! N-grams of words that occurred before, for n of 5 to 10.
//!
//! `datatrove` compares these n-grams as strings with nothing between the words, so `ab c` equals `a bc`. Equal strings
//! start with equal bytes: an n-gram of at least `WINDOW` bytes whose first bytes occur at the start of no other word
//! repeats nothing. Most text is like that, and only the other positions are looked at further.

use gamayun_text::hash::hash64;

use super::seen::Seen;
use super::set_ratio;
use super::words::Words;
use crate::measurement::{Measured, Metric};

/// (bytes of the window, n from which it is used). Five words of most languages have more than 16 bytes.
const WINDOWS: [(usize, usize); 2] = [(16, 5), (32, 7)];

const METRICS: [Metric; 6] = [
    Metric::Dup5Gram,
    Metric::Dup6Gram,
    Metric::Dup7Gram,
    Metric::Dup8Gram,
    Metric::Dup9Gram,
    Metric::Dup10Gram,
];

/// The tables of the n-grams of one text.
#[derive(Debug, Default)]
pub(super) struct Duplicated {
    /// The words with nothing between them.
    joined: Vec<u8>,
    /// Per word, where it starts in `joined`; then the end.
    starts: Vec<usize>,
    /// Positions whose n-grams may occur elsewhere, in order.
    candidates: Vec<u32>,
    /// Per position, whether its window occurs elsewhere.
    repeats: Vec<bool>,
    seen: Seen,
}

impl Duplicated {
    pub(super) fn measure(
        &mut self,
        words: &[&str],
        interned: &Words,
        characters: u64,
        measured: &mut Measured,
    ) {
        self.join(words);
        self.candidates.clear();
        self.candidates.extend((0..u32::MAX).zip(words).map(|(position, _)| position));
        for (n, metric) in (5..).zip(METRICS) {
            if let Some((bytes, _)) = WINDOWS.iter().find(|(_, least)| *least == n) {
                self.sift(*bytes, n);
            }
            let chars = self.chars(interned, n);
            set_ratio(measured, metric, chars, characters);
        }
    }

    fn join(&mut self, words: &[&str]) {
        self.joined.clear();
        self.starts.clear();
        for word in words {
            self.starts.push(self.joined.len());
            self.joined.extend_from_slice(word.as_bytes());
        }
        self.starts.push(self.joined.len());
    }

    /// Drops the candidates of at least `bytes` in n words whose first bytes no other candidate has.
    ///
    /// A collision of hashes only leaves a candidate too many.
    fn sift(&mut self, bytes: usize, n: usize) {
        self.seen.clear(self.candidates.len());
        self.repeats.clear();
        self.repeats.resize(self.starts.len(), false);
        for &position in &self.candidates {
            let start = self.starts[position as usize];
            let Some(window) = self.joined.get(start..start + bytes) else { continue };
            if let Some(first) = self.seen.find_or_note(hash64(window), position, |_| true) {
                self.repeats[first as usize] = true;
                self.repeats[position as usize] = true;
            }
        }
        let (starts, repeats) = (&self.starts, &self.repeats);
        self.candidates.retain(|&position| {
            let position = position as usize;
            let end = starts.get(position + n).or(starts.last());
            repeats[position] || end.is_some_and(|end| end - starts[position] < bytes)
        });
    }

    /// Code points of the n-grams that were noted before, scanning from the left: a repeated one is jumped over, any
    /// other is noted and the scan moves on by one word.
    fn chars(&mut self, interned: &Words, n: usize) -> u64 {
        self.seen.clear(self.candidates.len());
        let (mut next, mut chars) = (0, 0);
        for &here in &self.candidates {
            let position = here as usize;
            let Some(gram) = gram(&self.joined, &self.starts, position, n) else { break };
            if position < next {
                continue;
            }
            let same = |other| self::gram(&self.joined, &self.starts, other, n) == Some(gram);
            if self.seen.find_or_note(hash64(gram), here, same).is_some() {
                chars += interned.chars(position, n);
                next = position + n;
            }
        }
        chars
    }
}

/// The bytes of an n-gram; `None` beyond the end.
fn gram<'j>(joined: &'j [u8], starts: &[usize], position: usize, n: usize) -> Option<&'j [u8]> {
    starts.get(position + n).map(|&end| &joined[starts[position]..end])
}

//! N-grams of words that occurred before, for n of 5 to 10.
//!
//! `datatrove` compares these n-grams as strings with nothing between the words, so `ab c` equals `a bc`. Equal strings
//! start with equal bytes: an n-gram of at least `WINDOW` bytes whose first bytes occur at the start of no other word
//! repeats nothing. Most text is like that, and a [`Sieve`] leaves the other positions.

use super::seen::Seen;
use super::set_ratio;
use super::sieve::Sieve;
use super::words::{Words, bytes, fold};
use crate::measurement::{Measured, Metric};

/// Bytes of a window. Five words of most languages have more; for seven and more words two windows are looked at.
const WINDOW: usize = 16;

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
    /// Positions whose n-grams may occur elsewhere, in order.
    candidates: Vec<u32>,
    /// A hash of the window of each of them.
    hashes: Vec<u64>,
    /// Those of one n whose n-grams may, and a hash of each.
    chosen: Vec<(u32, u64)>,
    sieve: Sieve,
    seen: Seen,
}

impl Duplicated {
    pub(super) fn measure(&mut self, interned: &Words, characters: u64, measured: &mut Measured) {
        self.candidates.clear();
        self.candidates.extend((0..u32::MAX).zip(&interned.ids).map(|(position, _)| position));
        for (n, metric) in (5..).zip(METRICS) {
            match n {
                5 => self.sift::<1>(interned, n),
                7 => self.sift::<2>(interned, n),
                _ => {}
            }
            let chars = self.chars(interned, n);
            set_ratio(measured, metric, chars, characters);
        }
    }

    /// Drops the candidates of at least so many windows in n words whose first bytes no other candidate has.
    ///
    /// A collision of hashes only leaves a candidate too many, as do the bytes behind the last word.
    fn sift<const WINDOWS: usize>(&mut self, interned: &Words, n: usize) {
        let Words { joined, starts, .. } = interned;
        let candidates = &self.candidates;
        self.hashes.clear();
        self.hashes.extend(
            candidates.iter().map(|&position| window::<WINDOWS>(joined, starts[position as usize])),
        );
        self.sieve.clear(self.hashes.len());
        self.hashes.iter().for_each(|&hash| self.sieve.add(hash));
        let mut kept = 0;
        for index in 0..self.candidates.len() {
            let position = self.candidates[index];
            let (start, after) = (position as usize, position as usize + n);
            let end = starts.get(after).or(starts.last()).copied().unwrap_or(0);
            let short = end - starts[start] < WINDOWS * WINDOW;
            self.candidates[kept] = position;
            kept += usize::from(short | (self.sieve.at_most(self.hashes[index]) > 1));
        }
        self.candidates.truncate(kept);
    }

    /// Code points of the n-grams that were noted before, scanning from the left: a repeated one is jumped over, any
    /// other is noted and the scan moves on by one word.
    fn chars(&mut self, interned: &Words, n: usize) -> u64 {
        self.choose(interned, n);
        self.seen.clear(self.chosen.len());
        let (mut next, mut chars) = (0, 0);
        for &(here, hash) in &self.chosen {
            let position = here as usize;
            if position < next {
                continue;
            }
            let same = |other| interned.gram(position, n) == interned.gram(other, n);
            if self.seen.find_or_note(hash, here, same).is_some() {
                chars += interned.chars(position, n);
                next = position + n;
            }
        }
        chars
    }

    /// The candidates whose n-grams may repeat, with their hashes.
    fn choose(&mut self, interned: &Words, n: usize) {
        self.chosen.clear();
        self.sieve.clear(self.candidates.len());
        for &position in &self.candidates {
            let Some(hash) = interned.gram_hash(position as usize, n) else { break };
            self.sieve.add(hash);
            self.chosen.push((position, hash));
        }
        let mut kept = 0;
        for index in 0..self.chosen.len() {
            let (position, hash) = self.chosen[index];
            self.chosen[kept] = (position, hash);
            kept += usize::from(self.sieve.at_most(hash) > 1);
        }
        self.chosen.truncate(kept);
    }
}

/// A hash of so many windows from `start` on.
#[inline]
fn window<const WINDOWS: usize>(joined: &[u8], start: usize) -> u64 {
    (0..WINDOWS).fold(0, |hash: u64, window| {
        let bytes = bytes(joined, start + window * WINDOW);
        hash.rotate_left(29) ^ fold(u128::from_le_bytes(bytes))
    })
}

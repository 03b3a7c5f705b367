//! N-grams of words: the most frequent (n of 2 to 4), and those that occurred before (n of 5 to 10).
//!
//! `datatrove` compares n-grams as strings: joined with a space for the most frequent, with nothing between for the
//! duplicates (where `ab c` equals `a bc`). Here an n-gram is looked up by the polynomial of those bytes, which is
//! rolled from n to n + 1, and a hit is verified on the words themselves; so a collision costs time, not truth.

use super::set_ratio;
use super::words::{BASE, Words};
use crate::measurement::{Measured, Metric};

const TOP: [Metric; 3] = [Metric::Top2Gram, Metric::Top3Gram, Metric::Top4Gram];
const DUPLICATED: [Metric; 6] = [
    Metric::Dup5Gram,
    Metric::Dup6Gram,
    Metric::Dup7Gram,
    Metric::Dup8Gram,
    Metric::Dup9Gram,
    Metric::Dup10Gram,
];

/// The tables of the n-grams of one text.
#[derive(Debug, Default)]
pub(super) struct NGrams {
    /// Per position, the polynomial of the n-gram that starts there.
    hashes: Vec<u64>,
    /// Per position, the code points of all words before it.
    lengths: Vec<u64>,
    /// (half a hash, position + 1) of the n-grams seen.
    slots: Vec<(u32, u32)>,
    /// Per first position of an n-gram, how often it came again.
    again: Vec<u32>,
}

impl NGrams {
    pub(super) fn measure(
        &mut self,
        words: &[&str],
        interned: &Words,
        characters: u64,
        measured: &mut Measured,
    ) {
        self.measure_lengths(interned);
        self.start(interned);
        for (n, metric) in (2..).zip(TOP) {
            self.lengthen(interned, n, true);
            if interned.ids.len() >= n {
                let chars = self.top(words, interned, n);
                set_ratio(measured, metric, chars, characters);
            }
        }
        self.start(interned);
        for n in 2..5 {
            self.lengthen(interned, n, false);
        }
        for (n, metric) in (5..).zip(DUPLICATED) {
            self.lengthen(interned, n, false);
            let chars = self.duplicated(words, interned, n);
            set_ratio(measured, metric, chars, characters);
        }
    }

    fn measure_lengths(&mut self, interned: &Words) {
        self.lengths.clear();
        self.lengths.push(0);
        let mut sum = 0;
        for &id in &interned.ids {
            sum += u64::from(interned.distinct[id as usize].chars);
            self.lengths.push(sum);
        }
    }

    /// Sets the polynomials to those of single words.
    fn start(&mut self, interned: &Words) {
        self.hashes.clear();
        self.hashes.extend(interned.ids.iter().map(|&id| interned.distinct[id as usize].hash));
    }

    /// Turns the polynomials of (n - 1)-grams into those of n-grams.
    fn lengthen(&mut self, interned: &Words, n: usize, spaced: bool) {
        let grams = (interned.ids.len() + 1).saturating_sub(n);
        self.hashes.truncate(grams);
        for (hash, &id) in self.hashes.iter_mut().zip(interned.ids.iter().skip(n - 1)) {
            let word = interned.distinct[id as usize];
            if spaced {
                let space = hash.wrapping_mul(BASE).wrapping_add(u64::from(b' ') + 1);
                *hash = space.wrapping_mul(word.power).wrapping_add(word.hash);
            } else {
                *hash = hash.wrapping_mul(word.power).wrapping_add(word.hash);
            }
        }
    }

    fn clear(&mut self) {
        self.slots.clear();
        self.slots.resize((self.hashes.len() * 2).next_power_of_two().max(16), (0, 0));
    }

    /// Position of the first n-gram noted that equals the one at `position`, which is noted if there is none.
    #[expect(clippy::cast_possible_truncation, reason = "parts of a hash are wanted")]
    fn find_or_note(&mut self, position: u32, same: impl Fn(usize, usize) -> bool) -> Option<u32> {
        let hash = self.hashes[position as usize];
        // The low bits of a polynomial modulo 2^64 are weak.
        let hash = (hash ^ (hash >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let mask = self.slots.len() - 1;
        let (mut slot, tag) = ((hash >> 32) as usize & mask, hash as u32);
        loop {
            match self.slots[slot] {
                (_, 0) => {
                    self.slots[slot] = (tag, position + 1);
                    return None;
                }
                (other, at) if other == tag && same(at as usize - 1, position as usize) => {
                    return Some(at - 1);
                }
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    /// Code points of the most frequent n-gram, words joined by one space, times its count; of equally frequent ones
    /// the first.
    fn top(&mut self, words: &[&str], interned: &Words, n: usize) -> u64 {
        self.clear();
        self.again.clear();
        self.again.resize(self.hashes.len(), 0);
        let same =
            |a, b| same_ids(interned, a, b, n) || spaced(words, a, n).eq(spaced(words, b, n));
        let (mut best, mut best_again) = (0, 0);
        for position in 0..u32::try_from(self.hashes.len()).unwrap_or(u32::MAX) {
            if let Some(first) = self.find_or_note(position, same) {
                self.again[first as usize] += 1;
                let again = self.again[first as usize];
                if again > best_again || (again == best_again && first < best) {
                    (best, best_again) = (first, again);
                }
            }
        }
        let spaces = n as u64 - 1;
        (self.chars(best as usize, n) + spaces) * (u64::from(best_again) + 1)
    }

    /// Code points of the n-grams that were noted before, scanning from the left: a repeated one is jumped over, any
    /// other is noted and the scan moves on by one word.
    fn duplicated(&mut self, words: &[&str], interned: &Words, n: usize) -> u64 {
        self.clear();
        let same =
            |a, b| same_ids(interned, a, b, n) || joined(words, a, n).eq(joined(words, b, n));
        let (mut position, mut chars) = (0, 0);
        while position < self.hashes.len() {
            let here = u32::try_from(position).unwrap_or(u32::MAX);
            if self.find_or_note(here, same).is_some() {
                chars += self.chars(position, n);
                position += n;
            } else {
                position += 1;
            }
        }
        chars
    }

    fn chars(&self, position: usize, n: usize) -> u64 {
        self.lengths[position + n] - self.lengths[position]
    }
}

fn same_ids(interned: &Words, a: usize, b: usize, n: usize) -> bool {
    interned.ids[a..a + n] == interned.ids[b..b + n]
}

/// The bytes of an n-gram, nothing between its words.
fn joined<'w>(words: &'w [&str], position: usize, n: usize) -> impl Iterator<Item = u8> + 'w {
    words[position..position + n].iter().flat_map(|word| word.bytes())
}

/// The bytes of an n-gram, a space before each word.
fn spaced<'w>(words: &'w [&str], position: usize, n: usize) -> impl Iterator<Item = u8> + 'w {
    words[position..position + n].iter().flat_map(|word| [b' '].into_iter().chain(word.bytes()))
}

//! The most frequent n-gram of words, for n of 2 to 4.
//!
//! `datatrove` compares n-grams as strings joined by a space. As long as no word holds a space, these are equal when the
//! words are. An n-gram can only repeat where both of its (n - 1)-grams do. Of those that are left a [`Sieve`] tells how
//! often each occurs at most, and only the most frequent by its word are compared.

use std::collections::HashMap;

use super::seen::Seen;
use super::set_ratio;
use super::sieve::Sieve;
use super::words::Words;
use crate::measurement::{Measured, Metric};

const METRICS: [Metric; 3] = [Metric::Top2Gram, Metric::Top3Gram, Metric::Top4Gram];

/// The tables of the n-grams of one text.
#[derive(Debug, Default)]
pub(super) struct Top {
    /// Where the n-grams start that may repeat, in order.
    positions: Vec<u32>,
    /// A hash of each of them.
    hashes: Vec<u64>,
    /// How often each occurs at most.
    bounds: Vec<u8>,
    /// Per n-gram that is compared, how often it came again.
    again: Vec<u32>,
    sieve: Sieve,
    seen: Seen,
}

/// An n-gram and how often it occurs.
#[derive(Clone, Copy)]
struct Best {
    first: u32,
    count: u64,
}

impl Top {
    pub(super) fn measure(
        &mut self,
        words: &[&str],
        interned: &Words,
        characters: u64,
        measured: &mut Measured,
    ) {
        self.start(interned);
        for (n, metric) in (2..).zip(METRICS) {
            if interned.ids.len() < n {
                return;
            }
            let chars = if interned.spaced {
                chars_of_top(words, n)
            } else {
                self.lengthen(&interned.ids, n);
                self.sift();
                let best = self.most_frequent(&interned.ids, n);
                // Words are joined by one space.
                (interned.chars(best.first as usize, n) + n as u64 - 1) * best.count
            };
            set_ratio(measured, metric, chars, characters);
        }
    }

    /// Words that occur more than once.
    fn start(&mut self, interned: &Words) {
        let words = interned.ids.len();
        self.positions.resize(words, 0);
        self.hashes.resize(words, 0);
        let mut kept = 0;
        for (position, &id) in (0..u32::MAX).zip(&interned.ids) {
            self.positions[kept] = position;
            self.hashes[kept] = u64::from(id);
            kept += usize::from(interned.count(id) > 1);
        }
        self.truncate(kept);
    }

    fn truncate(&mut self, kept: usize) {
        self.positions.truncate(kept);
        self.hashes.truncate(kept);
    }

    /// Makes n-grams of the (n - 1)-grams that follow each other.
    fn lengthen(&mut self, ids: &[u32], n: usize) {
        let mut kept = 0;
        for index in 1..self.positions.len() {
            let (position, next) = (self.positions[index - 1], self.positions[index]);
            let last = ids.get(position as usize + n - 1).copied().unwrap_or(0);
            let hash = (self.hashes[index - 1] ^ u64::from(last) << 32)
                .wrapping_mul(0x9E37_79B9_7F4A_7C15);
            self.positions[kept] = position;
            self.hashes[kept] = hash ^ hash >> 32;
            kept += usize::from(next == position + 1);
        }
        self.truncate(kept);
    }

    /// Leaves those that may repeat.
    fn sift(&mut self) {
        self.sieve.clear(self.hashes.len());
        for &hash in &self.hashes {
            self.sieve.add(hash);
        }
        self.bounds.resize(self.hashes.len(), 0);
        let mut kept = 0;
        for index in 0..self.hashes.len() {
            let hash = self.hashes[index];
            let bound = self.sieve.at_most(hash);
            self.positions[kept] = self.positions[index];
            self.hashes[kept] = hash;
            self.bounds[kept] = bound;
            kept += usize::from(bound > 1);
        }
        self.truncate(kept);
        self.bounds.truncate(kept);
    }

    /// The most frequent n-gram; of equally frequent ones the first.
    fn most_frequent(&mut self, ids: &[u32], n: usize) -> Best {
        let mut least = self.bounds.iter().copied().max().unwrap_or(1);
        while least > 1 {
            let best = self.compare(ids, n, least);
            if best.count >= u64::from(least) {
                return best;
            }
            // One that is at least as frequent has no lower bound than this.
            least = u8::try_from(best.count).unwrap_or(u8::MAX).max(2).min(least - 1);
        }
        Best { first: 0, count: 1 }
    }

    /// The most frequent of the n-grams that may occur `least` times.
    fn compare(&mut self, ids: &[u32], n: usize, least: u8) -> Best {
        self.seen.clear(self.bounds.iter().filter(|&&bound| bound >= least).count());
        self.again.clear();
        self.again.resize(self.bounds.len(), 0);
        let gram = |index: usize| ids.get(self.positions[index] as usize..)?.get(..n);
        let (mut best, mut best_again) = (u32::MAX, 0);
        for (index, &bound) in self.bounds.iter().enumerate() {
            if bound < least {
                continue;
            }
            let this = gram(index);
            let here = u32::try_from(index).unwrap_or(u32::MAX);
            let same = |other| gram(other) == this;
            let first = self.seen.find_or_note(self.hashes[index], here, same);
            let again = first.map_or(0, |first| {
                self.again[first as usize] += 1;
                self.again[first as usize]
            });
            let first = first.unwrap_or(here);
            if again > best_again || (again == best_again && first < best) {
                (best, best_again) = (first, again);
            }
        }
        let first = self.positions.get(best as usize).copied().unwrap_or(0);
        Best { first, count: u64::from(best_again) + 1 }
    }
}

/// The same by strings, for words that hold spaces; only other tools make such.
fn chars_of_top(words: &[&str], n: usize) -> u64 {
    let mut counts: HashMap<String, (u64, usize)> = HashMap::new();
    for (position, gram) in words.windows(n).enumerate() {
        counts.entry(gram.join(" ")).or_insert((0, position)).0 += 1;
    }
    let first = |(count, position): (u64, usize)| (count, usize::MAX - position);
    let best = counts.iter().max_by_key(|(_, entry)| first(**entry));
    best.map_or(0, |(gram, (count, _))| gram.chars().count() as u64 * count)
}

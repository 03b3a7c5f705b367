//! The most frequent n-gram of words, for n of 2 to 4.
//!
//! `datatrove` compares n-grams as strings joined by a space. As long as no word holds a space, these are equal when the
//! words are, so an n-gram is named by the first position of an equal one, and looked up by the name of its first n - 1
//! words and its last word. It can only repeat where both of its (n - 1)-grams do, which leaves few.

use std::collections::HashMap;

use super::seen::Seen;
use super::set_ratio;
use super::words::Words;
use crate::measurement::{Measured, Metric};

const METRICS: [Metric; 3] = [Metric::Top2Gram, Metric::Top3Gram, Metric::Top4Gram];

/// The name of what occurs once.
const ONCE: u32 = u32::MAX;

/// The tables of the n-grams of one text.
#[derive(Debug, Default)]
pub(super) struct Top {
    /// Per position, the name of the n-gram that starts there, or `ONCE`.
    names: Vec<u32>,
    /// Per position, (name of the (n - 1)-gram, last word).
    keys: Vec<(u32, u32)>,
    /// Per first position of an n-gram, how often it came again.
    again: Vec<u32>,
    seen: Seen,
}

impl Top {
    pub(super) fn measure(
        &mut self,
        words: &[&str],
        interned: &Words,
        characters: u64,
        measured: &mut Measured,
    ) {
        self.names.clear();
        self.names
            .extend(interned.ids.iter().map(|&id| if interned.is_once(id) { ONCE } else { id }));
        for (n, metric) in (2..).zip(METRICS) {
            if interned.ids.len() < n {
                return;
            }
            let chars =
                if interned.spaced { chars_of_top(words, n) } else { self.lengthen(interned, n) };
            set_ratio(measured, metric, chars, characters);
        }
    }

    /// Turns the names of (n - 1)-grams into those of n-grams. Code points of the most frequent n-gram, words joined by
    /// one space, times its count; of equally frequent ones the first.
    fn lengthen(&mut self, interned: &Words, n: usize) -> u64 {
        let grams = interned.ids.len() + 1 - n;
        self.clear(grams);
        let (mut best, mut best_again) = (0, 0);
        for (here, position) in (0..u32::MAX).zip(0..grams) {
            if self.names[position] == ONCE || self.names[position + 1] == ONCE {
                self.names[position] = ONCE;
                continue;
            }
            let first = self.name(position, here, interned.ids[position + n - 1]);
            let again = self.again[first as usize];
            if again > best_again || (again == best_again && first < best) {
                (best, best_again) = (first, again);
            }
        }
        self.forget_those_that_came_once(grams);
        let spaces = n as u64 - 1;
        (interned.chars(best as usize, n) + spaces) * (u64::from(best_again) + 1)
    }

    fn clear(&mut self, grams: usize) {
        self.seen.clear(grams);
        self.again.clear();
        self.again.resize(grams, 0);
        self.keys.resize(grams, (0, 0));
    }

    fn name(&mut self, position: usize, here: u32, last: u32) -> u32 {
        let key = (self.names[position], last);
        self.keys[position] = key;
        let hash = (u64::from(key.0) << 32 | u64::from(key.1)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let hash = (hash ^ (hash >> 29)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let keys = &self.keys;
        let first = self.seen.find_or_note(hash, here, |other| keys[other] == key);
        if let Some(first) = first {
            self.again[first as usize] += 1;
        }
        self.names[position] = first.unwrap_or(here);
        self.names[position]
    }

    fn forget_those_that_came_once(&mut self, grams: usize) {
        self.names.truncate(grams);
        for name in &mut self.names {
            if *name != ONCE && self.again[*name as usize] == 0 {
                *name = ONCE;
            }
        }
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

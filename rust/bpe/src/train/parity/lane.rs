//! The words of one language with their pairs, kept right while merges are made in all languages.

use crate::Result;
use crate::count::table::Table;
use crate::train::Merge;
use crate::train::parity::pairs::Pairs;
use crate::train::parity::tally::Tally;
use crate::train::parity::words::{SEPARATOR, Weights, Words, narrow};

/// The first floor of the queue is this part of all bytes per token wanted: most pairs are rare and never asked for.
const FLOOR: u64 = 40;

/// What one merge needs room for; good for any lane.
#[derive(Default)]
pub(super) struct Scratch {
    left: Tally,
    right: Tally,
    positions: Vec<u32>,
}

/// What all lanes know of the tokens.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'t> {
    /// Bytes by id.
    pub(super) lengths: &'t [usize],
    /// A token may be shorter than this.
    pub(super) longest: usize,
}

/// One language.
pub(super) struct Lane {
    words: Words,
    pairs: Pairs,
    tokens: u64,
}

impl Lane {
    /// The words of a table, each byte a symbol. `wanted` tokens will be made of all languages.
    pub(super) fn new(table: &Table, ids: &[u32; 256], wanted: usize) -> Result<Self> {
        let words = Words::new(table, ids)?;
        let floor = words.tokens() / (FLOOR * wanted.max(1) as u64);
        let floor = i64::try_from(floor).unwrap_or(i64::MAX).max(1);
        Ok(Self::of(words, floor))
    }

    /// Words of which only the number of tokens will be asked for.
    pub(super) fn counted(table: &Table, ids: &[u32; 256]) -> Result<Self> {
        Ok(Self::of(Words::new(table, ids)?, i64::MAX))
    }

    fn of(words: Words, floor: i64) -> Self {
        let mut lane = Self { tokens: words.tokens(), words, pairs: Pairs::new(floor) };
        lane.count();
        lane.pairs.queue_all();
        lane
    }

    /// Counts the pairs of bytes.
    fn count(&mut self) {
        let mut weights = Weights::default();
        let (mut found, mut counts) = (Vec::new(), Vec::new());
        for position in 1..self.words.len() {
            let (left, right) = (self.words.at(position - 1), self.words.at(position));
            if left != SEPARATOR && right != SEPARATOR {
                let at = narrow(position - 1);
                let number = self.pairs.raise(left, right, weights.at(&self.words, at));
                counts.resize(self.pairs.len(), 0);
                counts[number as usize] += 1;
                found.push((number, at));
            }
        }
        self.pairs.extend_all(&counts, &found);
    }

    /// Tokens of the text so far.
    pub(super) fn tokens(&self) -> u64 {
        self.tokens
    }

    /// The most frequent pair; none if no pair occurs `min_count` times.
    pub(super) fn best(&mut self, min_count: i64) -> Option<(u32, u32)> {
        self.pairs.best(min_count)
    }

    /// Makes one merge wherever its pair stands, and tells how many positions were looked at.
    pub(super) fn merge(
        &mut self,
        merge: Merge,
        tokens: Tokens<'_>,
        scratch: &mut Scratch,
    ) -> usize {
        let Some(number) = self.pairs.find(merge.0, merge.1) else { return 0 };
        self.pairs.take(number, &mut scratch.positions);
        scratch.left.begin(tokens.lengths.len());
        scratch.right.begin(tokens.lengths.len());
        let joined = self.join(merge, tokens.lengths, scratch);
        self.pairs.lower(merge.0, merge.1, joined);
        self.tokens -= joined.unsigned_abs();
        self.settle(merge, tokens, scratch);
        scratch.positions.len()
    }

    /// Joins the pair where it stands, tallies its neighbours, and tells how often, counted with the words.
    fn join(&mut self, (left, right, id): Merge, lengths: &[usize], scratch: &mut Scratch) -> i64 {
        let (left_len, len) = (lengths[left as usize], lengths[id as usize]);
        let (mut weights, mut joined) = (Weights::default(), 0);
        for &at in &scratch.positions {
            let here = at as usize;
            if self.words.at(here) != left || self.words.at(here + left_len) != right {
                continue;
            }
            let weight = weights.at(&self.words, at);
            let (before, after) = (self.words.at(here - 1), self.words.at(here + len));
            self.words.join(here, left_len, len, id);
            joined += weight;
            if before != SEPARATOR {
                scratch.left.add(before, weight, at - narrow(lengths[before as usize]));
            }
            if after != SEPARATOR {
                scratch.right.add(after, weight, at);
            }
        }
        joined
    }

    /// Counts the pairs that the merge made and those that it took, and queues the former.
    fn settle(&mut self, (left, right, id): Merge, tokens: Tokens<'_>, scratch: &mut Scratch) {
        let Scratch { left: befores, right: afters, .. } = scratch;
        befores.group();
        afters.group();
        let lengths = tokens.lengths;
        let fits = |other: u32| lengths[other as usize] + lengths[id as usize] < tokens.longest;
        // A new pair may be gone again already, as (aa, a) is in "aaaa": take away after all were added.
        for (before, amount) in befores.sums().filter(|&(before, _)| fits(before)) {
            let number = self.pairs.raise(before, id, amount);
            self.pairs.extend(number, befores.positions(before));
        }
        for (after, amount) in afters.sums().filter(|&(after, _)| fits(after)) {
            let number = self.pairs.raise(id, after, amount);
            self.pairs.extend(number, afters.positions(after));
        }
        befores.sums().for_each(|(before, amount)| self.pairs.lower(before, left, amount));
        afters.sums().for_each(|(after, amount)| self.pairs.lower(right, after, amount));
        let made = befores.sums().map(|(before, _)| (before, id));
        for (one, other) in made.chain(afters.sums().map(|(after, _)| (id, after))) {
            if let Some(number) = self.pairs.find(one, other) {
                self.pairs.queue(number);
            }
        }
    }
}

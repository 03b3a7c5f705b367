//! The words with the counts of their pairs, kept right while one pair after the other is merged.
//!
//! Most pairs are rare and never merged. Those below a floor are counted, but neither queued nor given positions; when the
//! queue falls below the floor, the floor is lowered and the positions are searched in the words.

use crate::train::pairs::{Entry, Pair, Pairs};
use crate::train::tally::Tally;
use crate::train::words::{SEPARATOR, Weights, Words, narrow, signed};

/// The first floor is this part of all pairs per token wanted: a little below the last merge of a usual corpus.
const FLOOR: u64 = 40;
/// Each further floor is this part of the one before.
const LOWER: i64 = 8;

/// The words, their pairs, and the tallies of one merge.
pub(crate) struct Merger {
    words: Words,
    pairs: Pairs,
    /// A token may be shorter than this.
    longest: usize,
    floor: i64,
    left: Tally,
    right: Tally,
}

impl Merger {
    /// Counts the pairs of the words, in which each symbol still is a byte.
    pub(crate) fn new(words: Words, longest: usize, vocab_size: usize) -> Self {
        let floor = signed(words.total() / (FLOOR * vocab_size.max(1) as u64)).max(1);
        let (left, right) = (Tally::default(), Tally::default());
        let mut merger = Self { words, pairs: Pairs::new(), longest, floor, left, right };
        merger.count();
        merger
    }

    pub(crate) fn pair(&self, entry: Entry) -> Pair {
        self.pairs.known[entry.pair as usize]
    }

    /// Counts and queues the pairs of bytes.
    fn count(&mut self) {
        let mut weights = Weights::default();
        for position in 1..self.words.len() {
            let (left, right) = (self.words.at(position - 1), self.words.at(position));
            if left != SEPARATOR && right != SEPARATOR {
                let number = self.pairs.number(left, right) as usize;
                let weight = weights.at(&self.words, narrow(position - 1));
                self.pairs.known[number].count += signed(weight);
            }
        }
        let lengths = vec![1; self.words.ids()];
        self.queue_all(&lengths);
    }

    /// Lowers the floor and queues the pairs that it let in.
    fn lower(&mut self, floor: i64, lengths: &[usize]) {
        self.floor = floor.max(1);
        self.queue_all(lengths);
    }

    /// Queues all pairs from the floor on that are not yet queued, with all their positions.
    fn queue_all(&mut self, lengths: &[usize]) {
        let wanted = |pair: &Pair| pair.queued == 0 && pair.count >= self.floor;
        let mut starts = vec![usize::MAX; self.pairs.known.len()];
        let mut found: Vec<(u32, u32)> = Vec::new();
        let mut counts = vec![0_u32; self.pairs.known.len()];
        let mut position = 0;
        while position + 1 < self.words.len() {
            let left = self.words.at(position);
            let next = position + if left == SEPARATOR { 1 } else { lengths[left as usize] };
            let right = self.words.at(next);
            if left != SEPARATOR
                && right != SEPARATOR
                && let Some(number) = self.pairs.find(left, right)
                && wanted(&self.pairs.known[number as usize])
            {
                counts[number as usize] += 1;
                found.push((number, narrow(position)));
            }
            position = next;
        }
        let mut end = self.pairs.postings.len();
        for (start, &count) in starts.iter_mut().zip(&counts).filter(|(_, count)| **count > 0) {
            *start = end;
            end += count as usize;
        }
        self.pairs.postings.resize(end, 0);
        let mut next = starts.clone();
        for (number, position) in found {
            let slot = &mut next[number as usize];
            self.pairs.postings[*slot] = position;
            *slot += 1;
        }
        for (pair, (&start, &len)) in (0..).zip(starts.iter().zip(&counts)) {
            if len > 0 {
                self.pairs.push(Entry { pair, start, len });
            }
        }
    }

    /// The entry to merge next; none if no pair occurs `min_count` times.
    pub(crate) fn next(&mut self, min_count: i64, lengths: &[usize]) -> Option<Entry> {
        loop {
            if let Some((entry, count)) = self.pairs.pop(self.floor) {
                return (count >= min_count).then_some(entry);
            }
            if self.floor <= min_count {
                return None;
            }
            self.lower((self.floor / LOWER).max(min_count), lengths);
        }
    }

    /// Makes `id` of the pair at the positions of an entry, and queues the pairs that this makes.
    pub(crate) fn merge(&mut self, entry: Entry, id: u32, existed: bool, lengths: &[usize]) {
        if existed && self.floor > 1 {
            // Rare pairs of this token may become more frequent again: from now on all are queued.
            self.lower(1, lengths);
        }
        let pair = self.pair(entry);
        self.left.begin(lengths.len());
        self.right.begin(lengths.len());
        if pair.queued > 1 {
            let positions = self.whole_words(entry, lengths);
            self.join(pair, id, positions.len(), |_, n| positions[n], lengths);
        } else {
            let read = |pairs: &Pairs, n| pairs.postings[entry.start + n];
            self.join(pair, id, entry.len as usize, read, lengths);
        }
        self.settle(pair, id, existed, lengths);
    }

    /// Joins the pair wherever it stands among `count` rising positions, and tallies its neighbours.
    fn join(
        &mut self,
        pair: Pair,
        id: u32,
        count: usize,
        position: impl Fn(&Pairs, usize) -> u32,
        lengths: &[usize],
    ) {
        let (left_len, len) = (lengths[pair.left as usize], lengths[id as usize]);
        let mut weights = Weights::default();
        for n in 0..count {
            let at = position(&self.pairs, n);
            let here = at as usize;
            if self.words.at(here) != pair.left || self.words.at(here + left_len) != pair.right {
                continue;
            }
            let weight = signed(weights.at(&self.words, at));
            let (before, after) = (self.words.at(here - 1), self.words.at(here + len));
            self.words.join(here, left_len, len, id);
            if before != SEPARATOR {
                self.left.add(before, weight, at - narrow(lengths[before as usize]));
            }
            if after != SEPARATOR {
                self.right.add(after, weight, at);
            }
        }
    }

    /// Brings the counts up to date, then queues the new pairs.
    fn settle(&mut self, pair: Pair, id: u32, existed: bool, lengths: &[usize]) {
        let mut new = self.new_pairs(id, lengths);
        // A new pair may be gone again already, as (aa, a) is in "aaaa": take away after all were added.
        for (before, amount) in self.left.sums() {
            self.pairs.subtract(before, pair.left, amount);
        }
        for (after, amount) in self.right.sums() {
            self.pairs.subtract(pair.right, after, amount);
        }
        self.left.group();
        self.right.group();
        if existed {
            // Only then can one pair be made from both sides.
            new.sort_by_key(|new| new.pair);
        }
        for same in new.chunk_by(|a, b| a.pair == b.pair) {
            self.queue(same);
        }
    }

    /// The pairs that the merge made, their counts raised.
    fn new_pairs(&mut self, id: u32, lengths: &[usize]) -> Vec<New> {
        let fits =
            |other: &(u32, i64)| lengths[other.0 as usize] + lengths[id as usize] < self.longest;
        let mut new = Vec::new();
        for (neighbour, amount) in self.left.sums().filter(fits) {
            let pair = self.pairs.raise(neighbour, id, amount);
            new.push(New { pair, neighbour, on_left: true });
        }
        for (neighbour, amount) in self.right.sums().filter(fits) {
            let pair = self.pairs.raise(id, neighbour, amount);
            new.push(New { pair, neighbour, on_left: false });
        }
        new
    }

    /// Queues one new pair, made on one side or on both.
    fn queue(&mut self, same: &[New]) {
        let [New { pair, .. }, ..] = *same else { return };
        if self.pairs.known[pair as usize].count < self.floor {
            return;
        }
        let start = self.pairs.postings.len();
        for new in same {
            let tally = if new.on_left { &self.left } else { &self.right };
            self.pairs.postings.extend_from_slice(tally.positions(new.neighbour));
        }
        if same.len() > 1 {
            self.pairs.postings[start..].sort_unstable();
        }
        let len = narrow(self.pairs.postings.len() - start);
        self.pairs.push(Entry { pair, start, len });
    }

    /// All symbol positions of the words in which an entry has positions: HF tokenizers keeps words, not positions, and
    /// merges every occurrence in them. It makes a difference only for a pair that is queued more than once.
    fn whole_words(&self, entry: Entry, lengths: &[usize]) -> Vec<u32> {
        let (mut positions, mut end) = (Vec::new(), 0);
        for &at in &self.pairs.postings[entry.start..entry.start + entry.len as usize] {
            if (at as usize) < end {
                continue;
            }
            let word = self.words.word_around(at as usize);
            end = word.end;
            let mut position = word.start;
            while position < word.end {
                positions.push(narrow(position));
                position += lengths[self.words.at(position) as usize];
            }
        }
        positions
    }
}

/// A pair that a merge made.
#[derive(Clone, Copy)]
struct New {
    pair: u32,
    neighbour: u32,
    on_left: bool,
}

//! Some of the words as one flat array of symbols, which merging rewrites in place, and the positions of pairs in them.
//!
//! A symbol covers as many slots as its token has bytes. Its id stands in the first and in the last of them, so that both
//! neighbours of a symbol are one look away; the slots between are cleared. Words are apart by a separator and sorted by
//! falling count, so that the count of a position is found in a short table. The position of a pair is the first slot of
//! its right side. 2 or 4 bytes a byte of unique pretoken, and 4 bytes a position.

use crate::count::source::Source;
use crate::key::fetch;
use crate::pages;
use crate::train::symbol::Symbol;
use crate::train::tally::Tally;
use crate::train::words::{Order, narrow, signed};

/// Positions whose symbols are fetched ahead.
const AHEAD: usize = 16;
/// Positions of a pair that are fetched before its turn; the processor goes on by itself.
const FETCHED: u32 = 64;

/// Words from `start` on occur `count` times.
#[derive(Clone, Copy)]
struct Run {
    start: u32,
    count: i64,
}

/// Some positions of a pair, a range of the postings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Positions {
    pub(crate) start: usize,
    pub(crate) len: u32,
}

/// A pair that becomes a token: ids and bytes of its sides, and the id of the token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Join {
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) left_len: usize,
    pub(crate) right_len: usize,
    pub(crate) id: u32,
}

/// Which side of a new token a neighbour stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// Words of a corpus with the positions of their pairs, and the tallies of the last merge.
pub(crate) struct Shard<S> {
    symbols: Vec<S>,
    runs: Vec<Run>,
    postings: Vec<u32>,
    left: Tally,
    right: Tally,
    /// The positions of the pairs that the last merge made.
    pub(crate) placed: Vec<Positions>,
    pub(crate) byte_pairs: BytePairs,
}

impl<S: Symbol> Shard<S> {
    /// Every `of`-th of the words in order, from that of this number on; room for `slots` symbols.
    pub(crate) fn new(
        words: &impl Source,
        order: &Order,
        (number, of): (usize, usize),
        ids: &[u32; 256],
    ) -> Self {
        let own = |n: usize| order.words.get(n * of + number).map(|&(_, word)| word);
        let slots = order.slots / of;
        let mut symbols = pages::with_capacity(1 + slots + slots / 64 * (of - 1).min(1));
        let (mut runs, mut byte_pairs) = (Vec::<Run>::new(), BytePairs::new());
        symbols.push(S::SEPARATOR);
        let mut n = 0;
        while let Some(word) = own(n) {
            if let Some(ahead) = own(n + 2 * AHEAD) {
                words.fetch(ahead);
            }
            if let Some(ahead) = own(n + AHEAD) {
                words.fetch_bytes(ahead);
            }
            let (bytes, count) = words.word(word);
            let count = signed(count);
            if runs.last().is_none_or(|run| run.count != count) {
                runs.push(Run { start: narrow(symbols.len()), count });
            }
            symbols.extend(bytes.iter().map(|&byte| S::of(ids[usize::from(byte)])));
            symbols.push(S::SEPARATOR);
            byte_pairs.count(bytes, count);
            n += 1;
        }
        let (left, right) = (Tally::default(), Tally::default());
        let (postings, placed) = (Vec::new(), Vec::new());
        Self { symbols, runs, postings, left, right, placed, byte_pairs }
    }

    /// The tally of one side.
    pub(crate) fn tally(&self, side: Side) -> &Tally {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }

    /// Writes the positions of those pairs of bytes that have a number, and tells them by number.
    pub(crate) fn place_bytes(
        &mut self,
        numbers: &[Option<u32>],
        count: usize,
        bytes: &[u8],
    ) -> Vec<Positions> {
        let mut places = vec![Positions::default(); count];
        let mut next = vec![usize::MAX; numbers.len()];
        let mut end = self.postings.len();
        for (index, number) in numbers.iter().enumerate() {
            if let Some(number) = *number {
                let len = self.byte_pairs.pairs[index].1;
                places[number as usize] = Positions { start: end, len };
                next[index] = end;
                end += len as usize;
            }
        }
        // As the system gives them, with room behind that is not touched before it is needed.
        self.postings = pages::zeroed(end + end / 2);
        self.postings.truncate(end);
        let mut before = None;
        for (position, &symbol) in self.symbols.iter().enumerate() {
            let byte = bytes.get(symbol.id() as usize).copied();
            if let (Some(left), Some(right)) = (before, byte) {
                let slot = &mut next[index_of(left, right)];
                if *slot != usize::MAX {
                    self.postings[*slot] = narrow(position);
                    *slot += 1;
                }
            }
            before = byte;
        }
        places
    }

    /// Joins a pair at its positions, and tallies the neighbours. With `whole`, everywhere in the words that hold them: HF
    /// tokenizers keeps words, not positions, and merges every occurrence in them. It makes a difference only for a pair
    /// that was queued more than once.
    pub(crate) fn join(&mut self, join: Join, at: Positions, whole: bool, lengths: &[usize]) {
        self.left.begin(lengths.len());
        self.right.begin(lengths.len());
        let positions = at.start..at.start + at.len as usize;
        if whole {
            let positions = self.whole_words(positions, lengths);
            return joined(
                &mut self.symbols,
                &self.runs,
                &positions,
                join,
                &mut self.left,
                &mut self.right,
            );
        }
        let positions = &self.postings[positions];
        joined(&mut self.symbols, &self.runs, positions, join, &mut self.left, &mut self.right);
    }

    /// Keeps the positions of the new pairs that are wanted, in the same order in `placed`. As many as fit go where those of
    /// the pair that was joined lay: memory that is used again need not be cleared again.
    pub(crate) fn place(&mut self, wanted: &[(u32, Side)], joined: Positions) {
        let (mut inside, mut behind) = (0, joined.len);
        self.placed.clear();
        // A neighbour on both sides has one list.
        for same in wanted.chunk_by(|a, b| a.0 == b.0) {
            let len = same.iter().map(|&(neighbour, side)| self.tally(side).len(neighbour)).sum();
            let fits = joined.len - inside >= len;
            let next = if fits { &mut inside } else { &mut behind };
            for &(neighbour, side) in same {
                let tally = match side {
                    Side::Left => &mut self.left,
                    Side::Right => &mut self.right,
                };
                let start = *next;
                *next += tally.keep(neighbour, start);
                let from = if fits { joined.start } else { self.postings.len() };
                let place = start as usize - if fits { 0 } else { joined.len as usize };
                self.placed.push(Positions { start: from + place, len: *next - start });
            }
        }
        let from = self.postings.len();
        self.postings.resize(from + (behind - joined.len) as usize, 0);
        for tally in [&mut self.left, &mut self.right] {
            tally.place(|next, position| {
                let place = next as usize;
                let inside = place < joined.len as usize;
                let at = if inside { joined.start } else { from - joined.len as usize } + place;
                self.postings[at] = position;
            });
        }
    }

    /// Lets the processor load some positions soon.
    pub(crate) fn fetch_positions(&self, at: Positions) {
        for line in (0..at.len.min(FETCHED)).step_by(16) {
            fetch(&self.postings, at.start + line as usize);
        }
    }

    /// Lets it load the symbols at the first of some positions, which were fetched.
    pub(crate) fn fetch_symbols(&self, at: Positions) {
        for &position in &self.postings[at.start..][..AHEAD.min(at.len as usize)] {
            fetch(&self.symbols, position as usize);
        }
    }

    /// Sorts positions that came from both sides.
    pub(crate) fn sort(&mut self, at: Positions) {
        self.postings[at.start..at.start + at.len as usize].sort_unstable();
    }

    /// All positions of all words in which some positions are.
    fn whole_words(&self, positions: std::ops::Range<usize>, lengths: &[usize]) -> Vec<u32> {
        let (mut all, mut end) = (Vec::new(), 0);
        for &at in &self.postings[positions] {
            if (at as usize) < end {
                continue;
            }
            let word = self.word_around(at as usize);
            end = word.end;
            let mut position = word.start;
            while position < word.end {
                if position > word.start {
                    all.push(narrow(position));
                }
                position += lengths[self.symbols[position].id() as usize];
            }
        }
        all
    }

    /// The slots of the word around a position.
    fn word_around(&self, position: usize) -> std::ops::Range<usize> {
        let is_separator = |&symbol: &S| symbol == S::SEPARATOR;
        let start = self.symbols[..position].iter().rposition(is_separator).map_or(0, |at| at + 1);
        let len = self.symbols[position..].iter().position(is_separator).unwrap_or(0);
        start..position + len
    }

    /// Calls `f` with each pair of symbols, the count of its word, and its position.
    pub(crate) fn pairs(&self, lengths: &[usize], mut f: impl FnMut(u32, u32, i64, u32)) {
        let (mut weights, mut position) = (Weights::default(), 1);
        while position < self.symbols.len() {
            let left = self.symbols[position];
            if left == S::SEPARATOR {
                position += 1;
                continue;
            }
            let next = position + lengths[left.id() as usize];
            let right = self.symbols[next];
            if right != S::SEPARATOR {
                let at = narrow(next);
                f(left.id(), right.id(), weights.at(&self.runs, at), at);
            }
            position = next;
        }
    }

    /// Adds positions, which must rise.
    pub(crate) fn post(&mut self, positions: &[u32]) -> Positions {
        let start = self.postings.len();
        self.postings.extend_from_slice(positions);
        Positions { start, len: narrow(positions.len()) }
    }
}

/// Joins a pair wherever it stands among rising positions, and tallies its neighbours.
fn joined<S: Symbol>(
    symbols: &mut [S],
    runs: &[Run],
    positions: &[u32],
    join: Join,
    left: &mut Tally,
    right: &mut Tally,
) {
    let mut weights = Weights::default();
    let (first, second, id) = (S::of(join.left), S::of(join.right), S::of(join.id));
    for &at in positions.iter().take(AHEAD) {
        fetch(symbols, at as usize - join.left_len - 1);
        fetch(symbols, at as usize + join.right_len);
    }
    for (n, &at) in positions.iter().enumerate() {
        if let Some(&ahead) = positions.get(n + AHEAD) {
            // Both neighbours may lie on other lines than the middle, which lies between them.
            fetch(symbols, ahead as usize - join.left_len - 1);
            fetch(symbols, ahead as usize + join.right_len);
        }
        let middle = at as usize;
        if symbols[middle - 1] != first || symbols[middle] != second {
            continue;
        }
        let weight = weights.at(runs, at);
        let (start, end) = (middle - join.left_len, middle + join.right_len);
        let (before, after) = (symbols[start - 1], symbols[end]);
        symbols[middle - 1] = S::CLEARED;
        symbols[middle] = S::CLEARED;
        symbols[start] = id;
        symbols[end - 1] = id;
        if before != S::SEPARATOR {
            left.add(before.id(), weight, narrow(start));
        }
        if after != S::SEPARATOR {
            right.add(after.id(), weight, narrow(end));
        }
    }
}

/// Finds the counts of rising positions: the run of the last one asked for.
#[derive(Default)]
struct Weights {
    run: usize,
}

impl Weights {
    /// The count of the word at a position, which is not before the one asked for last.
    #[inline]
    fn at(&mut self, runs: &[Run], position: u32) -> i64 {
        let next = self.run + 1;
        if runs.get(next).is_some_and(|run| run.start <= position) {
            self.run = next + runs[next + 1..].partition_point(|run| run.start <= position);
        }
        runs[self.run].count
    }
}

/// Counts and positions of all pairs of bytes.
pub(crate) struct BytePairs {
    pub(crate) pairs: Vec<(i64, u32)>,
}

impl BytePairs {
    pub(crate) fn new() -> Self {
        Self { pairs: vec![(0, 0); 1 << 16] }
    }

    #[inline]
    fn count(&mut self, word: &[u8], count: i64) {
        for bytes in word.windows(2) {
            let pair = &mut self.pairs[index_of(bytes[0], bytes[1])];
            *pair = (pair.0 + count, pair.1 + 1);
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, pair) in self.pairs.iter_mut().zip(&other.pairs) {
            *sum = (sum.0 + pair.0, sum.1 + pair.1);
        }
    }
}

/// The number of a pair of bytes.
#[inline]
pub(crate) fn index_of(left: u8, right: u8) -> usize {
    usize::from(left) << 8 | usize::from(right)
}

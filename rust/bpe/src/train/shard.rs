//! Some of the words as one flat array of symbols, which merging rewrites in place, and the positions of pairs in them.
//!
//! A symbol covers as many slots as its token has bytes. Its id stands in the first and in the last of them, so that both
//! neighbours of a symbol are one look away; the slots between are cleared. Words are apart by a separator and sorted by
//! falling count, so that the count of a position is found in a short table. The position of a pair is the first slot of
//! its right side. 4 bytes a byte of unique pretoken, and 4 bytes a position.

use crate::count::gather::WordList;
use crate::key::fetch;
use crate::pages;
use crate::train::tally::Tally;
use crate::train::words::{narrow, signed};

/// Between two words, and at both ends.
const SEPARATOR: u32 = u32::MAX;
/// A slot inside of a symbol.
const CLEARED: u32 = u32::MAX - 1;
/// Positions whose symbols are fetched ahead.
const AHEAD: usize = 16;

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
pub(crate) struct Shard {
    symbols: Vec<u32>,
    runs: Vec<Run>,
    postings: Vec<u32>,
    left: Tally,
    right: Tally,
    pub(crate) byte_pairs: BytePairs,
}

impl Shard {
    /// The words of these numbers, whose counts fall.
    pub(crate) fn new(list: &WordList, words: &[u32], ids: &[u32; 256]) -> Self {
        let word = |n: usize| words.get(n).and_then(|&number| list.words().get(number as usize));
        let slots =
            1 + (0..words.len()).filter_map(word).map(|word| word.len as usize + 1).sum::<usize>();
        let mut symbols = pages::with_capacity(slots);
        let (mut runs, mut byte_pairs) = (Vec::<Run>::new(), BytePairs::new());
        symbols.push(SEPARATOR);
        for n in 0..words.len() {
            if let Some(ahead) = word(n + AHEAD) {
                fetch(list.bytes(), ahead.start as usize);
            }
            let Some(word) = word(n) else { continue };
            let (count, bytes) = (signed(word.count), list.bytes_of(word));
            if runs.last().is_none_or(|run| run.count != count) {
                runs.push(Run { start: narrow(symbols.len()), count });
            }
            symbols.extend(bytes.iter().map(|&byte| ids[usize::from(byte)]));
            symbols.push(SEPARATOR);
            byte_pairs.count(bytes, count);
        }
        let (left, right) = (Tally::default(), Tally::default());
        Self { symbols, runs, postings: Vec::new(), left, right, byte_pairs }
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
                let len = self.byte_pairs.positions[index];
                places[number as usize] = Positions { start: end, len };
                next[index] = end;
                end += len as usize;
            }
        }
        self.postings = pages::with_capacity(end + end / 2);
        self.postings.resize(end, 0);
        let mut before = None;
        for (position, &symbol) in self.symbols.iter().enumerate() {
            let byte = bytes.get(symbol as usize).copied();
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

    /// Keeps the positions of the new pairs that are wanted; tells them in the same order.
    pub(crate) fn place(&mut self, wanted: &[(u32, Side)], into: &mut Vec<Positions>) {
        let (from, mut end) = (self.postings.len(), 0);
        for &(neighbour, side) in wanted {
            let tally = match side {
                Side::Left => &mut self.left,
                Side::Right => &mut self.right,
            };
            let len = tally.keep(neighbour, end);
            into.push(Positions { start: from + end as usize, len });
            end += len;
        }
        self.postings.resize(from + end as usize, 0);
        let to = &mut self.postings[from..];
        self.left.place(to);
        self.right.place(to);
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
                position += lengths[self.symbols[position] as usize];
            }
        }
        all
    }

    /// The slots of the word around a position.
    fn word_around(&self, position: usize) -> std::ops::Range<usize> {
        let is_separator = |&id: &u32| id == SEPARATOR;
        let start = self.symbols[..position].iter().rposition(is_separator).map_or(0, |at| at + 1);
        let len = self.symbols[position..].iter().position(is_separator).unwrap_or(0);
        start..position + len
    }

    /// Calls `f` with each pair of symbols, the count of its word, and its position.
    pub(crate) fn pairs(&self, lengths: &[usize], mut f: impl FnMut(u32, u32, i64, u32)) {
        let (mut weights, mut position) = (Weights::default(), 1);
        while position < self.symbols.len() {
            let left = self.symbols[position];
            if left == SEPARATOR {
                position += 1;
                continue;
            }
            let next = position + lengths[left as usize];
            let right = self.symbols[next];
            if right != SEPARATOR {
                let at = narrow(next);
                f(left, right, weights.at(&self.runs, at), at);
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
fn joined(
    symbols: &mut [u32],
    runs: &[Run],
    positions: &[u32],
    join: Join,
    left: &mut Tally,
    right: &mut Tally,
) {
    let mut weights = Weights::default();
    for &first in positions.iter().take(AHEAD) {
        fetch(symbols, first as usize);
    }
    for (n, &at) in positions.iter().enumerate() {
        if let Some(&ahead) = positions.get(n + AHEAD) {
            fetch(symbols, ahead as usize);
        }
        let middle = at as usize;
        if symbols[middle - 1] != join.left || symbols[middle] != join.right {
            continue;
        }
        let weight = weights.at(runs, at);
        let (start, end) = (middle - join.left_len, middle + join.right_len);
        let (before, after) = (symbols[start - 1], symbols[end]);
        symbols[middle - 1] = CLEARED;
        symbols[middle] = CLEARED;
        symbols[start] = join.id;
        symbols[end - 1] = join.id;
        if before != SEPARATOR {
            left.add(before, weight, narrow(start));
        }
        if after != SEPARATOR {
            right.add(after, weight, narrow(end));
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
    pub(crate) counts: Vec<i64>,
    pub(crate) positions: Vec<u32>,
}

impl BytePairs {
    pub(crate) fn new() -> Self {
        Self { counts: vec![0; 1 << 16], positions: vec![0; 1 << 16] }
    }

    fn count(&mut self, word: &[u8], count: i64) {
        for pair in word.windows(2) {
            let index = index_of(pair[0], pair[1]);
            self.counts[index] += count;
            self.positions[index] += 1;
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, count) in self.counts.iter_mut().zip(&other.counts) {
            *sum += count;
        }
        for (sum, positions) in self.positions.iter_mut().zip(&other.positions) {
            *sum += positions;
        }
    }
}

/// The number of a pair of bytes.
#[inline]
pub(crate) fn index_of(left: u8, right: u8) -> usize {
    usize::from(left) << 8 | usize::from(right)
}

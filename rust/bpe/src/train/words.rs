//! The unique pretokens of a corpus as one flat array of symbols, which merging rewrites in place.
//!
//! A symbol covers as many slots as its token has bytes. Its id stands in the first and in the last of them, so that both
//! neighbours of a symbol are one look away; the slots between are cleared. Words are apart by a separator and sorted by
//! falling count, so that the count of a position is found in a short table. 4 bytes a byte of unique pretoken.

use rayon::prelude::*;

use crate::count::table::Table;
use crate::{Error, Result};

/// Between two words, and at both ends.
pub(crate) const SEPARATOR: u32 = u32::MAX;
/// A slot inside of a symbol.
const CLEARED: u32 = u32::MAX - 1;
/// Positions are 32 bits wide.
const LIMIT: u64 = u32::MAX as u64 - 1;

/// Words from `start` on occur `count` times.
#[derive(Clone, Copy)]
struct Run {
    start: u32,
    count: u64,
}

/// The words with their counts.
pub(crate) struct Words {
    symbols: Vec<u32>,
    runs: Vec<Run>,
    total: u64,
    ids: usize,
}

impl Words {
    /// The words of tables that have none in common, each byte the id that `ids` gives it.
    pub(crate) fn new(tables: &[Table], ids: &[u32; 256]) -> Result<Self> {
        let mut words: Vec<(&[u8], u64)> = tables.iter().flat_map(Table::iter).collect();
        let bytes = 1 + words.iter().map(|(word, _)| word.len() as u64 + 1).sum::<u64>();
        if bytes > LIMIT {
            return Err(Error::TooManyBytes { bytes, limit: LIMIT });
        }
        let total = words.iter().try_fold(0_u64, |sum, (word, count)| {
            sum.checked_add(count.checked_mul(word.len() as u64)?)
        });
        let fitting = total.filter(|&total| i64::try_from(total).is_ok());
        let Some(total) = fitting else { return Err(Error::CountOverflow) };
        words.par_sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let mut symbols = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
        let mut runs: Vec<Run> = Vec::new();
        symbols.push(SEPARATOR);
        for (word, count) in words {
            if runs.last().is_none_or(|run| run.count != count) {
                runs.push(Run { start: u32::try_from(symbols.len()).unwrap_or(u32::MAX), count });
            }
            symbols.extend(word.iter().map(|&byte| ids[usize::from(byte)]));
            symbols.push(SEPARATOR);
        }
        let ids = ids.iter().max().map_or(0, |&highest| highest as usize + 1);
        Ok(Self { symbols, runs, total, ids })
    }

    /// All bytes, each times the count of its word.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// One more than the highest id of a byte.
    pub(crate) fn ids(&self) -> usize {
        self.ids
    }

    /// Slots, separators included.
    pub(crate) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// The id in a slot.
    #[inline]
    pub(crate) fn at(&self, position: usize) -> u32 {
        self.symbols[position]
    }

    /// Makes one symbol of `len` slots at `position`, whose left part covers `left` of them.
    #[inline]
    pub(crate) fn join(&mut self, position: usize, left: usize, len: usize, id: u32) {
        self.symbols[position + left - 1] = CLEARED;
        self.symbols[position + left] = CLEARED;
        self.symbols[position] = id;
        self.symbols[position + len - 1] = id;
    }

    /// The slots of the word around a position.
    pub(crate) fn word_around(&self, position: usize) -> std::ops::Range<usize> {
        let is_separator = |&id: &u32| id == SEPARATOR;
        let start = self.symbols[..position].iter().rposition(is_separator).map_or(0, |at| at + 1);
        let len = self.symbols[position..].iter().position(is_separator).unwrap_or(0);
        start..position + len
    }
}

/// Finds the counts of rising positions: the run of the last one asked for.
#[derive(Default)]
pub(crate) struct Weights {
    run: usize,
}

impl Weights {
    /// The count of the word at a position, which is not before the one asked for last.
    #[inline]
    pub(crate) fn at(&mut self, words: &Words, position: u32) -> u64 {
        let next = self.run + 1;
        if words.runs.get(next).is_some_and(|run| run.start <= position) {
            self.run = next + words.runs[next + 1..].partition_point(|run| run.start <= position);
        }
        words.runs[self.run].count
    }
}

/// Positions fit 32 bits: the words were checked.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "Words::new refuses more than 32 bits of slots"
)]
pub(crate) fn narrow(position: usize) -> u32 {
    position as u32
}

/// Counts fit 63 bits: the words were checked.
#[inline]
#[expect(clippy::cast_possible_wrap, reason = "Words::new refuses sums of more than 63 bits")]
pub(crate) fn signed(count: u64) -> i64 {
    count as i64
}

//! The unique pretokens of one language as one flat array of symbols, which merges rewrite in place.
//!
//! A symbol covers as many slots as its token has bytes; its id stands in the first and in the last of them. Words are apart
//! by a separator and sorted by falling count, so that the count at a position is found in a short table.

use crate::count::table::Table;
use crate::{Error, Result};

/// Between two words, and at both ends.
pub(super) const SEPARATOR: u32 = u32::MAX;
/// A slot inside of a symbol.
const CLEARED: u32 = u32::MAX - 1;
/// Positions are 32 bits wide.
const LIMIT: u64 = u32::MAX as u64 - 1;

/// Words from `start` on occur `count` times.
#[derive(Clone, Copy)]
struct Run {
    start: u32,
    count: i64,
}

/// The words with their counts.
pub(super) struct Words {
    symbols: Vec<u32>,
    runs: Vec<Run>,
    tokens: u64,
}

impl Words {
    /// The words of a table, each byte the id that `ids` gives it.
    pub(super) fn new(table: &Table, ids: &[u32; 256]) -> Result<Self> {
        let mut words: Vec<(&[u8], u64)> = table.iter().collect();
        words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let slots = 1 + words.iter().map(|(word, _)| word.len() as u64 + 1).sum::<u64>();
        if slots > LIMIT {
            return Err(Error::TooManyBytes { bytes: slots, limit: LIMIT });
        }
        let mut made = Self { symbols: vec![SEPARATOR], runs: Vec::new(), tokens: 0 };
        made.symbols.reserve(usize::try_from(slots).unwrap_or_default());
        for (word, count) in words {
            made.push(word, count, ids)?;
        }
        Ok(made)
    }

    fn push(&mut self, word: &[u8], count: u64, ids: &[u32; 256]) -> Result<()> {
        let tokens = count.checked_mul(word.len() as u64);
        let tokens = tokens.and_then(|tokens| tokens.checked_add(self.tokens));
        let Some(tokens) = tokens.filter(|&tokens| i64::try_from(tokens).is_ok()) else {
            return Err(Error::CountOverflow);
        };
        self.tokens = tokens;
        let count = i64::try_from(count).map_err(|_| Error::CountOverflow)?;
        if self.runs.last().is_none_or(|run| run.count != count) {
            self.runs.push(Run { start: narrow(self.symbols.len()), count });
        }
        self.symbols.extend(word.iter().map(|&byte| ids[usize::from(byte)]));
        self.symbols.push(SEPARATOR);
        Ok(())
    }

    /// All bytes, each times the count of its word: the tokens before the first merge.
    pub(super) fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Slots, separators included.
    pub(super) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// The id in a slot.
    #[inline]
    pub(super) fn at(&self, position: usize) -> u32 {
        self.symbols[position]
    }

    /// Makes one symbol of `len` slots at `position`, whose left part covers `left` of them.
    #[inline]
    pub(super) fn join(&mut self, position: usize, left: usize, len: usize, id: u32) {
        self.symbols[position + left - 1] = CLEARED;
        self.symbols[position + left] = CLEARED;
        self.symbols[position] = id;
        self.symbols[position + len - 1] = id;
    }
}

/// Finds the counts of rising positions: the run of the last one asked for.
#[derive(Default)]
pub(super) struct Weights {
    run: usize,
}

impl Weights {
    /// The count of the word at a position, which is not before the one asked for last.
    #[inline]
    pub(super) fn at(&mut self, words: &Words, position: u32) -> i64 {
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
pub(super) fn narrow(position: usize) -> u32 {
    position as u32
}

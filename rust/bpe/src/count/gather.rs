//! The sum of several tables as a list, each count times the factor of its table.

use std::ops::Range;

use rayon::prelude::*;

use crate::count::table::Table;
use crate::pages;
use crate::{Error, Result};

/// Pretokens of one part of the hashes: few enough to sort them in the nearest cache.
const AT_ONCE: usize = 512;
/// Positions of symbols are told in 32 bits: all bytes, one separator a pretoken, one at the end.
const LIMIT: u64 = u32::MAX as u64 - 1;

/// A pretoken of a list: its count, which is more than 0, and where its bytes are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) count: u64,
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// Different pretokens, in no useful order. 16 bytes each, and their bytes.
#[derive(Default)]
pub(crate) struct WordList {
    bytes: Vec<u8>,
    words: Vec<Word>,
}

/// A pretoken of a table: some of its hash, its bytes, its count.
type Found<'t> = (u32, &'t [u8], u64);

impl WordList {
    /// The sum of tables, made by all threads of the pool that this runs in.
    pub(crate) fn gather(tables: &[(&Table, u64)]) -> Result<Self> {
        let tables: Vec<_> = tables.iter().copied().filter(|(_, factor)| *factor > 0).collect();
        let pretokens = tables.iter().map(|(table, _)| table.len()).sum();
        if let [(table, factor)] = *tables {
            let mut list = Self::with_capacity(pretokens);
            table.iter().try_for_each(|(word, count)| list.push(word, weighted(count, factor)?))?;
            return Ok(list);
        }
        let bits = (pretokens / AT_ONCE + 1).next_power_of_two().trailing_zeros();
        let (parts, threads) = (1_usize << bits, rayon::current_num_threads());
        let chunk = parts.div_ceil(threads);
        let chunks: Vec<Range<usize>> =
            (0..parts).step_by(chunk).map(|from| from..(from + chunk).min(parts)).collect();
        let room = pretokens / chunks.len().max(1);
        let lists: Result<Vec<Self>> = chunks
            .into_par_iter()
            .map(|parts| Self::of_parts(&tables, parts, bits, room))
            .collect();
        Self::concat(lists?)
    }

    fn with_capacity(words: usize) -> Self {
        Self { bytes: Vec::new(), words: pages::with_capacity(words) }
    }

    fn of_parts(
        tables: &[(&Table, u64)],
        parts: Range<usize>,
        bits: u32,
        room: usize,
    ) -> Result<Self> {
        let (mut list, mut found) = (Self::with_capacity(room), Vec::<Found<'_>>::new());
        for part in parts {
            found.clear();
            for &(table, factor) in tables {
                for (tag, word, count) in table.part(part, bits) {
                    found.push((tag, word, weighted(count, factor)?));
                }
            }
            found.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
            for same in found.chunk_by(|a, b| a.0 == b.0 && a.1 == b.1) {
                let sum = same.iter().try_fold(0_u64, |sum, (_, _, count)| sum.checked_add(*count));
                list.push(same[0].1, sum.ok_or(Error::CountOverflow)?)?;
            }
        }
        Ok(list)
    }

    fn concat(lists: Vec<Self>) -> Result<Self> {
        let mut lists = lists.into_iter();
        let mut all = lists.next().unwrap_or_default();
        for list in lists {
            let from = all.bytes.len() as u64;
            all.bytes.extend_from_slice(&list.bytes);
            for word in list.words {
                all.words.push(Word { start: narrow(from + u64::from(word.start))?, ..word });
            }
        }
        Ok(all)
    }

    /// Adds a pretoken that the list does not have.
    pub(crate) fn push(&mut self, word: &[u8], count: u64) -> Result<()> {
        if count == 0 {
            return Ok(());
        }
        let start = narrow(self.bytes.len() as u64)?;
        let len = narrow(word.len() as u64)?;
        self.bytes.extend_from_slice(word);
        self.words.push(Word { count, start, len });
        Ok(())
    }

    pub(crate) fn words(&self) -> &[Word] {
        &self.words
    }

    /// The bytes of all pretokens.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes of one.
    #[inline]
    pub(crate) fn bytes_of(&self, word: &Word) -> &[u8] {
        &self.bytes[word.start as usize..][..word.len as usize]
    }

    /// All bytes, each times its count; an error if there are too many to train on.
    pub(crate) fn total(&self) -> Result<u64> {
        let slots = 1 + (self.bytes.len() + self.words.len()) as u64;
        if slots > LIMIT {
            return Err(Error::TooManyBytes { bytes: slots, limit: LIMIT });
        }
        let total = self.words.iter().try_fold(0_u64, |sum, word| {
            sum.checked_add(word.count.checked_mul(u64::from(word.len))?)
        });
        total.filter(|&total| i64::try_from(total).is_ok()).ok_or(Error::CountOverflow)
    }
}

fn weighted(count: u64, factor: u64) -> Result<u64> {
    count.checked_mul(factor).ok_or(Error::CountOverflow)
}

fn narrow(bytes: u64) -> Result<u32> {
    u32::try_from(bytes).map_err(|_| Error::TooManyBytes { bytes, limit: LIMIT })
}

//! The unique pretokens of a corpus, dealt to shards, with the counts of the pairs of their bytes.
//!
//! A word goes to one shard only, so threads can merge in the shards at the same time. Words are dealt in the order of
//! falling count, so that the shards are alike.

use std::cmp::Reverse;

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::count::source::Source;
use crate::pages;
use crate::train::shard::{BytePairs, Shard};
use crate::train::symbol::Symbol;
use crate::{Error, Result};

/// More shards than this cost small merges more than they save large ones.
const MOST_SHARDS: usize = 8;
/// Counts from this on are ordered as if they were equal at first, and by themselves then.
const HIGH: u64 = 0xFFFF;
/// Positions of symbols are told in 32 bits: all bytes, one separator a pretoken, one at the end.
const LIMIT: u64 = u32::MAX as u64 - 1;

/// The words with their counts.
pub(crate) struct Words<S> {
    pub(crate) shards: Vec<Shard<S>>,
    pub(crate) pool: ThreadPool,
    pub(crate) total: u64,
    /// The id of each byte.
    pub(crate) ids: [u32; 256],
    /// The byte of each id; 0 for ids of none.
    pub(crate) bytes: Vec<u8>,
}

/// The numbers of words by falling count, each with what it is ordered by.
pub(crate) struct Order {
    pub(crate) words: Vec<(u64, u32)>,
    /// Symbols of all words, and one for each.
    pub(crate) slots: usize,
    /// All bytes, each times its count.
    total: u64,
}

impl<S: Symbol> Words<S> {
    /// All words of a source, each byte the id that `ids` gives it. The source goes as soon as the words are made of it.
    pub(crate) fn new<W: Source>(source: W, ids: &[u32; 256], pool: ThreadPool) -> Result<Self> {
        let mut order = Order::new(&source)?;
        let shards = pool.install(|| {
            order.sort(&source);
            let of = pool.current_num_threads().clamp(1, MOST_SHARDS);
            let shard = |number| Shard::new(&source, &order, (number, of), ids);
            (0..of).into_par_iter().map(shard).collect()
        });
        drop(source);
        Ok(Self { shards, pool, total: order.total, ids: *ids, bytes: bytes_of(ids) })
    }

    /// The counts of the pairs of bytes in all shards.
    pub(crate) fn byte_pairs(&self) -> BytePairs {
        let mut sum = BytePairs::new();
        for shard in &self.shards {
            sum.add(&shard.byte_pairs);
        }
        sum
    }
}

impl Order {
    /// The words as the source has them; an error if there are too many to train on.
    fn new(source: &impl Source) -> Result<Self> {
        let mut words: Vec<(u64, u32)> = pages::with_capacity(source.len());
        let (mut slots, mut total) = (1, Some(0_u64));
        source.each(|number, bytes, count| {
            let count = count.filter(|&count| i64::try_from(count).is_ok());
            let all = count.and_then(|count| count.checked_mul(bytes.len() as u64));
            total = total.and_then(|sum| sum.checked_add(all?));
            slots += 1 + bytes.len() as u64;
            let key = (HIGH - count.unwrap_or(HIGH).min(HIGH)) << 48 | first_bytes(bytes) >> 16;
            words.push((key, number));
        });
        if slots > LIMIT {
            return Err(Error::TooManyBytes { bytes: slots, limit: LIMIT });
        }
        let total = total.filter(|&total| i64::try_from(total).is_ok());
        let slots = usize::try_from(slots).unwrap_or(usize::MAX);
        Ok(Self { words, slots, total: total.ok_or(Error::CountOverflow)? })
    }

    /// Puts the most frequent first. Words that begin alike lie together: their pairs are merged together.
    fn sort(&mut self, source: &impl Source) {
        self.words.par_sort_unstable();
        let high = self.words.partition_point(|&(key, _)| key >> 48 == 0);
        self.words[..high].sort_unstable_by_key(|&(_, word)| Reverse(source.word(word).1));
    }
}

fn first_bytes(word: &[u8]) -> u64 {
    match word.first_chunk::<8>() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => {
            word.iter().fold(0, |first, &byte| first << 8 | u64::from(byte))
                << (8 * (8 - word.len()))
        }
    }
}

fn bytes_of(ids: &[u32; 256]) -> Vec<u8> {
    let highest = ids.iter().max().map_or(0, |&highest| highest as usize);
    let mut bytes = vec![0; highest + 1];
    for (byte, &id) in (0..=u8::MAX).zip(ids) {
        bytes[id as usize] = byte;
    }
    bytes
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

//! The unique pretokens of a corpus, dealt to shards, with the counts of the pairs of their bytes.
//!
//! A word goes to one shard only, so threads can merge in the shards at the same time. Words are dealt in the order of
//! falling count, so that the shards are alike.

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::count::table::Table;
use crate::train::shard::{BytePairs, Shard};
use crate::{Error, Result};

/// Positions are 32 bits wide.
const LIMIT: u64 = u32::MAX as u64 - 1;
/// More shards than this cost small merges more than they save large ones.
const MOST_SHARDS: usize = 8;

/// A word: its weighted count, its first bytes as a number, and all of them.
type Word<'t> = (u64, u64, &'t [u8]);

/// The words with their counts.
pub(crate) struct Words {
    pub(crate) shards: Vec<Shard>,
    pub(crate) pool: ThreadPool,
    pub(crate) total: u64,
    /// The id of each byte.
    pub(crate) ids: [u32; 256],
    /// The byte of each id; 0 for ids of none.
    pub(crate) bytes: Vec<u8>,
}

impl Words {
    /// The words of tables that have none in common, their counts times a factor, each byte the id that `ids` gives it.
    pub(crate) fn new(tables: &[(&Table, u64)], ids: &[u32; 256], threads: usize) -> Result<Self> {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
        let mut words = Vec::with_capacity(tables.iter().map(|(table, _)| table.len()).sum());
        let (mut slots, mut total) = (0, Some(0_u64));
        for &(table, factor) in tables {
            for (word, count) in table.iter() {
                let Some(count) = count.checked_mul(factor) else {
                    return Err(Error::CountOverflow);
                };
                slots += word.len() as u64 + 1;
                total =
                    total.and_then(|sum| sum.checked_add(count.checked_mul(word.len() as u64)?));
                words.push((count, first_bytes(word), word));
            }
        }
        words.retain(|word: &Word<'_>| word.0 > 0);
        if slots > LIMIT {
            return Err(Error::TooManyBytes { bytes: slots, limit: LIMIT });
        }
        let total = total.filter(|&total| i64::try_from(total).is_ok());
        let total = total.ok_or(Error::CountOverflow)?;
        let shards = pool.install(|| {
            // Words that begin alike lie together: their pairs are merged together.
            words.par_sort_unstable_by_key(|&(count, first, _)| (std::cmp::Reverse(count), first));
            let of = threads.clamp(1, MOST_SHARDS);
            let shard = |number| Shard::new(words.iter().skip(number).step_by(of), ids);
            (0..of).into_par_iter().map(shard).collect()
        });
        Ok(Self { shards, pool, total, ids: *ids, bytes: bytes_of(ids) })
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

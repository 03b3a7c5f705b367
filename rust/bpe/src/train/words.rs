//! The unique pretokens of a corpus, dealt to shards, with the counts of the pairs of their bytes.
//!
//! A word goes to one shard only, so threads can merge in the shards at the same time. Words are dealt in the order of
//! falling count, so that the shards are alike.

use std::cmp::Reverse;

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::Result;
use crate::count::gather::{Word, WordList};
use crate::pages;
use crate::train::shard::{BytePairs, Shard};

/// More shards than this cost small merges more than they save large ones.
const MOST_SHARDS: usize = 8;
/// Counts from this on are ordered as if they were equal at first, and by themselves then.
const HIGH: u64 = 0xFFFF;

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
    /// The words of a list, each byte the id that `ids` gives it.
    pub(crate) fn new(list: &WordList, ids: &[u32; 256], pool: ThreadPool) -> Result<Self> {
        let total = list.total()?;
        let shards = pool.install(|| {
            let words = sorted(list);
            let of = pool.current_num_threads().clamp(1, MOST_SHARDS);
            let shard = |number| {
                let own: Vec<u32> = words.iter().copied().skip(number).step_by(of).collect();
                Shard::new(list, &own, ids)
            };
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

/// The numbers of words by falling count. Words that begin alike lie together: their pairs are merged together.
fn sorted(list: &WordList) -> Vec<u32> {
    let words = list.words();
    let key =
        |word: &Word| (HIGH - word.count.min(HIGH)) << 48 | first_bytes(list.bytes_of(word)) >> 16;
    let mut keys: Vec<(u64, u32)> = pages::with_capacity(words.len());
    keys.extend(words.iter().map(key).zip(0..));
    keys.par_sort_unstable();
    let high = keys.partition_point(|&(key, _)| key >> 48 == 0);
    keys[..high].sort_unstable_by_key(|&(_, word)| Reverse(words[word as usize].count));
    keys.into_iter().map(|(_, word)| word).collect()
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

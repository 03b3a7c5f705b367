//! Shingles that are kept from when documents are first read until they are compared, as far as the memory goes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gamayun_dedup::job::Shingles;

use super::block::Block;
use crate::error::Result;

/// Bytes of a block, at most, unless one document needs more: so many are not much for a thread to have begun.
const BLOCK: u64 = 32 << 20;
/// Blocks that a thread may fill of what there is room for, at least.
const BLOCKS: u64 = 4;

/// The shingles of the documents of a batch, in order: a piece of a block.
#[derive(Debug)]
pub(crate) struct Kept {
    block: Block,
    start: usize,
    ends: Vec<usize>,
}

impl Kept {
    fn new(block: &Block) -> Self {
        Self { block: block.clone(), start: block.end(), ends: Vec::new() }
    }

    /// The end of the last document.
    fn end(&self) -> usize {
        self.ends.last().copied().unwrap_or(self.start)
    }

    /// Those of a document.
    fn shingles(&self, document: usize) -> Shingles {
        let start = document.checked_sub(1).map_or(self.start, |before| self.ends[before]);
        self.block.shingles(start..self.ends[document])
    }
}

/// The shingles of whole parts, by name.
#[derive(Debug)]
pub(crate) struct Shelf {
    left: AtomicU64,
    /// Bytes of a block.
    block: u64,
    parts: Mutex<BTreeMap<String, Vec<Kept>>>,
}

impl Shelf {
    /// Room for so many bytes, which so many threads fill.
    pub(crate) fn new(bytes: u64, threads: usize) -> Self {
        let block = (bytes / (BLOCKS * threads.max(1) as u64)).clamp(1, BLOCK);
        Self { left: AtomicU64::new(bytes), block, parts: Mutex::default() }
    }

    /// For the shingles of a batch, if there is room for any; `last` is the block that the thread had last.
    pub(crate) fn begin(&self, last: &mut Option<Block>) -> Option<Kept> {
        if last.is_none() {
            *last = self.block(0);
        }
        last.as_ref().map(Kept::new)
    }

    /// Adds those of the next document; none are left if there is no room for them.
    pub(crate) fn push(
        &self,
        mut batch: Kept,
        words: &[u64],
        last: &mut Option<Block>,
    ) -> Option<Kept> {
        if !batch.block.push(words) {
            let before = batch.end() - batch.start;
            *last = self.block(before + words.len());
            batch = moved(&batch, last.as_ref()?);
            if !batch.block.push(words) {
                return None;
            }
        }
        batch.ends.push(batch.end() + words.len());
        Some(batch)
    }

    /// A new block for so many words at least.
    fn block(&self, words: usize) -> Option<Block> {
        let bytes = self.block.max(words as u64 * 8).next_multiple_of(8);
        let take = |left: u64| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).ok()?;
        Block::of(usize::try_from(bytes / 8).ok()?)
    }

    pub(crate) fn put(&self, part: String, shingles: Vec<Kept>) {
        self.lock().insert(part, shingles);
    }

    /// The shingles of the part are kept.
    pub(crate) fn has(&self, part: &str) -> bool {
        self.lock().contains_key(part)
    }

    /// The shingles of the part, which are then no longer kept.
    pub(crate) fn take(&self, part: &str) -> Option<Vec<Kept>> {
        self.lock().remove(part)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<Kept>>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same batch in another block, which has room for it.
fn moved(batch: &Kept, to: &Block) -> Kept {
    let mut there = Kept::new(to);
    batch.block.copy(batch.start..batch.end(), to);
    let start = there.start;
    there.ends.extend(batch.ends.iter().map(|end| start + end - batch.start));
    there
}

/// Gives the shingles of each of these documents of a part, which ascend.
pub(crate) fn for_each_wanted(
    part: Vec<Kept>,
    documents: &[u64],
    f: &mut dyn FnMut(Shingles) -> Result<()>,
) -> Result<()> {
    let (mut rest, mut start) = (documents, 0);
    for batch in part {
        let end = start + batch.ends.len() as u64;
        let (here, later) = rest.split_at(rest.partition_point(|document| *document < end));
        for document in here {
            f(batch.shingles(crate::part::index(document - start)))?;
        }
        (rest, start) = (later, end);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Batches of documents of so many shingles, which all differ; none for a batch that there was no room for.
    fn keep(shelf: &Shelf, batches: &[&[u64]]) -> Vec<Option<Kept>> {
        let mut last = None;
        let batch = |lengths: &&[u64]| {
            let begun = shelf.begin(&mut last)?;
            lengths.iter().try_fold(begun, |batch, n| {
                let words: Vec<u64> = (0..*n).map(|i| 1000 * n + i).collect();
                shelf.push(batch, &words, &mut last)
            })
        };
        batches.iter().map(batch).collect()
    }

    #[test]
    fn what_was_put_is_found_by_place_whatever_the_blocks() {
        for (bytes, threads) in [(4000, 40), (4000, 12), (4000, 1), (1 << 20, 1)] {
            let shelf = Shelf::new(bytes, threads);
            let kept = keep(&shelf, &[&[3, 0, 1], &[], &[2, 5], &[13, 11, 6]]);
            let kept: Vec<Kept> = kept.into_iter().map(Option::unwrap).collect();
            shelf.put("part".to_owned(), kept);
            assert!(shelf.has("part") && !shelf.has("other"));
            let mut found = Vec::new();
            let wanted = [0, 1, 3, 4, 5, 6, 7];
            for_each_wanted(shelf.take("part").unwrap(), &wanted, &mut |shingles| {
                let Shingles::Kept(keeper, places) = shingles else { panic!("{shingles:?}") };
                keeper.with(places, &mut |shingles| found.push(shingles.to_vec()));
                Ok(())
            })
            .unwrap();
            let expected = [3u64, 0, 2, 5, 13, 11, 6];
            let expected = expected.map(|n| (0..n).map(|i| 1000 * n + i).collect::<Vec<u64>>());
            assert_eq!(found, expected, "{bytes} {threads}");
            assert!(!shelf.has("part"));
        }
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let shelf = Shelf::new(800, 2);
        let kept = keep(&shelf, &[&[3], &[60], &[20], &[9], &[200], &[1]]);
        let there: Vec<bool> = kept.iter().map(Option::is_some).collect();
        assert_eq!(there, [true, true, true, false, false, false]);
        assert!(keep(&Shelf::new(0, 1), &[&[1]])[0].is_none());
    }
}

//! Sorts the records of many pieces of work, out of core, on a fixed number of threads.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use gamayun_dedup::{Merge, Sorted, Sorter};
use gamayun_text::Monitor;

use crate::error::Result;
use crate::parallel::{self, Tally};

/// The most bytes that one piece of work holds before they are sorted.
const SHARE: u64 = 64 << 20;
/// Records that are read between two looks at whether to stop.
const LOOK: u64 = 1 << 14;

/// Where records are sorted, with how much memory and how many threads.
#[derive(Clone, Copy)]
pub(crate) struct Sorting<'a> {
    pub folder: &'a Path,
    pub memory: u64,
    pub threads: usize,
}

impl Sorting<'_> {
    /// Sorts what `work(i)` pushes for each `i` in `0..pieces`.
    pub(crate) fn pieces<const N: usize>(
        &self,
        pieces: usize,
        tally: &Tally,
        monitor: &mut dyn Monitor,
        work: impl Fn(usize, &mut Sorter<N>) -> Result<()> + Sync,
    ) -> Result<Sorted<N>> {
        let threads = self.threads.max(1);
        let share = (self.memory / (2 * threads as u64)).min(SHARE);
        let all = Mutex::new(Sorter::<N>::new(self.folder, self.memory / 2, 1)?);
        parallel::map(pieces, threads, tally, monitor, |piece| {
            let mut sorter = Sorter::new(self.folder, share, 1)?;
            work(piece, &mut sorter)?;
            sorter.sort()?; // not while the others wait
            Ok(all.lock().unwrap_or_else(PoisonError::into_inner).absorb(sorter)?)
        })?;
        Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner).finish()?)
    }

    /// Sorts what `work` makes of sorted records; those of the same first word come to one call, in order.
    pub(crate) fn derived<const N: usize, const M: usize>(
        &self,
        sorted: &Sorted<N>,
        monitor: &mut dyn Monitor,
        work: impl Fn(Watched<'_, N>, &mut Sorter<M>) -> Result<()> + Sync,
    ) -> Result<Sorted<M>> {
        let cuts = sorted.cuts(self.threads.max(1));
        let bound = |cut: Option<&u64>| {
            cut.map(|first| std::array::from_fn(|word| if word == 0 { *first } else { 0 }))
        };
        let tally = Tally::of(sorted.length());
        self.pieces(cuts.len() + 1, &tally, monitor, |piece, out| {
            let from = piece.checked_sub(1).and_then(|before| cuts.get(before));
            let records = sorted.range(bound(from), bound(cuts.get(piece)))?;
            work(Watched { records, tally: &tally, read: 0 }, out)
        })
    }
}

/// Records that are read until the work is to stop.
pub(crate) struct Watched<'a, const N: usize> {
    records: Merge<'a, N>,
    tally: &'a Tally,
    read: u64,
}

impl<const N: usize> Iterator for Watched<'_, N> {
    type Item = Result<[u64; N]>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        self.read += 1;
        if self.read.is_multiple_of(LOOK) {
            self.tally.add(LOOK, 0, 0);
            if let Err(stopped) = self.tally.check() {
                return Some(Err(stopped.into()));
            }
        }
        Some(record.map_err(Into::into))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_a_first_word_come_to_one_call_whatever_the_memory() {
        let folder = tempfile::tempdir().unwrap();
        for (memory, threads) in [(0, 1), (0, 3), (1 << 24, 2)] {
            let sorting = Sorting { folder: folder.path(), memory, threads };
            let tally = Tally::of(0);
            let sorted = sorting
                .pieces::<2>(7, &tally, &mut (), |piece, out| {
                    let piece = piece as u64;
                    Ok(out.extend((0..9_000).map(|i| [(i * 7 + piece) % 1_000, i * 10 + piece]))?)
                })
                .unwrap();
            assert_eq!(sorted.length(), 63_000);
            let counted = sorting
                .derived::<2, 2>(&sorted, &mut (), |records, out| {
                    let mut counts = std::collections::BTreeMap::new();
                    for record in records {
                        *counts.entry(record?[0]).or_insert(0) += 1;
                    }
                    Ok(out.extend(counts.into_iter().map(|(first, count)| [first, count]))?)
                })
                .unwrap();
            let counts: Vec<[u64; 2]> = counted.read().unwrap().map(|r| r.unwrap()).collect();
            assert_eq!(counts, (0..1_000).map(|first| [first, 63]).collect::<Vec<_>>());
        }
    }
}

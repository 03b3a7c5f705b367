//! Sorts more records than memory holds: sorted runs, in memory or on disk, merged as they are read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::slice::ParallelSliceMut;

use crate::{Error, Result};

/// Bytes of the largest run: a run is sorted at once, and not interrupted.
const RUN: u64 = 64 << 20;
/// Bytes that are read of a run on disk at once.
const READ: usize = 1 << 16;
/// Runs that are merged at once; more are merged in turns, since files that are open are limited.
const FAN: usize = 256;
/// One record in so many is remembered of a run, for cutting it into pieces.
const SAMPLE: usize = 1 << 12;

/// Takes records of `N` words in any order and gives them in ascending order.
///
/// Memory: at most that allowed while records are pushed, but at least 16 KiB; then 64 KiB a run on disk while they are read.
/// Scratch disk: `8 × N` bytes a record if they do not all fit, else none.
#[derive(Debug)]
pub struct Sorter<const N: usize> {
    folder: PathBuf,
    /// Records of a run, and records in memory in all.
    run: usize,
    limit: usize,
    unique: bool,
    pool: Option<Arc<rayon::ThreadPool>>,
    buffer: Vec<[u64; N]>,
    held: usize,
    runs: Vec<Run<N>>,
}

impl<const N: usize> Sorter<N> {
    /// A sorter that uses so many bytes of memory and so many threads, and keeps what does not fit in files of `folder`,
    /// which exists. The files are removed when they are no longer needed; those of a process that was killed stay.
    pub fn new(folder: &Path, memory: u64, threads: usize) -> Result<Self> {
        let pool = if threads > 1 { Some(Arc::new(crate::threads::pool(threads)?)) } else { None };
        let record = 8 * N as u64;
        let records = |bytes: u64| usize::try_from(bytes / record).unwrap_or(usize::MAX).max(1);
        let memory = memory.max(1 << 14);
        Ok(Self {
            folder: folder.to_owned(),
            run: records(RUN.min(memory / 2)),
            limit: records(memory / 2),
            unique: false,
            pool,
            buffer: Vec::new(),
            held: 0,
            runs: Vec::new(),
        })
    }

    /// Gives each of several equal records once.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Takes a record.
    pub fn push(&mut self, record: [u64; N]) -> Result<()> {
        self.buffer.push(record);
        if self.buffer.len() >= self.run { self.close_run() } else { Ok(()) }
    }

    /// Takes records.
    pub fn extend(&mut self, records: impl IntoIterator<Item = [u64; N]>) -> Result<()> {
        records.into_iter().try_for_each(|record| self.push(record))
    }

    /// Sorts what was taken, so that another one takes it at once.
    pub fn sort(&mut self) -> Result<()> {
        self.close_run()
    }

    /// Takes what other sorters of this folder took.
    pub fn absorb(&mut self, mut other: Self) -> Result<()> {
        other.close_run()?;
        self.held += other.held;
        self.runs.append(&mut other.runs);
        if self.held > self.limit { self.spill() } else { Ok(()) }
    }

    /// The records in ascending order.
    pub fn finish(mut self) -> Result<Sorted<N>> {
        self.close_run()?;
        while self.runs.len() > FAN {
            let rest = self.runs.split_off(FAN);
            let merged = write_run(&self.folder, Merge::of(&self.runs, None, None, self.unique)?)?;
            self.runs = rest;
            self.runs.push(merged);
        }
        Ok(Sorted { runs: Arc::new(self.runs), unique: self.unique })
    }

    fn close_run(&mut self) -> Result<()> {
        let mut records = std::mem::take(&mut self.buffer);
        if records.is_empty() {
            return Ok(());
        }
        match &self.pool {
            Some(pool) => pool.install(|| records.par_sort_unstable()),
            None => records.sort_unstable(),
        }
        if self.unique {
            records.dedup();
        }
        self.held += records.len();
        self.runs.push(Run::in_memory(records));
        if self.held + self.run > self.limit { self.spill() } else { Ok(()) }
    }

    /// Moves the runs in memory into one file.
    fn spill(&mut self) -> Result<()> {
        let (memory, disk) = std::mem::take(&mut self.runs)
            .into_iter()
            .partition(|run| matches!(run.records, Records::Memory(_)));
        self.runs = disk;
        self.runs.push(write_run(&self.folder, Merge::of(&memory, None, None, self.unique)?)?);
        self.held = 0;
        Ok(())
    }
}

/// Sorted records in memory or in a file that is removed with them.
#[derive(Debug)]
struct Run<const N: usize> {
    records: Records<N>,
    length: u64,
    /// Every [`SAMPLE`]-th record.
    sample: Vec<[u64; N]>,
}

#[derive(Debug)]
enum Records<const N: usize> {
    Memory(Vec<[u64; N]>),
    Disk(Scratch),
}

/// A file that is removed on drop.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0); // scratch that stays does no harm
    }
}

impl<const N: usize> Run<N> {
    fn in_memory(records: Vec<[u64; N]>) -> Self {
        let sample = records.iter().step_by(SAMPLE).copied().collect();
        Self { length: records.len() as u64, records: Records::Memory(records), sample }
    }

    /// The number of records before the first that is not less than `bound`.
    fn place(&self, bound: &[u64; N]) -> Result<u64> {
        let above = self.sample.partition_point(|record| record < bound);
        let from = (above.saturating_sub(1) * SAMPLE) as u64;
        let mut cursor = Cursor::new(self, from, self.length)?;
        let mut place = from;
        while cursor.next()?.is_some_and(|record| record < *bound) {
            place += 1;
        }
        Ok(place)
    }
}

fn write_run<const N: usize>(folder: &Path, merge: Merge<'_, N>) -> Result<Run<N>> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("sort-{}-{number}.run", std::process::id()));
    let mut file = File::create(&path).map_err(Error::io(&path))?;
    let scratch = Scratch(path.clone());
    let (mut length, mut sample, mut bytes) = (0u64, Vec::new(), Vec::with_capacity(READ + 8 * N));
    for record in merge {
        let record = record?;
        if length.is_multiple_of(SAMPLE as u64) {
            sample.push(record);
        }
        length += 1;
        bytes.extend(record.iter().flat_map(|word| word.to_le_bytes()));
        if bytes.len() >= READ {
            file.write_all(&bytes).map_err(Error::io(&path))?;
            bytes.clear();
        }
    }
    file.write_all(&bytes).map_err(Error::io(&path))?;
    Ok(Run { records: Records::Disk(scratch), length, sample })
}

/// Sorted records, which can be read more than once, and in pieces on several threads.
#[derive(Clone, Debug)]
pub struct Sorted<const N: usize> {
    runs: Arc<Vec<Run<N>>>,
    unique: bool,
}

impl<const N: usize> Sorted<N> {
    /// All records, ascending.
    pub fn read(&self) -> Result<Merge<'_, N>> {
        Merge::of(&self.runs, None, None, self.unique)
    }

    /// The records from `from` on and below `to`, where given, ascending.
    pub fn range(&self, from: Option<[u64; N]>, to: Option<[u64; N]>) -> Result<Merge<'_, N>> {
        Merge::of(&self.runs, from, to, self.unique)
    }

    /// How many records were kept; with [`Sorter::unique`], equal ones of different runs are all counted.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.runs.iter().map(|run| run.length).sum()
    }

    /// First words that cut the records into about so many pieces of about the same size; ascending, without repeats.
    #[must_use]
    pub fn cuts(&self, pieces: usize) -> Vec<u64> {
        let mut firsts: Vec<u64> =
            self.runs.iter().flat_map(|run| &run.sample).map(|record| record[0]).collect();
        firsts.sort_unstable();
        let mut cuts: Vec<u64> =
            (1..pieces).filter_map(|i| firsts.get(i * firsts.len() / pieces).copied()).collect();
        cuts.dedup();
        cuts
    }
}

/// Records of several runs, ascending.
#[derive(Debug)]
pub struct Merge<'a, const N: usize> {
    heap: BinaryHeap<Reverse<([u64; N], usize)>>,
    cursors: Vec<Cursor<'a, N>>,
    last: Option<[u64; N]>,
    unique: bool,
}

impl<'a, const N: usize> Merge<'a, N> {
    fn of(
        runs: &'a [Run<N>],
        from: Option<[u64; N]>,
        to: Option<[u64; N]>,
        unique: bool,
    ) -> Result<Self> {
        let mut merge = Self { heap: BinaryHeap::new(), cursors: Vec::new(), last: None, unique };
        for run in runs {
            let start = from.map_or(Ok(0), |from| run.place(&from))?;
            let end = to.map_or(Ok(run.length), |to| run.place(&to))?;
            let mut cursor = Cursor::new(run, start, end)?;
            if let Some(record) = cursor.next()? {
                merge.heap.push(Reverse((record, merge.cursors.len())));
                merge.cursors.push(cursor);
            }
        }
        Ok(merge)
    }

    fn step(&mut self) -> Result<Option<[u64; N]>> {
        let Some(mut top) = self.heap.peek_mut() else { return Ok(None) };
        let Reverse((record, run)) = *top;
        match self.cursors[run].next()? {
            Some(next) => *top = Reverse((next, run)),
            None => drop(PeekMut::pop(top)),
        }
        Ok(Some(record))
    }
}

impl<const N: usize> Iterator for Merge<'_, N> {
    type Item = Result<[u64; N]>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let record = match self.step() {
                Ok(record) => record?,
                Err(error) => return Some(Err(error)),
            };
            if !self.unique || self.last != Some(record) {
                self.last = Some(record);
                return Some(Ok(record));
            }
        }
    }
}

/// A place in a run.
#[derive(Debug)]
enum Cursor<'a, const N: usize> {
    Memory(std::slice::Iter<'a, [u64; N]>),
    Disk { path: &'a Path, file: File, left: u64, bytes: Vec<u8>, at: usize },
}

impl<'a, const N: usize> Cursor<'a, N> {
    fn new(run: &'a Run<N>, from: u64, to: u64) -> Result<Self> {
        let to = to.max(from);
        match &run.records {
            Records::Memory(records) => {
                // The records are in memory, so their places fit.
                let place = |at| usize::try_from(at).unwrap_or(records.len());
                Ok(Self::Memory(records[place(from)..place(to)].iter()))
            }
            Records::Disk(Scratch(path)) => {
                let mut file = File::open(path).map_err(Error::io(path))?;
                file.seek(SeekFrom::Start(from * 8 * N as u64)).map_err(Error::io(path))?;
                Ok(Self::Disk { path, file, left: to - from, bytes: Vec::new(), at: 0 })
            }
        }
    }

    fn next(&mut self) -> Result<Option<[u64; N]>> {
        match self {
            Self::Memory(records) => Ok(records.next().copied()),
            Self::Disk { path, file, left, bytes, at } => {
                if *left == 0 {
                    return Ok(None);
                }
                if *at == bytes.len() {
                    let records =
                        (READ / (8 * N)).max(1).min(usize::try_from(*left).unwrap_or(usize::MAX));
                    bytes.resize(records * 8 * N, 0);
                    file.read_exact(bytes).map_err(Error::io(path))?;
                    *at = 0;
                }
                let words = &bytes[*at..*at + 8 * N];
                *at += 8 * N;
                *left -= 1;
                let words = words.as_chunks::<8>().0;
                Ok(Some(std::array::from_fn(|i| u64::from_le_bytes(words[i]))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(
        records: &[[u64; 2]],
        memory: u64,
        threads: usize,
        unique: bool,
    ) -> (Sorted<2>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), memory, threads).unwrap();
        if unique {
            sorter = sorter.unique();
        }
        sorter.extend(records.iter().copied()).unwrap();
        (sorter.finish().unwrap(), folder)
    }

    fn all(merge: Merge<'_, 2>) -> Vec<[u64; 2]> {
        merge.collect::<Result<_>>().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn records_come_in_order(
            records in prop::collection::vec(prop::array::uniform2(0u64..500), 0..20_000),
            memory in prop::sample::select(vec![0, 100_000, 1 << 30]),
            threads in 1usize..3,
            unique in any::<bool>(),
            cuts in prop::collection::vec(0u64..501, 2),
        ) {
            let mut expected = records.clone();
            expected.sort_unstable();
            if unique {
                expected.dedup();
            }
            let (found, folder) = sorted(&records, memory, threads, unique);
            prop_assert_eq!(&all(found.read().unwrap()), &expected);
            prop_assert_eq!(&all(found.read().unwrap()), &expected);
            let (from, to) = ([cuts[0], 0], [cuts[1], 0]);
            let part: Vec<_> = expected.iter().filter(|r| **r >= from && **r < to).copied().collect();
            prop_assert_eq!(all(found.range(Some(from), Some(to)).unwrap()), part);
            drop(found);
            prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }

        #[test]
        fn absorbed_records_are_in_their_place(
            records in prop::collection::vec(prop::array::uniform2(0u64..500), 0..9_000),
            memory in prop::sample::select(vec![0, 100_000]),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut whole = Sorter::new(folder.path(), memory, 1).unwrap();
            for some in records.chunks(1000) {
                let mut sorter = Sorter::new(folder.path(), memory, 1).unwrap();
                sorter.extend(some.iter().copied()).unwrap();
                whole.absorb(sorter).unwrap();
            }
            let mut expected = records;
            expected.sort_unstable();
            prop_assert_eq!(all(whole.finish().unwrap().read().unwrap()), expected);
        }
    }

    #[test]
    fn many_runs_are_merged_in_turns() {
        let records: Vec<[u64; 2]> =
            (0..200_000).map(|i| [gamayun_text::hash::mix64(i, 0), i]).collect();
        let (found, folder) = sorted(&records, 0, 1, false);
        assert!(std::fs::read_dir(folder.path()).unwrap().count() <= FAN);
        let mut expected = records;
        expected.sort_unstable();
        assert_eq!(all(found.read().unwrap()), expected);
        assert!(found.cuts(4).len() == 3 && found.cuts(4).is_sorted());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let mut sorter = Sorter::<1>::new(Path::new("/nonexistent"), 0, 1).unwrap();
        let error = (0..5000).find_map(|i| sorter.push([i]).err()).unwrap();
        assert!(
            matches!(&error, Error::Io { path, .. } if path.starts_with("/nonexistent")),
            "{error}"
        );
    }
}

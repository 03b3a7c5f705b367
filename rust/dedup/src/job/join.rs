//! The first tasks: a column and a range of keys of all band files to the edges between documents that share a key.

use std::ops::Range;
use std::path::{Path, PathBuf};

use gamayun_text::Monitor;

use super::blocks::{BLOCK, BlockFile, BlockWriter};
use super::filter::KeyFilter;
use super::group::Grouper;
use super::tasks::{self, Tally};
use super::{Job, Reuse};
use crate::bands::KEY_BITS;
use crate::{BandFile, Result};

/// Entries that are grouped at once: few enough for the caches.
const ENTRIES: u64 = 1 << 18;
/// Ranges of a column that the fences of a full part tell apart; more mean that slices are read more than once.
const FENCES: u64 = 256;

/// How many ranges the keys are cut into: a power of two.
pub(crate) fn ranges(documents: u64, threads: usize, memory: u64) -> u64 {
    let for_caches = documents.div_ceil(ENTRIES).next_power_of_two().min(FENCES);
    let each = (memory / threads.max(1) as u64 / 2).max(1);
    let for_memory = (documents.saturating_mul(Grouper::ENTRY) / each + 1).next_power_of_two();
    for_caches.max(for_memory).min(1 << 20)
}

/// Edges of all columns, a file each task: the least row of a bucket and each other one.
pub(crate) fn join(
    job: &Job<'_>,
    reuse: &Reuse,
    monitor: &mut dyn Monitor,
) -> Result<Vec<BlockFile>> {
    let columns = job.files.first().map_or(0, BandFile::columns);
    let ranges = ranges(job.documents(), job.resources.threads, job.resources.memory);
    let tasks: Vec<(usize, u64)> =
        (0..columns).flat_map(|column| (0..ranges).map(move |range| (column, range))).collect();
    let tally = Tally::of(tasks.len() as u64);
    let threads = job.resources.threads;
    tasks::map_with(tasks.len(), threads, &tally, monitor, |scratch: &mut Scratch, task| {
        let (column, range) = tasks[task];
        let path = path(&job.resources.scratch, column, range);
        let width = (1 << KEY_BITS) / ranges;
        let keys = range * width..(range + 1) * width;
        let file =
            reuse.or_make(&path, || join_range(job, column, &keys, &path, &tally, scratch))?;
        tally.step(1)?;
        Ok(file)
    })
}

fn path(scratch: &Path, column: usize, range: u64) -> PathBuf {
    scratch.join(format!("join-{column}-{range}.edges"))
}

/// What a thread keeps from task to task.
#[derive(Default)]
struct Scratch {
    slice: Vec<u8>,
    grouper: Grouper,
}

fn join_range(
    job: &Job<'_>,
    column: usize,
    keys: &Range<u64>,
    path: &Path,
    tally: &Tally,
    scratch: &mut Scratch,
) -> Result<BlockFile> {
    let (all, new) = (job.files.len(), job.new_files());
    read_slices(job, 0..new, column, keys, tally, scratch, |_| true)?;
    if new < all {
        let filter = KeyFilter::of(scratch.grouper.keys());
        read_slices(job, new..all, column, keys, tally, scratch, |key| filter.may_hold(key))?;
    }
    let mut writer = BlockWriter::create(path)?;
    let mut bytes = Vec::with_capacity(BLOCK + 16);
    scratch.grouper.groups(keys, &mut |bucket| {
        if bucket[0].1 >= job.bases[new] {
            return Ok(()); // earlier documents alone
        }
        for (_, row) in &bucket[1..] {
            bytes.extend(bucket[0].1.to_le_bytes());
            bytes.extend(row.to_le_bytes());
            if bytes.len() >= BLOCK {
                writer.block(0, &bytes)?;
                bytes.clear();
            }
        }
        Ok(())
    })?;
    if !bytes.is_empty() {
        writer.block(0, &bytes)?;
    }
    writer.finish()
}

/// Pushes the entries of a column in some files to the grouper, if their key is wanted.
fn read_slices(
    job: &Job<'_>,
    files: Range<usize>,
    column: usize,
    keys: &Range<u64>,
    tally: &Tally,
    Scratch { slice, grouper }: &mut Scratch,
    wanted: impl Fn(u64) -> bool,
) -> Result<()> {
    for (file, base) in job.files[files.clone()].iter().zip(&job.bases[files]) {
        tally.step(0)?;
        file.read_slice_with(column, keys, slice, &mut |key, row| {
            let row = base + row;
            if wanted(key) && (job.eligible)(row) {
                grouper.push(key, row);
            }
        })?;
    }
    Ok(())
}

/// The edges of a block.
pub(crate) fn edges(bytes: &[u8]) -> impl Iterator<Item = [u64; 2]> {
    bytes.as_chunks::<16>().0.iter().map(|edge| {
        let words = edge.as_chunks::<8>().0;
        [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])]
    })
}

//! The whole job in memory, for documents of which there is room for all: no task writes a file.

use gamayun_text::Monitor;

use super::forest::Forest;
use super::gather::error_of_caller;
use super::group::Grouper;
use super::model::{Documents, Outcome, Wanted};
use super::plan::SHINGLE;
use super::record::Candidate;
use super::tasks::{self, Tally};
use crate::bands::{Bands, KEY_BITS, check_layouts};
use crate::deduplicate::resolve;
use crate::{BandFile, DedupParams, Error, Result};

/// Bytes of a document beside its shingles while candidates are found, and of one that is a candidate.
const DOCUMENT: u64 = 512;
/// Pieces of the join for each thread: so many that none waits long for the last one.
const PIECES: usize = 16;

/// Bytes of memory, at most, that [`cluster_held`] holds of documents with so many shingles in all.
#[must_use]
pub fn held_memory(documents: u64, shingles: u64) -> u64 {
    documents.saturating_mul(DOCUMENT).saturating_add(shingles.saturating_mul(SHINGLE))
}

/// The outcomes of all candidates, ascending, as [`super::cluster`] finds them where all documents are eligible.
///
/// # Errors
/// Band files that are damaged or of other parameters; threads that cannot be started; what the caller's documents
/// return; the monitor.
pub fn cluster_held(
    files: &[BandFile],
    documents: &dyn Documents,
    params: &DedupParams,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Outcome>> {
    check_layouts(files)?;
    let mut bases = vec![0];
    for file in files {
        bases.push(bases[bases.len() - 1] + file.documents());
    }
    let forest = join(files, &bases, threads, monitor)?;
    let members = members(files, &bases, &forest)?;
    drop(forest);
    let candidates = read(documents, &bases, &members, threads, monitor)?;
    resolve(candidates, params, threads, monitor)
}

/// Joins the documents that share a key.
fn join(
    files: &[BandFile],
    bases: &[u64],
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Forest> {
    let forest = Forest::of_all(bases[bases.len() - 1]);
    let columns = files.first().map_or(0, BandFile::columns);
    let slices = slices(files, (PIECES * threads).div_ceil(columns.max(1)));
    let keys = (1 << KEY_BITS) / slices as u64;
    let pieces = columns * slices;
    let tally = Tally::of(pieces as u64);
    tasks::map_with(pieces, threads, &tally, monitor, |scratch, piece| {
        let (grouper, bytes): &mut (Grouper, Vec<u8>) = scratch;
        let (column, slice) = (piece / slices, (piece % slices) as u64);
        let keys = slice * keys..(slice + 1) * keys;
        for (file, base) in files.iter().zip(bases) {
            tally.step(0)?;
            let push = &mut |key, row| grouper.push(key, base + row);
            file.read_slice_with(column, &keys, bytes, push)?;
        }
        grouper.groups(&keys, &mut |group| {
            forest.unite(group[1..].iter().map(|entry| [group[0].1, entry.1]));
            Ok(tally.step(0)?)
        })?;
        Ok(tally.step(1)?)
    })?;
    Ok(forest)
}

/// Slices that a column is read in: a power of two, as many as wanted where files can be read in so many.
fn slices(files: &[BandFile], wanted: usize) -> usize {
    let most = files.iter().map(BandFile::slices).max().unwrap_or(1);
    let wanted = wanted.max(1).next_power_of_two();
    usize::try_from(most).map_or(wanted, |most| wanted.min(most.next_power_of_two()))
}

/// A document of a component of several.
struct Member {
    row: u64,
    label: u64,
    content: u128,
    /// Not all texts of the component are equal.
    set: bool,
}

/// The members of all components, by row.
fn members(files: &[BandFile], bases: &[u64], forest: &Forest) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    let mut contents = Vec::new();
    for (file, base) in files.iter().zip(bases) {
        file.read_contents(&mut contents)?;
        let labels = forest.sets(*base..base + file.documents()).zip(&contents);
        members.extend(labels.map(|([row, label], content)| Member {
            row,
            label,
            content: *content,
            set: false,
        }));
    }
    members.sort_unstable_by_key(|member| (member.label, member.row));
    for component in members.chunk_by_mut(|a, b| a.label == b.label) {
        let first = component[0].content;
        let set = component.iter().any(|member| member.content != first);
        for member in component {
            member.set = set;
        }
    }
    let alone = |members: &[Member], at: usize| {
        let label = members[at].label;
        at.checked_sub(1).is_none_or(|before| members[before].label != label)
            && members.get(at + 1).is_none_or(|next| next.label != label)
    };
    let several: Vec<bool> = (0..members.len()).map(|at| !alone(&members, at)).collect();
    let mut several = several.into_iter();
    members.retain(|_| several.next().unwrap_or(false));
    members.sort_unstable_by_key(|member| member.row);
    Ok(members)
}

/// Facts and shingles of the members, by component.
fn read(
    documents: &dyn Documents,
    bases: &[u64],
    members: &[Member],
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Candidate>> {
    let tally = Tally::of(members.len() as u64);
    let parts = bases.len() - 1;
    let found = tasks::map_with(parts, threads, &tally, monitor, |(): &mut (), part| {
        let from = members.partition_point(|member| member.row < bases[part]);
        let to = members.partition_point(|member| member.row < bases[part + 1]);
        let members = &members[from..to];
        let wanted: Vec<Wanted> = members
            .iter()
            .map(|member| Wanted { row: member.row - bases[part], set: member.set })
            .collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut candidates = Vec::with_capacity(members.len());
        let read = documents.candidates(part, &wanted, &mut |facts, shingles| {
            let place = candidates.len();
            let Member { row, label, content, set: needed } =
                *members.get(place).ok_or(Error::Missing { document: bases[part + 1] })?;
            let set = needed.then_some(shingles);
            candidates.push(Candidate { label, row, content, facts, set });
            Ok(tally.step(1)?)
        });
        read.map_err(error_of_caller)?;
        match members.get(candidates.len()) {
            Some(member) => Err(Error::Missing { document: member.row }),
            None => Ok(candidates),
        }
    })?;
    let mut candidates: Vec<Candidate> = found.into_iter().flatten().collect();
    candidates.sort_unstable_by_key(|candidate| (candidate.label, candidate.row));
    Ok(candidates)
}

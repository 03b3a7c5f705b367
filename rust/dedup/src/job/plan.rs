//! Which candidates are read, whose shingles are needed, and in which partition each component is decided.

use gamayun_text::Monitor;

use super::Job;
use super::contract::Labels;
use super::record::MEMBER;
use super::tasks::{self, Tally};
use crate::bands::Bands;
use crate::{Merge, Result, Sorted, Sorter};

/// Bytes of a set beside its shingles, and of a shingle with its place in an index.
pub(crate) const SET: u64 = 32;
pub(crate) const SHINGLE: u64 = 48;
/// A partition is as large as this or a thousandth of all, so that threads share the work and files have few blocks.
const PARTITION: u64 = 64 << 20;
const PARTITIONS: u64 = 1024;
/// A component beyond this is decided by all threads, even if the memory of one holds it.
const LARGE: u64 = 64 << 20;

/// A partition: components with labels from `first` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    first: u64,
    /// What deciding it takes.
    pub(crate) bytes: u64,
    /// It is one component that is decided block by block, on all threads.
    pub(crate) large: bool,
}

/// What is to be read, and the partitions.
#[derive(Debug)]
pub(crate) struct Plan {
    /// By row: row, partition, label, and 1 if the set is needed.
    pub(crate) wanted: Sorted<4>,
    pub(crate) partitions: Vec<Partition>,
    pub(crate) candidates: u64,
}

/// A member of a component: label, two halves of its content, row, shingles.
type Member = [u64; 5];

pub(crate) fn plan(job: &Job<'_>, labels: &Labels, monitor: &mut dyn Monitor) -> Result<Plan> {
    let members = members(job, labels, monitor)?;
    let (partitions, candidates) = partitions(job, &members)?;
    let folder = job.sorting();
    let threads = job.resources.threads.max(1);
    let (each, tally) = (partitions.len().div_ceil(threads).max(1), Tally::of(candidates));
    let ranges: Vec<(usize, &[Partition])> =
        partitions.chunks(each).enumerate().map(|(i, some)| (i * each, some)).collect();
    let sorters = tasks::map(ranges.len(), threads, &tally, monitor, |task| {
        let (number, mine) = ranges[task];
        let from = mine.first().map(|partition| [partition.first, 0, 0, 0, 0]);
        let to = partitions.get(number + mine.len()).map(|next| [next.first, 0, 0, 0, 0]);
        let mut sorter = Sorter::new(&folder, job.resources.memory / 4 / threads as u64, 1)?;
        let mut want = Want { number, rest: mine, count: 0, pending: None };
        for member in members.range(from, to)? {
            want.member(member?, &mut sorter)?;
            want.count += 1;
            if want.count.is_multiple_of(1 << 14) {
                tally.step(1 << 14)?;
            }
        }
        want.settle(false, &mut sorter)?;
        Ok(sorter)
    })?;
    let mut all = Sorter::new(&folder, job.resources.memory / 4, 1)?;
    sorters.into_iter().try_for_each(|sorter| all.absorb(sorter))?;
    Ok(Plan { wanted: all.finish()?, partitions, candidates })
}

/// The members of all components, by label and content.
fn members(job: &Job<'_>, labels: &Labels, monitor: &mut dyn Monitor) -> Result<Sorted<5>> {
    let (folder, threads) = (job.sorting(), job.resources.threads.max(1));
    let tally = Tally::of(job.files.len() as u64);
    let memory = job.resources.memory / 4;
    let sorters = tasks::map(threads, threads, &tally, monitor, |task| {
        let mut sorter = Sorter::new(&folder, memory / threads as u64, 1)?;
        for part in (0..job.files.len()).skip(task).step_by(threads) {
            part_members(job, labels, part, &mut sorter)?;
            tally.step(1)?;
        }
        Ok(sorter)
    })?;
    let mut all = Sorter::new(&folder, memory, 1)?;
    sorters.into_iter().try_for_each(|sorter| all.absorb(sorter))?;
    all.finish()
}

#[expect(clippy::cast_possible_truncation, reason = "a row of a part fits; the halves are wanted")]
fn part_members(job: &Job<'_>, labels: &Labels, part: usize, sorter: &mut Sorter<5>) -> Result<()> {
    let (file, base) = (&job.files[part], job.bases[part]);
    let (mut counts, mut contents) = (Vec::new(), Vec::new());
    labels.read(base..base + file.documents(), &mut |row, label| {
        if counts.is_empty() {
            file.read_shingles(&mut counts)?;
            file.read_contents(&mut contents)?;
        }
        let at = (row - base) as usize;
        let content: u128 = contents[at];
        sorter.push([label, (content >> 64) as u64, content as u64, row, u64::from(counts[at])])
    })
}

/// Cuts the components into partitions.
fn partitions(job: &Job<'_>, members: &Sorted<5>) -> Result<(Vec<Partition>, u64)> {
    let (mut total, mut candidates) = (0, 0);
    for_components(members.read()?, &mut |_, bytes, members| {
        total += bytes;
        candidates += members;
    })?;
    let most = job.resources.memory / 2 / job.resources.threads.max(1) as u64;
    let size = PARTITION.max(total / PARTITIONS).min(most);
    let (mut partitions, mut room): (Vec<Partition>, u64) = (Vec::new(), 0);
    for_components(members.read()?, &mut |first, bytes, _| {
        let large = bytes > most.min(LARGE);
        if large || bytes > room {
            partitions.push(Partition { first, bytes: 0, large });
            room = if large { 0 } else { size.max(bytes) };
        }
        room = room.saturating_sub(bytes);
        if let Some(last) = partitions.last_mut() {
            last.bytes += bytes;
        }
    })?;
    Ok((partitions, candidates))
}

/// Gives the label of each component, the bytes to decide it, and its members.
fn for_components(members: Merge<'_, 5>, f: &mut dyn FnMut(u64, u64, u64)) -> Result<()> {
    let mut now: Option<(Member, u64, u64, u64)> = None; // the last member, bytes of sets, contents, members
    let mut close = |(last, sets, contents, members): (Member, u64, u64, u64)| {
        let sets = if contents > 1 { sets } else { 0 };
        f(last[0], sets + members * MEMBER, members);
    };
    for member in members {
        let member = member?;
        let set = SET + member[4] * SHINGLE;
        now = Some(match now {
            Some((last, sets, contents, members)) if last[0] == member[0] => {
                let more = u64::from(last[1..3] != member[1..3]);
                (member, sets + more * set, contents + more, members + 1)
            }
            before => {
                if let Some(before) = before {
                    close(before);
                }
                (member, set, 1, 1)
            }
        });
    }
    if let Some(last) = now {
        close(last);
    }
    Ok(())
}

/// Decides member by member what is wanted of it: the set of the least row of each content, if there are several.
struct Want<'a> {
    /// The partition of the last member, and those from it on.
    number: usize,
    rest: &'a [Partition],
    count: u64,
    /// The first member of a component of which no second content was seen yet, and the last member.
    pending: Option<(Member, bool)>,
}

impl Want<'_> {
    fn member(&mut self, member: Member, out: &mut Sorter<4>) -> Result<()> {
        match self.pending {
            Some((first, settled)) if first[0] == member[0] => {
                let new = first[1..3] != member[1..3];
                if new && !settled {
                    self.settle(true, out)?;
                }
                if new {
                    self.pending = Some((member, true));
                }
                self.want(member, new, out)
            }
            _ => {
                self.settle(false, out)?;
                self.pending = Some((member, false));
                Ok(())
            }
        }
    }

    /// Wants the first member, now that it is known whether there is a second content.
    fn settle(&mut self, set: bool, out: &mut Sorter<4>) -> Result<()> {
        match self.pending.take() {
            Some((first, false)) => self.want(first, set, out),
            _ => Ok(()),
        }
    }

    fn want(&mut self, member: Member, set: bool, out: &mut Sorter<4>) -> Result<()> {
        while self.rest.get(1).is_some_and(|next| next.first <= member[0]) {
            self.rest = &self.rest[1..];
            self.number += 1;
        }
        out.push([member[3], self.number as u64, member[0], u64::from(set)])
    }
}

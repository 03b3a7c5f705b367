//! A component that memory does not hold, or that is too much for one thread, decided block by block.
//!
//! Facts are sorted outside of memory. Texts come in order of preference, as many at once as fit; each block is first
//! compared with the survivors of the blocks before, streamed from the disk in order, and then within itself. That is the
//! walk of [`super::decide`]: the first survivor in order that a document matches.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::ops::Range;
use std::path::PathBuf;

use gamayun_text::{DocId, Monitor};

use super::Job;
use super::blocks::{BlockFile, read_at};
use super::decide::outcome;
use super::model::Outcome;
use super::plan::{SET, SHINGLE};
use super::record::{Candidate, evidence, evidence_words, halves, rank};
use super::resolve::read;
use super::tasks::{self, Tally};
use crate::leader::assign;
use crate::prefix::PrefixIndex;
use crate::set_maker::SetMaker;
use crate::{Error, Evidence, Result, Sorted, Sorter};

/// Where the members of the component are, and how they are sorted and read.
struct Large<'a> {
    job: &'a Job<'a>,
    gathered: &'a [BlockFile],
    folder: PathBuf,
    /// Bytes of a block.
    block: u64,
}

/// Blocks that a component is cut into, so that threads share most of the work: less of it is within a block.
const BLOCKS: u64 = 8;
/// Smaller blocks are not worth a round of the threads.
const LEAST: u64 = 8 << 20;

/// A member: content, rank, preference, id, row, where its record is, and 1 if it has the set.
type Member = [u64; 15];
/// A text: what orders it, where its head is, its content, where its set is.
type Unit = [u64; 16];

/// Decides the one component of a partition, which takes so many bytes.
pub(crate) fn decide_large(
    job: &Job<'_>,
    gathered: &[BlockFile],
    (partition, bytes): (usize, u64),
    monitor: &mut dyn Monitor,
    out: &mut dyn FnMut(Outcome) -> Result<()>,
) -> Result<()> {
    let block = (bytes / BLOCKS).max(LEAST).min(job.resources.memory / 4);
    let large = Large { job, gathered, folder: job.sorting(), block };
    let members = large.members(partition, monitor)?;
    let units = large.units(&members, out)?;
    let (assigned, heads) = large.walk(&units, monitor)?;
    large.emit(&members, &assigned, &heads, monitor, out)
}

impl Large<'_> {
    fn sorter<const N: usize>(&self) -> Result<Sorter<N>> {
        Sorter::new(&self.folder, self.job.resources.memory / 16, self.job.resources.threads)
    }

    fn members(&self, partition: usize, monitor: &mut dyn Monitor) -> Result<Sorted<15>> {
        let mut sorter = self.sorter()?;
        let mut count = 0u64;
        read(self.gathered, partition, &mut |file, place, candidate| {
            count += 1;
            if count.is_multiple_of(1 << 12) {
                listen(monitor)?;
            }
            sorter.push(member(file, &place, &candidate))
        })?;
        sorter.finish()
    }

    /// The texts by preference of their heads; a pinned document whose text another pinned one has is alone.
    fn units(
        &self,
        members: &Sorted<15>,
        out: &mut dyn FnMut(Outcome) -> Result<()>,
    ) -> Result<Sorted<16>> {
        let mut sorter = self.sorter()?;
        let mut now: Option<Unit> = None;
        for member in members.read()? {
            let m: Member = member?;
            let same = now.is_some_and(|unit| unit[11..13] == m[..2]);
            if !same {
                now.take().map_or(Ok(()), |unit| sorter.push(unit))?;
                now = Some([
                    m[2], m[3], m[4], m[5], m[6], m[7], m[8], m[9], m[10], m[11], m[12], m[0],
                    m[1], 0, 0, 0,
                ]);
            } else if m[2] == 0 {
                let candidate = self.candidate([m[12], m[13]])?;
                out(outcome(m[11], &candidate, 1, Evidence::Alone))?;
            }
            if let Some(unit) = now.as_mut() {
                if !same {
                    unit[13] = m[13]; // the length of the head's record
                }
                if m[14] == 1 {
                    (unit[14], unit[15]) = (m[12], m[13]);
                }
            }
        }
        now.map_or(Ok(()), |unit| sorter.push(unit))?;
        sorter.finish()
    }

    /// Reads a record again: the number of its file and its place in one word, and its length.
    fn candidate(&self, [place, length]: [u64; 2]) -> Result<Candidate> {
        let path = self.gathered[(place >> OFFSET) as usize].path();
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)]; // it was in memory when it was written
        let mut file = File::open(path).map_err(Error::io(path))?;
        read_at(&mut file, place & ((1 << OFFSET) - 1), &mut bytes, path)?;
        Candidate::read(&mut &bytes[..]).ok_or_else(|| Error::damaged(path, "not a candidate"))
    }

    /// The shingles of a text; none if it is the only one.
    fn set(&self, unit: &Unit) -> Result<Vec<u64>> {
        if unit[15] == 0 {
            return Ok(Vec::new());
        }
        let set = self.candidate([unit[14], unit[15]])?.set;
        Ok(set.map_or_else(Vec::new, |set| set.into_set(&mut SetMaker::default())))
    }

    /// The survivor of each text, by content: content, its number, evidence; and each survivor, by number: number, where
    /// its record is.
    fn walk(
        &self,
        units: &Sorted<16>,
        monitor: &mut dyn Monitor,
    ) -> Result<(Sorted<5>, Sorted<3>)> {
        let (mut assigned, mut heads) = (self.sorter()?, self.sorter()?);
        let mut survivors = Survivors::create(self.folder.join("survivors"))?;
        let mut rest = units.read()?.peekable();
        while rest.peek().is_some() {
            let (mut block, mut sets, mut room) = (Vec::new(), Vec::new(), self.block);
            while let Some(unit) = rest
                .next_if(|unit| unit.as_ref().map_or(true, |u| fits(u, room) || sets.is_empty()))
            {
                let unit: Unit = unit?;
                room = room.saturating_sub(cost(&unit));
                sets.push(self.set(&unit)?);
                block.push(unit);
                if sets.len().is_multiple_of(1 << 8) {
                    listen(monitor)?;
                }
            }
            let found = self.block(&block, &mut sets, &mut survivors, monitor)?;
            let mut numbers = vec![0; block.len()];
            for (place, (unit, found)) in block.iter().zip(found).enumerate() {
                let (number, evidence) = match found {
                    Found::Before(number, evidence) => (number, evidence),
                    Found::Here(to, evidence) if to != place => (numbers[to], evidence),
                    Found::Here(..) => {
                        numbers[place] = survivors.push(&sets[place])?;
                        heads.push([numbers[place], unit[10], unit[13]])?;
                        (numbers[place], Evidence::Survivor)
                    }
                };
                let [kind, value] = evidence_words(evidence);
                assigned.push([unit[11], unit[12], number, kind, value])?;
            }
        }
        Ok((assigned.finish()?, heads.finish()?))
    }

    /// Decides a block of texts: first by the survivors before, then among those that are left.
    fn block(
        &self,
        block: &[Unit],
        sets: &mut [Vec<u64>],
        survivors: &mut Survivors,
        monitor: &mut dyn Monitor,
    ) -> Result<Vec<Found>> {
        let measure = self.job.params.measure();
        let pinned = block.partition_point(|unit| unit[0] == 0);
        let before = self.before(&sets[pinned..], survivors, monitor)?;
        let mut left: Vec<usize> = (0..pinned).collect();
        left.extend((pinned..sets.len()).filter(|place| before[place - pinned].is_none()));
        let mut chosen: Vec<Vec<u64>> =
            left.iter().map(|place| std::mem::take(&mut sets[*place])).collect();
        let mut calls = 0u64;
        let among = assign(&chosen, measure, pinned, &mut || {
            calls += 1;
            if calls.is_multiple_of(1 << 6) { listen(monitor) } else { Ok(()) }
        })?;
        for (place, set) in left.iter().zip(&mut chosen) {
            sets[*place] = std::mem::take(set);
        }
        let mut found: Vec<Found> = (0..pinned)
            .map(|_| None)
            .chain(before)
            .map(|before| {
                before.map_or(Found::Here(0, Evidence::Survivor), |(number, evidence)| {
                    Found::Before(number, evidence)
                })
            })
            .collect();
        for (place, (to, evidence)) in left.iter().zip(among) {
            found[*place] = Found::Here(left[to], evidence);
        }
        Ok(found)
    }

    /// The first of the survivors before that each set matches.
    fn before(
        &self,
        sets: &[Vec<u64>],
        survivors: &mut Survivors,
        monitor: &mut dyn Monitor,
    ) -> Result<Vec<Option<(u64, Evidence)>>> {
        let mut first: Vec<Option<(u64, Evidence)>> = vec![None; sets.len()];
        let (measure, threads) = (self.job.params.measure(), self.job.resources.threads.max(1));
        let index = PrefixIndex::of_documents(sets, measure);
        let mut stream = survivors.stream()?;
        let mut bytes = BATCH;
        loop {
            let batch = stream.batch(bytes)?;
            // The first survivors take most documents, which are not compared with those of later batches.
            bytes = (2 * bytes).min(self.job.resources.memory / 16).max(BATCH);
            if batch.is_empty() {
                return Ok(first);
            }
            let tally = Tally::of(0);
            let open = &first;
            let matches = tasks::map(threads, threads, &tally, monitor, |task| {
                let (mut prefix, mut places, mut found) = (Vec::new(), Vec::new(), Vec::new());
                for (number, survivor) in batch.iter().skip(task).step_by(threads) {
                    tally.step(0)?;
                    index.search_with(survivor, &mut prefix, &mut places);
                    places.retain(|place| open[*place].is_none());
                    let compare = |place: &usize| {
                        Some((*place, *number, measure.compare(survivor, &sets[*place])?))
                    };
                    found.extend(places.iter().filter_map(compare));
                }
                Ok(found)
            })?;
            for (place, number, evidence) in matches.into_iter().flatten() {
                if first[place].is_none_or(|(best, _)| number < best) {
                    first[place] = Some((number, evidence));
                }
            }
        }
    }

    /// The outcome of each member of the clusters.
    fn emit(
        &self,
        members: &Sorted<15>,
        assigned: &Sorted<5>,
        heads: &Sorted<3>,
        monitor: &mut dyn Monitor,
        out: &mut dyn FnMut(Outcome) -> Result<()>,
    ) -> Result<()> {
        let clusters = self.clusters(members, assigned)?;
        let (mut ahead, mut behind) = (clusters.read()?.peekable(), clusters.read()?.peekable());
        for head in heads.read()? {
            let [number, place, length] = head?;
            let of = |record: &Result<[u64; 4]>| {
                record.as_ref().map_or(true, |record| record[0] == number)
            };
            let mut size = 0;
            while let Some(record) = ahead.next_if(of) {
                record?;
                size += 1;
            }
            let head = self.candidate([place, length])?;
            listen(monitor)?;
            while let Some(record) = behind.next_if(of) {
                let [_, row, kind, value] = record?;
                let evidence = match evidence([kind, value]).unwrap_or(Evidence::Survivor) {
                    Evidence::Survivor if row != head.row => Evidence::Exact,
                    Evidence::Survivor if size == 1 => Evidence::Alone,
                    evidence => evidence,
                };
                out(outcome(row, &head, size, evidence))?;
            }
        }
        Ok(())
    }

    /// Each member by the number of its survivor: number, row, evidence of its text.
    fn clusters(&self, members: &Sorted<15>, assigned: &Sorted<5>) -> Result<Sorted<4>> {
        let mut sorter = self.sorter()?;
        let mut assigned = assigned.read()?;
        let mut now: Option<[u64; 5]> = None;
        for member in members.read()? {
            let m: Member = member?;
            let same = now.is_some_and(|unit| unit[..2] == m[..2]);
            if !same {
                now = assigned.next().transpose()?; // both are by content
            } else if m[2] == 0 {
                continue; // pinned, and alone
            }
            if let Some([_, _, number, kind, value]) = now {
                sorter.push([number, m[11], kind, value])?;
            }
        }
        sorter.finish()
    }
}

/// Lets the monitor stop the work; how much there is of it is not known.
fn listen(monitor: &mut dyn Monitor) -> Result<()> {
    Ok(monitor.advance(gamayun_text::Progress { total: 1, ..Default::default() })?)
}

/// The least bytes of survivors that are worth a round of the threads.
const BATCH: u64 = 1 << 14;

/// Bits of a place in a file.
const OFFSET: u32 = 44;

fn member(file: usize, place: &Range<u64>, candidate: &Candidate) -> Member {
    let facts = &candidate.facts;
    let ([high, low], DocId(id), p) = (halves(candidate.content), facts.id, facts.preference.0);
    let id = halves(id);
    let at = (file as u64) << OFFSET | place.start;
    let set = u64::from(candidate.set.is_some());
    let length = place.end - place.start;
    [
        high,
        low,
        rank(facts),
        p[0],
        p[1],
        p[2],
        p[3],
        p[4],
        p[5],
        id[0],
        id[1],
        candidate.row,
        at,
        length,
        set,
    ]
}

/// Bytes of a text in a block; the length of its record is about that of its set.
fn cost(unit: &Unit) -> u64 {
    unit[15] / 8 * SHINGLE + SET
}

fn fits(unit: &Unit, room: u64) -> bool {
    cost(unit) <= room
}

/// Where a text of a block belongs.
#[derive(Clone, Copy, Debug)]
enum Found {
    /// To a survivor of an earlier block, by its number.
    Before(u64, Evidence),
    /// To a text of this block, by its place; its own if it survives.
    Here(usize, Evidence),
}

/// The sets of the survivors so far, in order, on disk.
struct Survivors {
    path: PathBuf,
    file: BufWriter<File>,
    count: u64,
}

impl Survivors {
    fn create(path: PathBuf) -> Result<Self> {
        let file = BufWriter::new(File::create(&path).map_err(Error::io(&path))?);
        Ok(Self { path, file, count: 0 })
    }

    /// Appends a set and returns its number.
    fn push(&mut self, set: &[u64]) -> Result<u64> {
        let words = std::iter::once(set.len() as u64).chain(set.iter().copied());
        for word in words {
            self.file.write_all(&word.to_le_bytes()).map_err(Error::io(&self.path))?;
        }
        self.count += 1;
        Ok(self.count - 1)
    }

    fn stream(&mut self) -> Result<Stream> {
        self.file.flush().map_err(Error::io(&self.path))?;
        let file = File::open(&self.path).map_err(Error::io(&self.path))?;
        Ok(Stream {
            path: self.path.clone(),
            file: BufReader::new(file),
            next: 0,
            count: self.count,
        })
    }
}

/// The survivors, read in order.
struct Stream {
    path: PathBuf,
    file: BufReader<File>,
    next: u64,
    count: u64,
}

impl Stream {
    /// The next sets with their numbers, about so many bytes; none at the end.
    fn batch(&mut self, bytes: u64) -> Result<Vec<(u64, Vec<u64>)>> {
        let (mut batch, mut size) = (Vec::new(), 0);
        while self.next < self.count && size <= bytes {
            let length = usize::try_from(self.word()?).unwrap_or(0); // it was in memory when it was written
            let mut set = vec![0; length * 8];
            self.file.read_exact(&mut set).map_err(Error::io(&self.path))?;
            let set: Vec<u64> =
                set.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
            size += set.len() as u64 * 8 + SET;
            batch.push((self.next, set));
            self.next += 1;
        }
        Ok(batch)
    }

    fn word(&mut self) -> Result<u64> {
        let mut word = [0; 8];
        self.file.read_exact(&mut word).map_err(Error::io(&self.path))?;
        Ok(u64::from_le_bytes(word))
    }
}

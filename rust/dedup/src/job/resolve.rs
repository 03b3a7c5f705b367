//! The third tasks: each partition to a file of outcomes, with blocks for each part.

use gamayun_text::Monitor;

use super::blocks::{BlockFile, Room, Shuffler};
use super::decide::decide;
use super::large::decide_large;
use super::model::Outcome;
use super::plan::Plan;
use super::record::{Candidate, write_outcome};
use super::tasks::{self, Tally};
use super::{Job, Reuse};
use crate::set_maker::SetMaker;
use crate::{Error, Result};

/// A file each partition: first those that fit, on all threads, then the large ones, each on all threads.
pub(crate) fn resolve(
    job: &Job<'_>,
    plan: &Plan,
    gathered: &[BlockFile],
    reuse: &Reuse,
    monitor: &mut dyn Monitor,
) -> Result<Vec<BlockFile>> {
    let (large, fitting): (Vec<usize>, Vec<usize>) =
        (0..plan.partitions.len()).partition(|number| plan.partitions[*number].large);
    let tally = Tally::of(plan.candidates);
    let limit = job.resources.memory / 8 / job.resources.threads.max(1) as u64;
    let path = |number: usize| job.resources.scratch.join(format!("resolve-{number}.blocks"));
    let mut files = tasks::map(fitting.len(), job.resources.threads, &tally, monitor, |task| {
        let number = fitting[task];
        reuse.or_make(&path(number), || {
            let mut out = Shuffler::create(&path(number), limit.min(16 << 20), Room::default())?;
            let mut candidates = Vec::new();
            read(gathered, number, &mut |_, _, candidate| {
                candidates.push(candidate);
                Ok(tally.step(1)?)
            })?;
            let push = &mut |outcome| push(job, &mut out, &outcome);
            let maker = &mut SetMaker::default();
            decide(candidates, job.params.measure(), maker, &mut || Ok(tally.step(0)?), push)?;
            Ok(out.finish()?.0)
        })
    })?;
    for number in large {
        let made = reuse.or_make(&path(number), || {
            let mut out = Shuffler::create(&path(number), limit.min(16 << 20), Room::default())?;
            decide_large(
                job,
                gathered,
                (number, plan.partitions[number].bytes),
                monitor,
                &mut |outcome| push(job, &mut out, &outcome),
            )?;
            Ok(out.finish()?.0)
        })?;
        files.push(made);
    }
    Ok(files)
}

fn push(job: &Job<'_>, out: &mut Shuffler, outcome: &Outcome) -> Result<()> {
    let part = job.bases.partition_point(|base| *base <= outcome.document) as u64 - 1;
    out.push(part, |bytes| write_outcome(outcome, bytes))
}

/// Gives every candidate of a partition, with the number of its file and its place there.
pub(crate) fn read(
    gathered: &[BlockFile],
    partition: usize,
    f: &mut dyn FnMut(usize, std::ops::Range<u64>, Candidate) -> Result<()>,
) -> Result<()> {
    let mut bytes = Vec::new();
    for (number, file) in gathered.iter().enumerate() {
        for block in file.blocks(partition as u64..partition as u64 + 1) {
            file.read(block, &mut bytes)?;
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let start = block.offset + (bytes.len() - rest.len()) as u64;
                let candidate = Candidate::read(&mut rest)
                    .ok_or_else(|| Error::damaged(file.path(), "not a candidate"))?;
                let end = block.offset + (bytes.len() - rest.len()) as u64;
                f(number, start..end, candidate)?;
            }
        }
    }
    Ok(())
}

//! The second tasks: the candidates of a part, with their facts and shingles, to a file with a block for each partition.

use gamayun_text::Monitor;

use super::blocks::{BlockFile, Room, Shuffler};
use super::model::Wanted;
use super::plan::{Plan, SHINGLE};
use super::record::Candidate;
use super::tasks::{self, Tally};
use super::{Job, Reuse};
use crate::bands::Bands;
use crate::set_maker::SetMaker;
use crate::{CorpusError, Error, Result};

/// A file each part.
pub(crate) fn gather(
    job: &Job<'_>,
    plan: &Plan,
    reuse: &Reuse,
    monitor: &mut dyn Monitor,
) -> Result<Vec<BlockFile>> {
    let tally = Tally::of(plan.candidates);
    let (parts, threads) = (job.files.len(), job.resources.threads);
    tasks::map_with(parts, threads, &tally, monitor, |room: &mut Room, part| {
        let path = job.resources.scratch.join(format!("gather-{part}.blocks"));
        reuse.or_make(&path, || {
            let limit = (job.resources.memory / 4 / threads.max(1) as u64).min(64 << 20);
            let mut out = Shuffler::create(&path, limit, std::mem::take(room))?;
            gather_part(job, plan, part, &tally, &mut out)?;
            let (file, after) = out.finish()?;
            *room = after;
            Ok(file)
        })
    })
}

#[expect(clippy::cast_possible_truncation, reason = "a row of a part fits")]
fn gather_part(
    job: &Job<'_>,
    plan: &Plan,
    part: usize,
    tally: &Tally,
    out: &mut Shuffler,
) -> Result<()> {
    let (file, base) = (&job.files[part], job.bases[part]);
    let end = base + file.documents();
    let (mut wanted, mut places) = (Vec::new(), Vec::new());
    for record in plan.wanted.range(Some([base, 0, 0, 0]), Some([end, 0, 0, 0]))? {
        let [row, partition, label, set] = record?;
        wanted.push(Wanted { row: row - base, set: set == 1 });
        places.push((partition, label));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let mut contents = Vec::new();
    file.read_contents(&mut contents)?;
    let (mut given, mut maker) = (0, SetMaker::default());
    let read = job.texts.candidates(part, &wanted, &mut |facts, shingles| {
        let want = wanted.get(given).ok_or_else(|| Error::Missing { document: end })?;
        let (partition, label) = places[given];
        given += 1;
        tally.step(1)?;
        let needed = shingles.len() as u64 * 2 * SHINGLE;
        let budget = job.resources.memory;
        if needed > budget {
            return Err(Error::Memory { documents: 1, needed, budget });
        }
        let content = contents[want.row as usize];
        let candidate = Candidate { label, row: base + want.row, content, facts, set: None };
        let set = want.set.then(|| shingles.into_set(&mut maker));
        out.push(partition, |bytes| candidate.write(set.as_deref(), bytes))?;
        if let Some(set) = set {
            maker.spare(set);
        }
        Ok(())
    });
    read.map_err(error_of_caller)?;
    match wanted.get(given) {
        Some(want) => Err(Error::Missing { document: base + want.row }),
        None => Ok(()),
    }
}

/// An error of the caller's documents, or one of ours that came back through them.
pub(crate) fn error_of_caller(error: CorpusError) -> Error {
    match error.downcast::<Error>() {
        Ok(ours) => *ours,
        Err(error) => Error::Corpus(error),
    }
}

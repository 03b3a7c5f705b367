//! From edges to the component of each candidate row.

use std::ops::Range;

use gamayun_text::Monitor;

use super::Job;
use super::blocks::BlockFile;
use super::forest::{Forest, Rows};
use super::join::edges;
use super::stars::{self, Contraction};
use super::tasks::{self, Tally};
use crate::{Result, Sorted, Sorter};

/// The component of each candidate row, as a number that orders components by their least row.
pub(crate) enum Labels {
    Forest(Forest),
    Sorted(Sorted<2>),
}

impl Labels {
    /// Gives each candidate row of a range, ascending, with its label.
    pub(crate) fn read(
        &self,
        rows: Range<u64>,
        f: &mut dyn FnMut(u64, u64) -> Result<()>,
    ) -> Result<()> {
        match self {
            Self::Forest(forest) => forest.sets(rows).try_for_each(|[row, label]| f(row, label)),
            Self::Sorted(sorted) => sorted
                .range(Some([rows.start, 0]), Some([rows.end, 0]))?
                .try_for_each(|pair| pair.and_then(|[row, label]| f(row, label))),
        }
    }
}

/// Joins the edges: in memory if half of what is allowed holds the candidates, else by sorting.
pub(crate) fn contract(
    job: &Job<'_>,
    joined: &[BlockFile],
    monitor: &mut dyn Monitor,
) -> Result<Labels> {
    let budget = job.resources.memory / 2;
    if Rows::memory(job.documents()) <= budget {
        let mut rows = Rows::new(job.documents());
        for_edges(job, joined, monitor, &|block| {
            edges(block).flatten().for_each(|row| rows.mark(row));
        })?;
        let marks = rows.count();
        if Rows::memory(job.documents()) + 8 * marks <= budget {
            let forest = Forest::new(rows, marks);
            for_edges(job, joined, monitor, &|block| forest.unite(edges(block)))?;
            return Ok(Labels::Forest(forest));
        }
    }
    by_stars(job, joined, monitor).map(Labels::Sorted)
}

/// Gives every block of edges.
fn for_edges(
    job: &Job<'_>,
    joined: &[BlockFile],
    monitor: &mut dyn Monitor,
    f: &(dyn Fn(&[u8]) + Sync),
) -> Result<()> {
    let tally = Tally::of(joined.len() as u64);
    let threads = job.resources.threads;
    tasks::map_with(joined.len(), threads, &tally, monitor, |bytes: &mut Vec<u8>, file| {
        for block in joined[file].all() {
            joined[file].read(block, bytes)?;
            f(bytes);
            tally.step(0)?;
        }
        Ok(tally.step(1)?)
    })?;
    Ok(())
}

fn by_stars(job: &Job<'_>, joined: &[BlockFile], monitor: &mut dyn Monitor) -> Result<Sorted<2>> {
    let resources = &job.resources;
    let folder = job.sorting();
    let how =
        Contraction { folder: &folder, memory: resources.memory / 2, threads: resources.threads };
    let tally = Tally::of(joined.len() as u64);
    // Fewer tasks than files, so that what the sorters hold is few runs.
    let tasks = resources.threads.max(1);
    let memory = how.memory / tasks as u64;
    let sorters = tasks::map(tasks, tasks, &tally, monitor, |task| {
        let mut sorter = Sorter::new(&folder, memory, 1)?.unique();
        let mut bytes = Vec::new();
        for file in joined.iter().skip(task).step_by(tasks) {
            for block in file.all() {
                file.read(block, &mut bytes)?;
                sorter.extend(edges(&bytes))?;
                tally.step(0)?;
            }
            tally.step(1)?;
        }
        Ok(sorter)
    })?;
    let mut all = Sorter::new(&folder, how.memory, 1)?.unique();
    sorters.into_iter().try_for_each(|sorter| all.absorb(sorter))?;
    stars::contract(how, all.finish()?, monitor)
}

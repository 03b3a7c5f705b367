//! From inputs to the list of the documents that duplicates remove, in one go and without writing a text.
//!
//! 1. Inputs are read as for curation; of each document are kept its id, its band keys and, as far as the memory goes, its
//!    shingles.
//! 2. The job of the engine decides. Shingles that were not kept come from reading the inputs again.
//! 3. What is removed is written with its evidence; all else is removed.

mod again;
mod lister;
mod part;
mod removed;
mod shelf;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gamayun_dedup::DedupParams;
use gamayun_text::{Interrupted, Monitor, Progress};
use serde::Serialize;

use self::again::Again;
pub(crate) use self::lister::Lister;
use self::part::ListedPart;
pub(crate) use self::shelf::{Shelf, Shingles};
use crate::annotate::{
    AnnotateCounts, AnnotateParams, OnBadRecord, Worker, find_tasks, read_inputs,
};
use crate::annotator::Source;
use crate::dedup::numbers::{self, Numbers};
use crate::dedup::own::{Own, OwnPart};
use crate::dedup::scan::{self, Scan};
use crate::dedup::source::{PartSource, Sources};
use crate::dedup::{DedupCounts, DedupStepParams, Phases, run_job, scratch};
use crate::error::Result;
use crate::layout::Layout;
use crate::preference::{Order, SurvivorKey};
use crate::sorting::Sorting;

/// Bytes of text in a batch: it stays in the cache of a core while it is worked on.
pub(crate) const BATCH_BYTES: usize = 256 << 10;

/// What is listed, and how.
#[derive(Debug)]
pub struct ListParams {
    /// The sources, in the user's order.
    pub sources: Vec<Source>,
    /// How duplicates are found.
    pub dedup: DedupParams,
    /// The survivor order, the most important key first.
    pub keep: Vec<SurvivorKey>,
    /// What becomes of bad records.
    pub on_bad_record: OnBadRecord,
    /// What the list is made from: what a killed try has finished is reused if this is equal.
    pub identity: String,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that it may use.
    pub memory: u64,
}

/// What was read and what is removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListCounts {
    /// What was read.
    pub read: AnnotateCounts,
    /// What was found.
    pub found: DedupCounts,
    /// Bytes of text of the removed documents.
    pub removed_bytes: u64,
}

/// Writes `removed.parquet` and `rejected.jsonl`: see the module. A list that was killed goes on where it was.
pub fn list_removed(
    layout: &Layout,
    params: &ListParams,
    monitor: &mut dyn Monitor,
) -> Result<ListCounts> {
    let metadata = Order::new(&params.keep)?.needs_metadata();
    let shelf = Arc::new(Shelf::new(params.memory / 4));
    let lister = Lister::new(&params.dedup, metadata, Arc::clone(&shelf));
    let read = read_inputs(layout, &reading(params), Worker::Lister(lister), monitor)?;
    let (found, removed_bytes) = find(layout, params, &shelf, monitor)?;
    for folder in ["documents", "annotations", "bands", "scratch"] {
        layout.remove_folder(folder)?;
    }
    Ok(ListCounts { read, found, removed_bytes })
}

fn reading(params: &ListParams) -> AnnotateParams {
    AnnotateParams {
        sources: params.sources.clone(),
        languages: Vec::new(),
        lid_model: None,
        dedup: params.dedup.clone(),
        on_bad_record: params.on_bad_record,
        threads: params.threads,
        memory: params.memory,
    }
}

/// Compares the documents and writes the list; returns the bytes of the removed ones, too.
fn find(
    layout: &Layout,
    params: &ListParams,
    shelf: &Shelf,
    monitor: &mut dyn Monitor,
) -> Result<(DedupCounts, u64)> {
    let step = DedupStepParams {
        sources: params.sources.clone(),
        dedup: params.dedup.clone(),
        keep: params.keep.clone(),
        identity: params.identity.clone(),
        threads: params.threads,
        memory: params.memory - params.memory / 4,
    };
    let stopped = AtomicBool::new(false);
    let monitor = &mut Heeded { monitor: Phases(monitor), stopped: &stopped };
    let own = Own::new(layout, &step)?;
    let scratch = scratch(layout, &params.identity)?;
    let sorting = layout.fresh_folder(format!("{scratch}/ids"))?;
    let scan = scan::unjudged(&own, monitor)?;
    let numbering = Sorting { folder: &sorting, memory: step.memory / 8, threads: step.threads };
    let numbers = numbers::number(&own, numbering, monitor)?;
    let tasks = find_tasks(&params.sources)?;
    let again = Again::new(&params.sources, tasks, params.dedup.shingle(), &stopped);
    let parts = Parts { own: &own, scan: &scan, numbers: &numbers, shelf, again: &again };
    let clusters = run_job(&own, &scan, &parts.sources(), &scratch, monitor)?;
    let (listed, removed_bytes) =
        removed::write(&own, &numbers, &clusters, sorting.clone(), monitor)?;
    let counts = DedupCounts {
        eligible: scan.eligible_documents,
        candidates: clusters.candidates(),
        repeated_ids: numbers.count(),
        reused_tasks: clusters.reused(),
        lacking: scan.lacking,
        passed_by_source: scan.passed_by_source,
        ..listed
    };
    Ok((counts, removed_bytes))
}

/// What the parts of a list share.
struct Parts<'a> {
    own: &'a Own<'a>,
    scan: &'a Scan,
    numbers: &'a Numbers,
    shelf: &'a Shelf,
    again: &'a Again<'a>,
}

impl<'a> Parts<'a> {
    fn sources(&self) -> Sources<'a> {
        let mut before = BTreeMap::new();
        let part = |number: usize| -> Box<dyn PartSource + 'a> {
            let (own, part) = (self.own, &self.own.parts[number]);
            let documents: &mut u64 = before.entry(part.task()).or_default();
            let first = std::mem::replace(documents, *documents + part.documents);
            Box::new(ListedPart {
                part: OwnPart { own, scan: self.scan, numbers: self.numbers, number },
                shelf: self.shelf,
                again: self.again,
                task: part.task(),
                before: first,
            })
        };
        Sources((0..self.own.parts.len()).map(part).collect())
    }
}

/// Remembers that the work is to stop, for those who have no monitor.
struct Heeded<'m> {
    monitor: Phases<'m>,
    stopped: &'m AtomicBool,
}

impl Monitor for Heeded<'_> {
    fn advance(&mut self, progress: Progress) -> std::result::Result<(), Interrupted> {
        let heard = self.monitor.advance(progress);
        if heard.is_err() {
            self.stopped.store(true, Ordering::Relaxed);
        }
        heard
    }
}

//! From inputs to the list of the documents that duplicates remove, in one go and without writing a text.
//!
//! 1. Inputs are read as for curation; of each document are kept its id, its band keys and, as far as the memory goes, its
//!    shingles.
//! 2. The job of the engine decides. Shingles that were not kept come from reading the inputs again.
//! 3. What is removed is written with its evidence; all else is removed.

mod again;
mod block;
mod found;
mod lister;
mod part;
mod removed;
mod shelf;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gamayun_dedup::DedupParams;
use gamayun_text::{Interrupted, Monitor, Progress};
use serde::Serialize;

use self::again::Again;
pub(crate) use self::block::Block;
use self::found::Found;
pub(crate) use self::lister::Lister;
use self::part::ListedPart;
pub(crate) use self::shelf::{Kept, Shelf};
use crate::annotate::{AnnotateCounts, AnnotateParams, Worker, find_tasks, read_inputs};
use crate::compare::Compare;
use crate::dedup::against::Earlier;
use crate::dedup::numbers::{self, Numbers};
use crate::dedup::own::{Own, OwnPart};
use crate::dedup::scan::{self, Scan};
use crate::dedup::source::{PartSource, Sources};
use crate::dedup::{Against, DedupCounts, DedupStepParams, Phases, scratch};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::on_bad_record::OnBadRecord;
use crate::parallel::{self, Tally};
use crate::preference::{Order, SurvivorKey};
use crate::sorting::Sorting;
use crate::source::Source;

/// Bytes of text in a batch: it stays in the cache of a core while it is worked on.
pub(crate) const BATCH_BYTES: usize = 256 << 10;

/// What is listed, and how.
#[derive(Debug)]
pub struct ListParams {
    /// The sources, in the user's order.
    pub sources: Vec<Source>,
    /// How duplicates are found.
    pub dedup: DedupParams,
    /// Which documents are compared at all.
    pub compare: Compare,
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
    let shelf = Shelf::new(params.memory / 4, params.threads);
    list_with(layout, params, Arc::new(shelf), monitor)
}

fn list_with(
    layout: &Layout,
    params: &ListParams,
    shelf: Arc<Shelf>,
    monitor: &mut dyn Monitor,
) -> Result<ListCounts> {
    let metadata = Order::new(&params.keep)?.needs_metadata();
    let lister = Lister::new(&params.dedup, metadata, Arc::clone(&shelf));
    let read = read_inputs(layout, &reading(params), Worker::Lister(lister), monitor)?;
    let (found, removed_bytes) = find(layout, params, &shelf, monitor)?;
    remove_parts(layout, shelf, params.threads)?;
    Ok(ListCounts { read, found, removed_bytes })
}

/// Removes what the list was made from: files of all parts, and the memory of all shingles. Both are long.
fn remove_parts(layout: &Layout, shelf: Arc<Shelf>, threads: usize) -> Result<()> {
    // All receipts go at once, or a killed try would leave some parts without theirs.
    layout.remove_folder("scratch/documents")?;
    let (from, to) = (layout.path("documents"), layout.folder("scratch")?.join("documents"));
    std::fs::rename(&from, &to).map_err(Error::file(&from))?;
    let folders = ["annotations", "bands", "scratch"];
    let mut files = Vec::new();
    for folder in folders {
        files.append(&mut layout.files(folder, "", "")?);
    }
    let shelf = Mutex::new(Some(shelf));
    parallel::map(files.len() + 1, threads, &Tally::default(), &mut (), |number| {
        match number.checked_sub(1).map(|file| &files[file]) {
            None => drop(shelf.lock().unwrap_or_else(PoisonError::into_inner).take()),
            Some(file) if file.is_file() => {
                std::fs::remove_file(file).map_err(Error::file(file))?;
            }
            Some(_) => {}
        }
        Ok(())
    })?;
    folders.iter().try_for_each(|folder| layout.remove_folder(folder))
}

fn reading(params: &ListParams) -> AnnotateParams {
    AnnotateParams {
        cleaner: None,
        paragraphs: None,
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
        compare: params.compare,
        against: Against::default(),
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
    let found = Found::decide(&own, &scan, &parts, shelf, &scratch, monitor)?;
    let (listed, removed_bytes) = removed::write(&own, &numbers, &found, sorting.clone(), monitor)?;
    let counts = DedupCounts {
        eligible: scan.eligible_documents,
        candidates: found.candidates(),
        repeated_ids: numbers.count(),
        reused_tasks: found.reused(),
        lacking: scan.lacking,
        passed_by_source: scan.passed_by_source,
        ..listed
    };
    Ok((counts, removed_bytes))
}

/// What the parts of a list share.
pub(crate) struct Parts<'a> {
    own: &'a Own<'a>,
    scan: &'a Scan,
    numbers: &'a Numbers,
    shelf: &'a Shelf,
    again: &'a Again<'a>,
}

impl<'a> Parts<'a> {
    fn sources<'e>(&self, earlier: &'e Earlier) -> Sources<'e>
    where
        'a: 'e,
    {
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
        Sources::new((0..self.own.parts.len()).map(part).collect(), earlier)
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use gamayun_io::ReadParams;

    use super::*;
    use crate::source::Rules;

    /// Files of documents, some of them near or exact duplicates of others, some with the id of another.
    fn write_inputs(folder: &Path, files: usize) -> Vec<String> {
        let mut lines = vec![String::new(); files];
        for n in 0..120u64 {
            let word = |i: u64| format!("word{}", gamayun_text::hash::mix64(n / 3, i) % 5_000);
            let mut words: Vec<String> = (0..80 + n / 3 % 7).map(word).collect();
            if n % 3 == 1 {
                words[40] = "changed".to_owned();
            }
            let text = words.join(" ");
            let line = format!("{{\"id\":\"d{}\",\"text\":\"{text}\",\"n\":{n}}}\n", n % 110);
            let place = usize::try_from(gamayun_text::hash::mix64(n, 9) >> 40).unwrap();
            let file = &mut lines[place % files];
            file.push_str(&line);
            if n % 50 == 0 {
                file.push_str("{\"id\":1}\n");
            }
        }
        let path = |(number, lines): (usize, String)| {
            let path = folder.join(format!("in-{number}.jsonl"));
            std::fs::write(&path, lines).unwrap();
            path.display().to_string()
        };
        lines.into_iter().enumerate().map(path).collect()
    }

    fn params(paths: Vec<String>, threads: usize) -> ListParams {
        let source = Source {
            name: "input".into(),
            paths,
            priority: 0,
            domain: "web".into(),
            licence: String::new(),
            language: Some("und".into()),
            rules: Rules::None,
            read: ReadParams { max_document_bytes: 1 << 20, ..ReadParams::default() },
        };
        ListParams {
            sources: vec![source],
            dedup: DedupParams::default(),
            compare: Compare::Near,
            keep: vec![SurvivorKey::Newest("n".into()), SurvivorKey::Longest, SurvivorKey::Id],
            on_bad_record: OnBadRecord::Reject,
            identity: "test".into(),
            threads,
            memory: 1 << 30,
        }
    }

    /// The rows of the list without the places of the records, which depend on the files.
    fn rows(path: &Path) -> Vec<String> {
        let mut rows = Vec::new();
        for batch in gamayun_io::read_table(path, None).unwrap() {
            let batch = batch.unwrap();
            let kept: Vec<usize> =
                (0..batch.num_columns()).filter(|c| ![2, 3].contains(c)).collect();
            let batch = batch.project(&kept).unwrap();
            for row in 0..batch.num_rows() {
                rows.push(format!("{:?}", batch.slice(row, 1).columns()));
            }
        }
        rows
    }

    #[test]
    fn the_list_is_one_whatever_is_kept_and_however_the_files_are_cut() {
        let folder = tempfile::tempdir().unwrap();
        let mut lists = Vec::new();
        for (files, threads, room) in
            [(1, 1, 1 << 30), (1, 2, 0), (5, 3, 0), (5, 2, 40_000), (3, 1, 1 << 30)]
        {
            let run = folder.path().join(format!("{files}-{threads}-{room}"));
            std::fs::create_dir(&run).unwrap();
            let paths = write_inputs(&run, files);
            let params = params(paths, threads);
            let layout = Layout::new(run.join("out"));
            std::fs::create_dir(run.join("out")).unwrap();
            let shelf = Arc::new(Shelf::new(room, threads));
            let counts = list_with(&layout, &params, shelf, &mut ()).unwrap();
            assert_eq!((counts.read.records, counts.read.documents), (123, 120));
            let found = &counts.found;
            assert!(found.removed_exact > 20 && found.removed_near > 20, "{found:?}");
            assert!(found.repeated_ids > 0 && found.lacking["n"] == 0, "{found:?}");
            lists.push(rows(&run.join("out/removed.parquet")));
            assert_eq!(lists[0].len() as u64, found.removed_exact + found.removed_near);
            assert_eq!(lists[0], lists[lists.len() - 1]);
        }
    }

    #[test]
    fn an_input_that_changes_between_its_readings_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let paths = write_inputs(folder.path(), 1);
        let source = params(paths, 1).sources;
        let tasks = find_tasks(&source).unwrap();
        let stopped = AtomicBool::new(false);
        let again = Again::new(&source, tasks, 5, &stopped);
        let mut sets = 0;
        let mut count = |_| {
            sets += 1;
            Ok(())
        };
        again.shingles(0, [3, 4, 90].into_iter(), &mut count).unwrap();
        again.shingles(0, [119].into_iter(), &mut count).unwrap();
        let behind = again.shingles(0, [120].into_iter(), &mut count).unwrap_err();
        assert!(behind.to_string().contains("in-0.jsonl: the input has changed"), "{behind}");
        write_inputs(folder.path(), 1);
        let changed = again.shingles(0, [3].into_iter(), &mut count).unwrap_err();
        assert!(matches!(changed, Error::Damaged { .. }), "{changed}");
        assert_eq!(sets, 4);
    }
}

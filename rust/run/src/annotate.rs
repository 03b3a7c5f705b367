//! The first step: inputs to documents, annotations and band files, part by part.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gamayun_dedup::DedupParams;
use gamayun_io::{Batch, Input, RejectReason, Rejected};
use gamayun_text::{Monitor, Progress};
use serde::Serialize;

use crate::annotator::{Annotated, Annotator, AnnotatorParams, Scratch};
use crate::cleaning::{CLEANING, KindCounts, add_counts};
use crate::error::{Error, Result};
use crate::language_rows::SEGMENTS;
use crate::layout::{Layout, remove_file};
use crate::listing::Lister;
use crate::on_bad_record::OnBadRecord;
use crate::paragraphs::ParagraphParams;
use crate::part::{
    InputIdentity, PartReceipt, TaskReceipt, part_stem, parts, read_json, receipt_path, task_path,
    write_json, write_unsynced_json,
};
use crate::part_writer::PartWriter;
use crate::pipeline::{self, Job};
use crate::source::Source;

/// Bytes of text in a batch: small enough for Ctrl-C and for memory, large enough to cost nothing.
const BATCH_BYTES: usize = 2 << 20;
/// Records in a batch, for inputs of many tiny documents.
const BATCH_RECORDS: usize = 8192;
/// What a batch in flight may take, in multiples of its text: raw, normalised, rows, words.
const BATCH_FACTOR: u64 = 8;

/// How documents are made and annotated.
#[derive(Debug)]
pub struct AnnotateParams {
    /// The sources, in the user's order.
    pub sources: Vec<Source>,
    /// The languages that are wanted; others are not measured.
    pub languages: Vec<String>,
    /// A fastText model; needed unless each source states its language.
    pub lid_model: Option<PathBuf>,
    /// What cleans texts before all else, if anything does.
    pub cleaner: Option<gamayun_quality::clean::Cleaner>,
    /// How paragraphs are looked at, if they are.
    pub paragraphs: Option<ParagraphParams>,
    /// Shingles and signatures.
    pub dedup: DedupParams,
    /// What becomes of bad records.
    pub on_bad_record: OnBadRecord,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that the step may use.
    pub memory: u64,
}

/// What a run has read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AnnotateCounts {
    /// Records read: documents and rejected ones. The lost tail of a truncated input is in neither.
    pub records: u64,
    /// Documents.
    pub documents: u64,
    /// Bytes of normalised text.
    pub text_bytes: u64,
    /// Rejected records by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Inputs whose tail is unknown, and why.
    pub unknown_tails: Vec<String>,
    /// Sums of the normalisation counts.
    pub normalised: BTreeMap<String, u64>,
    /// What was changed in texts, by language and kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cleaned: KindCounts,
    /// Every input, in order.
    pub inputs: Vec<InputCount>,
}

/// What was read of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InputCount {
    /// Its source.
    pub source: String,
    /// Its path, as the user named it.
    pub name: String,
    /// The row group, for Parquet.
    pub row_group: Option<u64>,
    /// Its bytes on disk.
    pub bytes: u64,
    /// xxh3-128 of those bytes, if they were read in one go.
    pub xxh3: Option<String>,
    /// Documents.
    pub documents: u64,
    /// Bytes of normalised text.
    pub text_bytes: u64,
    /// Rejected records.
    pub rejected: u64,
    /// Why its tail is unknown, if it is.
    pub unknown_tail: Option<String>,
}

/// Reads all inputs of all sources; goes on after the last committed part of an earlier try.
pub fn annotate(
    layout: &Layout,
    params: &AnnotateParams,
    monitor: &mut dyn Monitor,
) -> Result<AnnotateCounts> {
    let annotator = Annotator::new(&AnnotatorParams {
        model: params.lid_model.as_deref(),
        languages: &params.languages,
        sources: &params.sources,
        dedup: &params.dedup,
        cleaner: params.cleaner.as_ref(),
        paragraphs: params.paragraphs,
    })?;
    read_inputs(layout, params, Worker::Annotator(Box::new(annotator)), monitor)
}

/// What makes rows of records.
pub(crate) enum Worker {
    Annotator(Box<Annotator>),
    Lister(Lister),
}

impl Worker {
    fn folders(&self) -> Vec<&'static str> {
        match self {
            Self::Annotator(annotator) => annotator.folders(),
            Self::Lister(_) => Vec::new(),
        }
    }
}

/// Reads all inputs, by whichever worker.
pub(crate) fn read_inputs(
    layout: &Layout,
    params: &AnnotateParams,
    worker: Worker,
    monitor: &mut dyn Monitor,
) -> Result<AnnotateCounts> {
    check_memory(params)?;
    for name in ["documents", "annotations", "bands"] {
        layout.folder(name)?;
    }
    for name in worker.folders() {
        layout.folder(name)?;
        gamayun_io::remove_unfinished(&layout.path(name))?;
    }
    for name in ["documents", "annotations", "."] {
        gamayun_io::remove_unfinished(&layout.path(name))?;
    }
    let tasks = find_tasks(&params.sources)?;
    remove_stale(layout, &tasks)?;
    let job = AnnotateJob {
        worker,
        layout,
        params,
        positions: tasks.iter().map(|_| AtomicU64::new(0)).collect(),
        total: tasks.iter().map(|task| task.input.bytes).sum(),
        tasks,
        documents: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
        spent: Mutex::default(),
    };
    pipeline::run(&job, job.tasks.len(), params.threads, monitor)?;
    remove_orphans(layout)?;
    gather_rejected(layout)?;
    count(layout, &job.tasks)
}

fn check_memory(params: &AnnotateParams) -> Result<()> {
    let largest =
        params.sources.iter().map(|source| source.read.max_document_bytes).max().unwrap_or(0);
    let in_flight = pipeline::in_flight_limit(params.threads.max(1)) as u64;
    // One document of the largest allowed size, and full batches beside it.
    let need = BATCH_FACTOR * (BATCH_BYTES as u64 * in_flight + largest) + (128 << 20);
    if need > params.memory {
        return Err(Error::MemoryTooSmall {
            step: "annotate",
            need,
            budget: params.memory,
            documents: 0,
        });
    }
    Ok(())
}

/// An input of a source.
pub(crate) struct Task {
    pub source: usize,
    pub input: Input,
    pub identity: InputIdentity,
}

pub(crate) fn find_tasks(sources: &[Source]) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        for path in &source.paths {
            for input in gamayun_io::find_inputs(path, &source.read)? {
                let identity = InputIdentity::of(&source.name, &input);
                tasks.push(Task { source: number, input, identity });
            }
        }
    }
    Ok(tasks)
}

/// Removes parts of inputs that have changed, or that are no longer asked for.
fn remove_stale(layout: &Layout, tasks: &[Task]) -> Result<()> {
    let current = |number: usize, identity: &InputIdentity| {
        tasks.get(number).is_some_and(|t| t.identity == *identity)
    };
    for path in layout.files("documents", "task-", ".json")? {
        let receipt: Option<TaskReceipt> = read_json(&path)?;
        if !receipt.is_some_and(|receipt| current(number_of(&path), &receipt.input)) {
            remove_file(&path)?;
        }
    }
    for path in layout.files("documents", "part-", ".json")? {
        let receipt: Option<PartReceipt> = read_json(&path)?;
        if !receipt.is_some_and(|receipt| current(number_of(&path), &receipt.input)) {
            remove_file(&path)?;
        }
    }
    Ok(())
}

/// Removes files of parts that have no receipt: their input has changed, or shrunk, since they were written.
fn remove_orphans(layout: &Layout) -> Result<()> {
    let parts: BTreeSet<String> = parts(layout)?.into_iter().map(|part| part.stem).collect();
    for folder in ["documents", "annotations", "bands", CLEANING, SEGMENTS] {
        for path in layout.files(folder, "part-", "")? {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let stem = name.as_deref().and_then(|name| name.split('.').next()).unwrap_or_default();
            if !parts.contains(stem) {
                remove_file(&path)?;
            }
        }
    }
    Ok(())
}

/// The task number in a name such as `part-00012-00003.json`.
fn number_of(path: &std::path::Path) -> usize {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.split(['-', '.']).nth(1).and_then(|digits| digits.parse().ok()).unwrap_or(usize::MAX)
}

struct AnnotateJob<'a> {
    worker: Worker,
    layout: &'a Layout,
    params: &'a AnnotateParams,
    tasks: Vec<Task>,
    positions: Vec<AtomicU64>,
    total: u64,
    documents: AtomicU64,
    bytes: AtomicU64,
    /// Batches that were worked on, for the sake of their memory.
    spent: Mutex<Vec<Batch>>,
}

/// One input being read. An input that cannot be opened is one rejection.
struct InputReader {
    task: usize,
    reader: Option<gamayun_io::Reader>,
    unreadable: Option<Rejected>,
    /// Records up to this one are in committed parts.
    through: u64,
    ended: bool,
}

impl AnnotateJob<'_> {
    fn source(&self, task: usize) -> &Source {
        &self.params.sources[self.tasks[task].source]
    }

    /// The committed parts of a task: how many, and the last record they account for.
    fn committed(&self, task: usize) -> Result<(u32, u64)> {
        let (mut parts, mut through) = (0, 0);
        while let Some(receipt) =
            read_json::<PartReceipt>(&receipt_path(self.layout, &part_stem(task, parts)))?
        {
            parts += 1;
            through = receipt.through;
            self.documents.fetch_add(receipt.documents, Ordering::Relaxed);
            self.bytes.fetch_add(receipt.text_bytes, Ordering::Relaxed);
        }
        Ok((parts, through))
    }

    fn spent(&self) -> MutexGuard<'_, Vec<Batch>> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reject(&self, rejected: &Rejected) -> Result<()> {
        match self.params.on_bad_record {
            OnBadRecord::Reject => Ok(()),
            OnBadRecord::Fail => Err(Error::BadRecord {
                path: rejected.path.clone(),
                record: rejected.record,
                detail: rejected.detail.clone(),
            }),
        }
    }
}

impl Job for AnnotateJob<'_> {
    type Reader = InputReader;
    type Raw = Batch;
    type Done = Annotated;
    type Writer = PartWriter;
    type Scratch = Scratch;

    fn scratch(&self) -> Scratch {
        Scratch::default()
    }

    fn open(&self, task: usize) -> Result<Option<(InputReader, PartWriter)>> {
        let (parts, through) = self.committed(task)?;
        let Task { input, identity, .. } = &self.tasks[task];
        if task_path(self.layout, task).exists() {
            self.positions[task].store(input.bytes, Ordering::Relaxed);
            return Ok(None);
        }
        let mut reader =
            InputReader { task, reader: None, unreadable: None, through, ended: false };
        match gamayun_io::open(input, &self.source(task).read) {
            Ok(opened) => reader.reader = Some(opened),
            Err(
                error @ (gamayun_io::Error::Unreadable { .. }
                | gamayun_io::Error::NotFound { .. }
                | gamayun_io::Error::Corrupt { .. }
                | gamayun_io::Error::Unsupported { .. }),
            ) => reader.unreadable = Some(unreadable(input, &error)),
            Err(error) => return Err(error.into()),
        }
        let kept = match &self.worker {
            Worker::Annotator(_) => None,
            Worker::Lister(lister) => Some(lister.shelf()),
        };
        let (dedup, threads) = (&self.params.dedup, self.params.threads);
        let writer = PartWriter::new(self.layout, task, parts, identity, dedup, threads, kept);
        Ok(Some((reader, writer)))
    }

    fn read(&self, input: &mut InputReader) -> Result<Option<Self::Raw>> {
        if input.ended {
            return Ok(None);
        }
        let mut batch = self.spent().pop().unwrap_or_default();
        if let Some(reader) = &mut input.reader {
            let bytes = match self.worker {
                Worker::Annotator(_) => BATCH_BYTES,
                Worker::Lister(_) => crate::listing::BATCH_BYTES,
            };
            input.ended = !reader.read(&mut batch, bytes, BATCH_RECORDS)?;
            self.positions[input.task].store(reader.position(), Ordering::Relaxed);
        } else {
            input.ended = true;
            batch = Batch::default();
            batch.rejected.extend(input.unreadable.take());
        }
        if input.through > 0 {
            let through = input.through;
            batch.records.retain(|record| record.number > through);
            batch.rejected.retain(|rejected| rejected.record.is_none_or(|record| record > through));
        }
        batch.rejected.iter().try_for_each(|rejected| self.reject(rejected))?;
        Ok(Some(batch))
    }

    fn work(&self, task: usize, mut batch: Batch, scratch: &mut Scratch) -> Result<Annotated> {
        let documents = batch.records.len() as u64;
        let (source, input) = (self.source(task), &self.tasks[task].input.name);
        let done = match &self.worker {
            Worker::Annotator(annotator) => {
                annotator.annotate(source, input, &mut batch, scratch)?
            }
            Worker::Lister(lister) => lister.list(source, &mut batch, scratch)?,
        };
        self.spent().push(batch);
        self.documents.fetch_add(documents, Ordering::Relaxed);
        self.bytes.fetch_add(done.text_bytes, Ordering::Relaxed);
        Ok(done)
    }

    fn write(&self, writer: &mut PartWriter, done: Annotated) -> Result<()> {
        writer.write(done)
    }

    fn close(&self, task: usize, input: InputReader, mut writer: PartWriter) -> Result<()> {
        writer.commit()?;
        // After a resume the hash is still of the whole file: the reader went through all of it.
        let xxh3 =
            input.reader.and_then(|reader| reader.fingerprint()).map(|hash| format!("{hash:032x}"));
        let receipt = TaskReceipt::new(self.tasks[task].identity.clone(), writer.number, xxh3);
        let path = task_path(self.layout, task);
        match self.worker {
            Worker::Annotator(_) => write_json(&path, &receipt),
            Worker::Lister(_) => write_unsynced_json(&path, &receipt),
        }
    }

    fn progress(&self) -> Progress {
        Progress {
            done: self.positions.iter().map(|position| position.load(Ordering::Relaxed)).sum(),
            total: self.total,
            documents: self.documents.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}

fn unreadable(input: &Input, error: &gamayun_io::Error) -> Rejected {
    Rejected {
        path: input.name.clone(),
        record: None,
        reason: match error {
            gamayun_io::Error::Corrupt { .. } => RejectReason::Corrupt,
            _ => RejectReason::Unreadable,
        },
        // The error names the file, and so does the rejection.
        detail: error.to_string().trim_start_matches(&format!("{}: ", input.name)).to_owned(),
        tail_unknown: true,
    }
}

/// Writes `rejected.jsonl` from what the parts rejected.
fn gather_rejected(layout: &Layout) -> Result<()> {
    let parts = parts(layout)?;
    gamayun_io::write_atomic(&layout.path("rejected.jsonl"), |out| {
        for part in &parts {
            let mut lines = std::fs::File::open(
                layout.path(format!("documents/{}.rejected.jsonl", part.stem)),
            )?;
            std::io::copy(&mut lines, out)?;
        }
        out.flush()
    })?;
    Ok(())
}

fn count(layout: &Layout, tasks: &[Task]) -> Result<AnnotateCounts> {
    let mut counts = AnnotateCounts::default();
    for (number, task) in tasks.iter().enumerate() {
        let path = task_path(layout, number);
        let receipt: TaskReceipt = read_json(&path)?
            .ok_or_else(|| Error::damaged(&path, "the receipt of a finished input is missing"))?;
        let mut input = InputCount {
            source: task.identity.source.clone(),
            name: task.identity.name.clone(),
            row_group: task.identity.row_group,
            bytes: task.identity.bytes,
            xxh3: receipt.xxh3,
            ..InputCount::default()
        };
        for part in 0..receipt.parts {
            let path = receipt_path(layout, &part_stem(number, part));
            let part: PartReceipt = read_json(&path)?
                .ok_or_else(|| Error::damaged(&path, "the receipt of a part is missing"))?;
            add_part(&mut counts, &mut input, part);
        }
        counts.inputs.push(input);
    }
    counts.records = counts.documents + counts.rejected.values().sum::<u64>();
    Ok(counts)
}

fn add_part(counts: &mut AnnotateCounts, input: &mut InputCount, part: PartReceipt) {
    counts.documents += part.documents;
    counts.text_bytes += part.text_bytes;
    input.documents += part.documents;
    input.text_bytes += part.text_bytes;
    for (reason, count) in part.rejected {
        input.rejected += count;
        *counts.rejected.entry(reason).or_default() += count;
    }
    for (name, count) in part.normalised {
        *counts.normalised.entry(name).or_default() += count;
    }
    add_counts(&mut counts.cleaned, &part.cleaned);
    if let Some(tail) = part.unknown_tail {
        counts.unknown_tails.push(tail.clone());
        input.unknown_tail = Some(tail);
    }
}

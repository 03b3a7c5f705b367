//! Files of records to a file of counts: pretokens counted once, apart from any run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use gamayun_bpe::{LanguageCounts, Pattern, StoredCounts};
use gamayun_io::{Batch, Input, ReadParams, find_inputs};
use gamayun_text::{Monitor, Progress};
use serde::Serialize;

use crate::count::counter::{Counter, merge};
use crate::error::{Error, Result};
use crate::{OnBadRecord, count::COUNTERS_PER_READER};

/// Bytes of text read at a time, at most, and the part of the memory that they may be: several batches are on their way.
const BATCH_BYTES: u64 = 4 << 20;
const BATCH_SHARE: u64 = 32;
/// Records read at a time.
const BATCH_RECORDS: usize = 1 << 14;
/// The reason of a record that does not tell its language.
const NO_LANGUAGE: &str = "missing_language";

/// What is counted, and how.
#[derive(Clone, Debug)]
pub struct CountFilesParams {
    /// Files, folders and globs.
    pub paths: Vec<String>,
    /// How they are read.
    pub read: ReadParams,
    /// The language of all records that do not tell theirs.
    pub language: Option<String>,
    /// The field of a record that tells its language.
    pub language_field: Option<String>,
    /// What happens to a record that cannot be read.
    pub on_bad_record: OnBadRecord,
    /// The pattern that cuts text into pretokens.
    pub split: Pattern,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that counting may use.
    pub memory: u64,
}

/// What was counted.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FilesCounted {
    /// By language.
    pub languages: Vec<LanguageCounted>,
    /// Reason → records that were not counted.
    pub rejected: BTreeMap<String, u64>,
    /// The first record that was not counted, and why.
    pub first_rejected: Option<String>,
    /// Parts that went to disk on the way.
    pub parts: usize,
}

/// What was counted of a language.
#[derive(Clone, Debug, Serialize)]
pub struct LanguageCounted {
    /// Its name.
    pub language: String,
    /// Documents.
    pub documents: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Different pretokens.
    pub pretokens: u64,
}

impl From<LanguageCounts> for LanguageCounted {
    fn from(counts: LanguageCounts) -> Self {
        let LanguageCounts { language, documents, bytes, pretokens } = counts;
        Self { language, documents, bytes, pretokens }
    }
}

/// Counts the pretokens of all records and writes them to a file.
pub fn count_files(
    params: &CountFilesParams,
    output: &Path,
    monitor: &mut dyn Monitor,
) -> Result<FilesCounted> {
    let mut read = params.read.clone();
    read.metadata = params.language_field.is_some();
    let mut inputs = Vec::new();
    for path in &params.paths {
        inputs.extend(find_inputs(path, &read)?);
    }
    let mut counter = Counter::new(params.split.clone(), output, params.threads, params.memory)?;
    let mut told = FilesCounted::default();
    let positions: Vec<AtomicU64> = inputs.iter().map(|_| AtomicU64::new(0)).collect();
    let total = inputs.iter().map(|input| input.bytes).sum();
    let mut progress = Progress { total, ..Progress::default() };
    let (send, receive) = sync_channel(2);
    let batch_bytes =
        usize::try_from(BATCH_BYTES.min(params.memory / BATCH_SHARE)).unwrap_or_default();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| -> Result<()> {
        for _ in 0..params.threads.div_ceil(COUNTERS_PER_READER).max(1) {
            let send = send.clone();
            let (inputs, positions, next, read) = (&inputs, &positions, &next, &read);
            scope.spawn(move || read_inputs(inputs, positions, next, read, batch_bytes, &send));
        }
        drop(send);
        // Moved in, so that an early return closes the channel and ends the readers.
        let receive = receive;
        for batch in receive {
            add(&mut counter, &batch?, params, &mut told, &mut progress)?;
            progress.done = positions.iter().map(|bytes| bytes.load(Ordering::Relaxed)).sum();
            progress.done = progress.done.min(total);
            monitor.advance(progress).map_err(|_| Error::Interrupted)?;
        }
        Ok(())
    })?;
    let (languages, parts) = counter.finish(monitor)?;
    told.languages = languages.into_iter().map(LanguageCounted::from).collect();
    told.parts = parts;
    Ok(told)
}

fn read_inputs(
    inputs: &[Input],
    positions: &[AtomicU64],
    next: &AtomicUsize,
    read: &ReadParams,
    batch_bytes: usize,
    send: &SyncSender<Result<Batch>>,
) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(input) = inputs.get(number) else { return };
        let outcome = gamayun_io::open(input, read).map(|mut reader| {
            let mut more = true;
            while more {
                let mut batch = Batch::default();
                more = match reader.read(&mut batch, batch_bytes, BATCH_RECORDS) {
                    Ok(more) => more,
                    Err(error) => return send.send(Err(error.into())).is_ok(),
                };
                positions[number].store(reader.position(), Ordering::Relaxed);
                if send.send(Ok(batch)).is_err() {
                    return false;
                }
            }
            true
        });
        match outcome {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                // The receiver has gone: the work was stopped.
                let _ = send.send(Err(error.into()));
                return;
            }
        }
    }
}

fn add(
    counter: &mut Counter,
    batch: &Batch,
    params: &CountFilesParams,
    told: &mut FilesCounted,
    progress: &mut Progress,
) -> Result<()> {
    for rejected in &batch.rejected {
        reject(
            params,
            told,
            &rejected.path,
            rejected.record,
            rejected.reason.name(),
            &rejected.detail,
        )?;
    }
    let mut names: Vec<Option<String>> = Vec::new();
    if let Some(field) = &params.language_field {
        names = batch.records.iter().map(|record| language_of(&record.metadata, field)).collect();
    }
    let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (n, record) in batch.records.iter().enumerate() {
        let own = names.get(n).and_then(Option::as_deref).or(params.language.as_deref());
        let Some(language) = own else {
            let field = params.language_field.as_deref().unwrap_or_default();
            let detail =
                format!("the field {field:?} with the language is missing or not a string");
            reject(params, told, "input", Some(record.number), NO_LANGUAGE, &detail)?;
            continue;
        };
        texts.entry(language).or_default().push(&record.text);
        progress.documents += 1;
        progress.bytes += record.text.len() as u64;
    }
    counter.add(&texts)
}

fn language_of(metadata: &str, field: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(metadata).ok()?;
    value.get(field)?.as_str().map(str::to_owned)
}

fn reject(
    params: &CountFilesParams,
    told: &mut FilesCounted,
    path: &str,
    record: Option<u64>,
    reason: &str,
    detail: &str,
) -> Result<()> {
    if params.on_bad_record == OnBadRecord::Fail {
        let (path, detail) = (path.to_owned(), detail.to_owned());
        return Err(Error::BadRecord { path, record, detail });
    }
    *told.rejected.entry(reason.to_owned()).or_default() += 1;
    let place = record.map(|number| format!("record {number}: ")).unwrap_or_default();
    told.first_rejected.get_or_insert_with(|| format!("{path}: {place}{detail}"));
    Ok(())
}

/// Adds up files of counts into one.
pub fn merge_count_files(
    files: &[PathBuf],
    output: &Path,
    monitor: &mut dyn Monitor,
) -> Result<Vec<LanguageCounted>> {
    for path in files {
        open_stored(path, monitor)?;
    }
    let merged = merge(files, output, monitor)?;
    Ok(merged.into_iter().map(LanguageCounted::from).collect())
}

/// A file of counts, read through once to see that it is whole.
pub fn open_stored(path: &Path, monitor: &mut dyn Monitor) -> Result<StoredCounts> {
    StoredCounts::open(path, monitor).map_err(|source| match source {
        gamayun_bpe::Error::Io(source) => Error::File { path: path.to_owned(), source },
        gamayun_bpe::Error::Interrupted => Error::Interrupted,
        source => Error::Counts { path: path.to_owned(), source },
    })
}

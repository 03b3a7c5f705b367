//! The training split of the selection to a table of pretokens, counted once and reused by every training.

mod counter;
mod files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use arrow_array::{Array, RecordBatch};
use gamayun_bpe::{Counts, Pattern};
use gamayun_text::{Monitor, Progress};
use serde::Serialize;

use crate::count::counter::{Counter, write};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::selection::{TRAIN, files};
use crate::tables::Rows;

pub use files::{
    CountFilesParams, FilesCounted, LanguageCounted, count_files, merge_count_files, open_stored,
};

/// Where the table lies.
const COUNTS: &str = "tokenizer/counts.bin";
/// The columns that counting needs.
const COLUMNS: [&str; 3] = ["language", "split", "text"];
/// Counting threads that one reading thread keeps busy.
pub(crate) const COUNTERS_PER_READER: usize = 6;

/// How pretokens are counted.
#[derive(Clone, Debug)]
pub struct CountParams {
    /// The pattern that cuts text into pretokens.
    pub split: Pattern,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that counting may use.
    pub memory: u64,
    /// The file to write; that of the run if none is named.
    pub output: Option<PathBuf>,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CountCounts {
    /// language → (documents, bytes of text).
    pub languages: BTreeMap<String, (u64, u64)>,
    /// Different pretokens.
    pub pretokens: u64,
}

/// Counts the pretokens of every training document and writes `tokenizer/counts.bin`.
pub fn count(
    layout: &Layout,
    params: &CountParams,
    monitor: &mut dyn Monitor,
) -> Result<CountCounts> {
    let files = files(layout)?;
    let sizes: u64 = files.iter().map(|file| file.metadata().map_or(0, |m| m.len())).sum();
    let output = params.output.clone().unwrap_or_else(|| layout.path(COUNTS));
    gamayun_io::remove_unfinished(&layout.folder("tokenizer")?)?;
    let mut counter = Counter::new(params.split.clone(), &output, params.threads, params.memory)?;
    let mut progress = Progress { total: sizes, ..Progress::default() };
    let next = AtomicUsize::new(0);
    let (send, receive) = sync_channel(4);
    let read = |send: SyncSender<Message>| {
        loop {
            let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
            if let Err(error) = read_file(path, &send) {
                // The receiver has gone: the work was stopped.
                let _ = send.send(Message::Failed(error));
                return;
            }
        }
    };
    std::thread::scope(|scope| -> Result<()> {
        for _ in 0..params.threads.div_ceil(COUNTERS_PER_READER).max(1) {
            let send = send.clone();
            scope.spawn(|| read(send));
        }
        drop(send);
        // Moved in, so that an early return closes the channel and ends the readers.
        let receive = receive;
        receive_batches(receive, &mut counter, &mut progress, monitor)
    })?;
    let (told, _) = counter.finish(monitor)?;
    let languages = told.iter().map(|row| (row.language.clone(), (row.documents, row.bytes)));
    let (pretokens, _) = open_stored(&output, monitor)?.unique(monitor)?;
    Ok(CountCounts { languages: languages.collect(), pretokens })
}

/// Writes counts to a file, which is there whole or not at all.
pub fn save_counts(counts: &Counts, path: &Path) -> Result<()> {
    write(path, |out| counts.write(out))
}

/// The counts in a file.
pub fn open_counts(path: &Path) -> Result<Counts> {
    let bytes = std::fs::read(path).map_err(Error::file(path))?;
    Counts::read(&bytes).map_err(|source| Error::Counts { path: path.to_owned(), source })
}

enum Message {
    Batch(RecordBatch),
    /// A file was read to its end; its bytes on disk.
    Read(u64),
    Failed(Error),
}

fn read_file(path: &Path, send: &SyncSender<Message>) -> Result<()> {
    for batch in gamayun_io::read_table(path, Some(&COLUMNS))? {
        if send.send(Message::Batch(batch?)).is_err() {
            return Ok(());
        }
    }
    let _ = send.send(Message::Read(path.metadata().map_or(0, |m| m.len())));
    Ok(())
}

fn receive_batches(
    receive: Receiver<Message>,
    counter: &mut Counter,
    progress: &mut Progress,
    monitor: &mut dyn Monitor,
) -> Result<()> {
    for message in receive {
        match message {
            Message::Batch(batch) => add(counter, batch, progress)?,
            Message::Read(bytes) => progress.done += bytes,
            Message::Failed(error) => return Err(error),
        }
        monitor.advance(*progress).map_err(|_| Error::Interrupted)?;
    }
    Ok(())
}

/// Counts the training documents of a batch.
fn add(counter: &mut Counter, batch: RecordBatch, progress: &mut Progress) -> Result<()> {
    let rows = Rows::new(batch, Path::new("selection"));
    let (languages, splits, texts) =
        (rows.strings("language")?, rows.strings("split")?, rows.strings("text")?);
    let mut by_language: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in (0..texts.len()).filter(|&row| splits.value(row) == TRAIN) {
        by_language.entry(languages.value(row)).or_default().push(texts.value(row));
        progress.documents += 1;
        progress.bytes += texts.value(row).len() as u64;
    }
    counter.add(&by_language)
}

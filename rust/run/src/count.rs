//! The training split of the selection to a table of pretokens, counted once and reused by every training.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use arrow_array::{Array, RecordBatch};
use gamayun_bpe::{Counts, Pattern};
use gamayun_text::{Monitor, Progress};
use serde::Serialize;

use crate::batchwise::batch_pool;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::selection::{TRAIN, files};
use crate::tables::Rows;

/// Where the table lies.
const COUNTS: &str = "tokenizer/counts.bin";
/// The columns that counting needs.
const COLUMNS: [&str; 3] = ["language", "split", "text"];
/// What counting and training hold at most, in multiples of the tables.
const TRAINING_FACTOR: u64 = 4;
/// Counting threads that one reading thread keeps busy.
const COUNTERS_PER_READER: usize = 6;

/// How pretokens are counted.
#[derive(Clone, Debug)]
pub struct CountParams {
    /// The pattern that cuts text into pretokens.
    pub split: Pattern,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that counting, and training after it, may use.
    pub memory: u64,
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
    let pool = batch_pool(params.threads)?;
    let mut counts = Counts::new(params.split.clone());
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
        let mut counter = Counter { counts: &mut counts, pool: &pool, memory: params.memory };
        receive_batches(receive, &mut counter, &mut progress, monitor)
    })?;
    gamayun_io::remove_unfinished(&layout.folder("tokenizer")?)?;
    save_counts(&counts, &layout.path(COUNTS))?;
    Ok(summary(&counts))
}

/// Writes counts to a file, which is there whole or not at all.
pub fn save_counts(counts: &Counts, path: &Path) -> Result<()> {
    let mut bytes = Vec::new();
    counts.write(&mut bytes)?;
    Ok(gamayun_io::write_atomic(path, |out| out.write_all(&bytes))?)
}

/// The table that [`count`] wrote.
pub fn read_counts(layout: &Layout) -> Result<Counts> {
    open_counts(&layout.path(COUNTS))
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
    counter: &mut Counter<'_>,
    progress: &mut Progress,
    monitor: &mut dyn Monitor,
) -> Result<()> {
    for message in receive {
        match message {
            Message::Batch(batch) => counter.add(batch, progress)?,
            Message::Read(bytes) => progress.done += bytes,
            Message::Failed(error) => return Err(error),
        }
        monitor.advance(*progress).map_err(|_| Error::Interrupted)?;
    }
    Ok(())
}

/// The tables as they grow, and what they may grow to.
struct Counter<'a> {
    counts: &'a mut Counts,
    pool: &'a rayon::ThreadPool,
    memory: u64,
}

impl Counter<'_> {
    fn add(&mut self, batch: RecordBatch, progress: &mut Progress) -> Result<()> {
        let rows = Rows::new(batch, Path::new("selection"));
        let (languages, splits, texts) =
            (rows.strings("language")?, rows.strings("split")?, rows.strings("text")?);
        let mut by_language: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in (0..texts.len()).filter(|&row| splits.value(row) == TRAIN) {
            by_language.entry(languages.value(row)).or_default().push(texts.value(row));
        }
        for (language, texts) in by_language {
            progress.documents += texts.len() as u64;
            progress.bytes += texts.iter().map(|text| text.len() as u64).sum::<u64>();
            self.counts.add(language, &texts, self.pool)?;
        }
        self.check_memory(progress.documents)
    }

    /// The tables are merged into one of all languages to train on, and that one into its symbols and pairs.
    fn check_memory(&self, documents: u64) -> Result<()> {
        let need = self.counts.memory().saturating_mul(TRAINING_FACTOR);
        if need > self.memory {
            return Err(Error::MemoryTooSmall {
                step: "count",
                need,
                budget: self.memory,
                documents,
            });
        }
        Ok(())
    }
}

fn summary(counts: &Counts) -> CountCounts {
    let languages = counts
        .languages()
        .map(|language| (language.to_owned(), (counts.documents(language), counts.bytes(language))))
        .collect();
    CountCounts { languages, pretokens: counts.unique() }
}

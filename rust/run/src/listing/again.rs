//! Inputs that are read a second time for the shingles that were not kept.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use gamayun_dedup::job::Shingles;
use gamayun_io::{Batch, Reader};
use gamayun_text::normalise;
use gamayun_text::shingle::{ShingleScratch, shingles};

use super::BATCH_BYTES;
use crate::annotate::Task;
use crate::error::{Error, Result};
use crate::part::InputIdentity;
use crate::source::Source;

/// The inputs of a list, and those of them that are open.
pub(crate) struct Again<'a> {
    sources: &'a [Source],
    tasks: Vec<Task>,
    shingle: usize,
    /// The work is to stop.
    stopped: &'a AtomicBool,
    open: Mutex<Vec<Open>>,
}

/// An input that was read up to a document; parts that follow one another go on with it.
struct Open {
    task: usize,
    reader: Reader,
    batch: Batch,
    /// Documents before the batch.
    before: u64,
    more: bool,
}

impl<'a> Again<'a> {
    pub(crate) fn new(
        sources: &'a [Source],
        tasks: Vec<Task>,
        shingle: usize,
        stopped: &'a AtomicBool,
    ) -> Self {
        Self { sources, tasks, shingle, stopped, open: Mutex::default() }
    }

    /// Gives the shingles of each of these documents of an input, which are counted from its first and ascend.
    pub(crate) fn shingles(
        &self,
        task: usize,
        documents: impl Iterator<Item = u64>,
        f: &mut dyn FnMut(Shingles) -> Result<()>,
    ) -> Result<()> {
        let mut documents = documents.peekable();
        let Some(first) = documents.peek() else { return Ok(()) };
        let mut open = self.open(task, *first)?;
        let mut scratch = ShingleScratch::default();
        for document in documents {
            let text = open.text(document, self.stopped)?.ok_or_else(|| self.changed(task))?;
            let mut found = Vec::new();
            shingles(&normalise(text).0, self.shingle, &mut scratch, &mut found);
            f(Shingles::Found(found))?;
        }
        self.lock().push(open);
        Ok(())
    }

    /// The input, not yet past the document: as it was left by another part, or from its start.
    fn open(&self, task: usize, document: u64) -> Result<Open> {
        let Some(Task { source, input, identity }) = self.tasks.get(task) else {
            return Err(Error::damaged("the list of inputs", format!("there is no input {task}")));
        };
        if input.is_stdin() {
            return Err(Error::ReadOnce { path: input.name.clone() });
        }
        let source = &self.sources[*source];
        if InputIdentity::of(&source.name, input) != *identity {
            return Err(self.changed(task));
        }
        let mut open = self.lock();
        let usable = |open: &Open| open.task == task && open.before <= document;
        let best = open.iter().enumerate().filter(|(_, open)| usable(open));
        if let Some((place, _)) = best.max_by_key(|(_, open)| open.before) {
            return Ok(open.swap_remove(place));
        }
        drop(open);
        let mut read = source.read.clone();
        read.metadata = false;
        let reader = gamayun_io::open(input, &read)?;
        Ok(Open { task, reader, batch: Batch::default(), before: 0, more: true })
    }

    fn changed(&self, task: usize) -> Error {
        let path = self.tasks.get(task).map(|task| task.input.path.clone()).unwrap_or_default();
        Error::damaged(path, "the input has changed since it was read for the first time")
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// The text of a document at or behind the batch.
    fn text(&mut self, document: u64, stopped: &AtomicBool) -> Result<Option<&str>> {
        while document >= self.before + self.batch.records.len() as u64 {
            if !self.more {
                return Ok(None);
            }
            if stopped.load(Ordering::Relaxed) {
                return Err(Error::Interrupted);
            }
            self.before += self.batch.records.len() as u64;
            self.more = self.reader.read(&mut self.batch, BATCH_BYTES, usize::MAX)?;
        }
        let place = crate::part::index(document - self.before);
        Ok(self.batch.records.get(place).map(|record| record.text.as_str()))
    }
}

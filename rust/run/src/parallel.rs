//! Runs independent pieces of work on a fixed number of threads, watched from the calling thread.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gamayun_text::{Interrupted, Monitor, Progress};

use crate::error::{Error, Result};

/// Counters that the pieces raise as they go, and that the monitor hears.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    total: u64,
    done: AtomicU64,
    documents: AtomicU64,
    bytes: AtomicU64,
    stopped: std::sync::atomic::AtomicBool,
}

impl Tally {
    pub(crate) fn of(total: u64) -> Self {
        Self { total, ..Self::default() }
    }

    pub(crate) fn add(&self, done: u64, documents: u64, bytes: u64) {
        self.done.fetch_add(done, Ordering::Relaxed);
        self.documents.fetch_add(documents, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Fails once the work is to stop: long pieces call it between batches.
    pub(crate) fn check(&self) -> Result<()> {
        if self.stopped.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
    }

    pub(crate) fn progress(&self) -> Progress {
        Progress {
            done: self.done.load(Ordering::Relaxed),
            total: self.total,
            documents: self.documents.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}

/// Lets an engine that wants a monitor raise a tally from a worker thread.
pub(crate) struct TallyMonitor<'a> {
    tally: &'a Tally,
    last: Progress,
}

impl<'a> TallyMonitor<'a> {
    pub(crate) fn new(tally: &'a Tally) -> Self {
        Self { tally, last: Progress::default() }
    }
}

impl Monitor for TallyMonitor<'_> {
    fn advance(&mut self, now: Progress) -> std::result::Result<(), Interrupted> {
        let last = std::mem::replace(&mut self.last, now);
        self.tally.add(
            now.done.saturating_sub(last.done),
            now.documents.saturating_sub(last.documents),
            now.bytes.saturating_sub(last.bytes),
        );
        self.tally.check().map_err(|_| Interrupted)
    }
}

/// `work(i)` for each `i` in `0..pieces`, results in that order; the first error stops the rest.
pub(crate) fn map<T: Send>(
    pieces: usize,
    threads: usize,
    tally: &Tally,
    monitor: &mut dyn Monitor,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new((0..pieces).map(|_| None).collect::<Vec<Option<T>>>());
    let failure = Mutex::new(None);
    let worker = || {
        while tally.check().is_ok() {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return;
            }
            match work(piece) {
                Ok(result) => lock(&results)[piece] = Some(result),
                Err(error) => {
                    lock(&failure).get_or_insert(error);
                    tally.stopped.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let (alive, dead) = channel::<()>();
        for _ in 0..threads.clamp(1, pieces.max(1)) {
            let (worker, alive) = (&worker, alive.clone());
            scope.spawn(move || {
                worker();
                drop(alive); // the last one to go ends the waiting
            });
        }
        drop(alive);
        while dead.recv_timeout(Duration::from_millis(20)) == Err(RecvTimeoutError::Timeout) {
            if monitor.advance(tally.progress()).is_err() {
                lock(&failure).get_or_insert(Error::Interrupted);
                tally.stopped.store(true, Ordering::Relaxed);
            }
        }
    });
    // The last word, and the last chance to be stopped.
    if monitor.advance(tally.progress()).is_err() {
        lock(&failure).get_or_insert(Error::Interrupted);
    }
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(results
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .into_iter()
            .flatten()
            .collect()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        let tally = Tally::of(0);
        let squares = map(100, 3, &tally, &mut (), |n| Ok(n * n)).unwrap();
        assert_eq!(squares, (0..100).map(|n| n * n).collect::<Vec<_>>());
    }

    #[test]
    fn an_error_is_returned() {
        let tally = Tally::of(0);
        let failed =
            map(100, 3, &tally, &mut (), |n| if n == 40 { Err(Error::Interrupted) } else { Ok(n) });
        assert!(matches!(failed, Err(Error::Interrupted)));
    }
}

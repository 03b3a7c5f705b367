//! Runs independent tasks on a fixed number of threads, watched from the calling thread.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Interrupted, Monitor, Progress};

/// How often the monitor hears of progress and may stop the work.
const TICK: Duration = Duration::from_millis(20);

/// What the tasks have done, and whether they are to stop.
#[derive(Debug, Default)]
pub struct Tally {
    total: u64,
    done: AtomicU64,
    documents: AtomicU64,
    bytes: AtomicU64,
    stopped: AtomicBool,
}

impl Tally {
    /// Of so many units in all; 0 when unknown.
    #[must_use]
    pub fn of(total: u64) -> Self {
        Self { total, ..Self::default() }
    }

    /// Notes that so much more is done.
    pub fn add(&self, done: u64, documents: u64, bytes: u64) {
        self.done.fetch_add(done, Ordering::Relaxed);
        self.documents.fetch_add(documents, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Fails once the work is to stop: long tasks call it many times a second.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.stopped.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
    }

    /// [`Self::add`] of units alone, and [`Self::check`].
    pub fn step(&self, done: u64) -> Result<(), Interrupted> {
        self.done.fetch_add(done, Ordering::Relaxed);
        self.check()
    }

    /// How far the tasks have come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            done: self.done.load(Ordering::Relaxed),
            total: self.total,
            documents: self.documents.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}

/// Lets a task that wants a monitor of its own raise the tally.
#[derive(Debug)]
pub struct TallyMonitor<'a> {
    tally: &'a Tally,
    last: Progress,
}

impl<'a> TallyMonitor<'a> {
    /// Raises this one.
    #[must_use]
    pub fn new(tally: &'a Tally) -> Self {
        Self { tally, last: Progress::default() }
    }
}

impl Monitor for TallyMonitor<'_> {
    fn advance(&mut self, now: Progress) -> Result<(), Interrupted> {
        let last = std::mem::replace(&mut self.last, now);
        self.tally.add(
            now.done.saturating_sub(last.done),
            now.documents.saturating_sub(last.documents),
            now.bytes.saturating_sub(last.bytes),
        );
        self.tally.check()
    }
}

/// `work(i)` for each `i` in `0..tasks`, results in that order; the first error stops the rest.
pub fn map<T: Send, E: Send + From<Interrupted>>(
    tasks: usize,
    threads: usize,
    tally: &Tally,
    monitor: &mut dyn Monitor,
    work: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    map_with(tasks, threads, tally, monitor, |(): &mut (), task| work(task))
}

/// [`map`], with what each thread keeps from task to task.
pub fn map_with<T: Send, E: Send + From<Interrupted>, S: Default>(
    tasks: usize,
    threads: usize,
    tally: &Tally,
    monitor: &mut dyn Monitor,
    work: impl Fn(&mut S, usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new((0..tasks).map(|_| None).collect::<Vec<Option<T>>>());
    let failure = Mutex::new(None);
    let fail = |error| {
        lock(&failure).get_or_insert(error);
        tally.stopped.store(true, Ordering::Relaxed);
    };
    let worker = || {
        let mut scratch = S::default();
        while tally.check().is_ok() {
            let task = next.fetch_add(1, Ordering::Relaxed);
            if task >= tasks {
                return;
            }
            match work(&mut scratch, task) {
                Ok(result) => lock(&results)[task] = Some(result),
                Err(error) => fail(error),
            }
        }
    };
    std::thread::scope(|scope| {
        let (alive, dead) = channel::<()>();
        for _ in 0..threads.clamp(1, tasks.max(1)) {
            let (worker, alive) = (&worker, alive.clone());
            scope.spawn(move || {
                worker();
                drop(alive); // the last one to go ends the waiting
            });
        }
        drop(alive);
        while dead.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            if let Err(interrupted) = monitor.advance(tally.progress()) {
                fail(interrupted.into());
            }
        }
    });
    // The last word, and the last chance to be stopped.
    if let Err(interrupted) = monitor.advance(tally.progress()) {
        fail(interrupted.into());
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        let squares: Result<Vec<usize>, Interrupted> =
            map(100, 3, &Tally::of(0), &mut (), |n| Ok(n * n));
        assert_eq!(squares, Ok((0..100).map(|n| n * n).collect()));
    }

    #[test]
    fn an_error_is_returned_and_stops_the_rest() {
        let tally = Tally::of(0);
        let failed: Result<Vec<()>, Interrupted> =
            map(100, 3, &tally, &mut (), |n| if n == 40 { Err(Interrupted) } else { Ok(()) });
        assert_eq!(failed, Err(Interrupted));
        assert_eq!(tally.check(), Err(Interrupted));
    }

    #[test]
    fn a_monitor_stops_the_work() {
        struct Impatient;
        impl Monitor for Impatient {
            fn advance(&mut self, _: Progress) -> Result<(), Interrupted> {
                Err(Interrupted)
            }
        }
        let tally = Tally::of(1);
        let waits = |_| loop {
            tally.step(0)?;
            std::thread::yield_now();
        };
        let stopped: Result<Vec<()>, Interrupted> = map(1, 1, &tally, &mut Impatient, waits);
        assert_eq!(stopped, Err(Interrupted));
    }
}

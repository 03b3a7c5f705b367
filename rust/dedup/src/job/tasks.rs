//! Runs independent tasks on a fixed number of threads, watched from the calling thread.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gamayun_text::{Monitor, Progress};

use crate::{Error, Result};

/// What the tasks have done, and whether they are to stop.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    total: u64,
    done: AtomicU64,
    stopped: AtomicBool,
}

impl Watch {
    /// Of so many units in all.
    pub(crate) fn of(total: u64) -> Self {
        Self { total, ..Self::default() }
    }

    /// Notes that units are done. Fails once the work is to stop: long tasks call it many times a second.
    pub(crate) fn add(&self, done: u64) -> Result<()> {
        self.done.fetch_add(done, Ordering::Relaxed);
        if self.stopped.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
    }

    fn progress(&self) -> Progress {
        let done = self.done.load(Ordering::Relaxed).min(self.total);
        Progress { done, total: self.total, documents: 0, bytes: 0 }
    }
}

/// `work(i)` for each `i` in `0..tasks`, results in that order; the first error stops the rest.
pub(crate) fn map<T: Send>(
    tasks: usize,
    threads: usize,
    watch: &Watch,
    monitor: &mut dyn Monitor,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    map_with(tasks, threads, watch, monitor, |(): &mut (), task| work(task))
}

/// [`map`], with what each thread keeps from task to task.
pub(crate) fn map_with<T: Send, S: Default>(
    tasks: usize,
    threads: usize,
    watch: &Watch,
    monitor: &mut dyn Monitor,
    work: impl Fn(&mut S, usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new((0..tasks).map(|_| None).collect::<Vec<Option<T>>>());
    let failure = Mutex::new(None);
    let fail = |error| {
        lock(&failure).get_or_insert(error);
        watch.stopped.store(true, Ordering::Relaxed);
    };
    let worker = || {
        let mut scratch = S::default();
        while watch.add(0).is_ok() {
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
            let alive = alive.clone();
            scope.spawn(move || {
                worker();
                drop(alive); // the last one to go ends the waiting
            });
        }
        drop(alive);
        while dead.recv_timeout(Duration::from_millis(20)) == Err(RecvTimeoutError::Timeout) {
            if let Err(interrupted) = monitor.advance(watch.progress()) {
                fail(interrupted.into());
            }
        }
    });
    if let Err(interrupted) = monitor.advance(watch.progress()) {
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

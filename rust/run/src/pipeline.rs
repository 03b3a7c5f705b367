//! Runs many tasks through read → work → write on a fixed number of threads, each task's batches in order.
//!
//! Every thread does whatever is most urgent: write a batch whose turn it is, or read the next one and work on it, while
//! it is in the cache of this thread's core; of the tasks that it opened itself as long as there are any. So one large
//! input uses all threads for its work, many small inputs are read side by side, and what is in flight is bounded
//! whatever the sizes.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gamayun_text::{Monitor, Progress};

use crate::error::{Error, Result};

/// How often the calling thread hears of progress and of Ctrl-C.
const TICK: Duration = Duration::from_millis(100);

/// What a pipeline does; `Sync`, because every thread calls it.
pub(crate) trait Job: Sync {
    /// Reads one task's batches in order.
    type Reader: Send;
    /// A batch as read.
    type Raw: Send;
    /// A batch as worked on.
    type Done: Send;
    /// Takes one task's batches in order.
    type Writer: Send;
    /// A thread's own working memory.
    type Scratch;

    /// Working memory for one thread.
    fn scratch(&self) -> Self::Scratch;
    /// Opens a task; `None` when there is nothing left to do in it.
    fn open(&self, task: usize) -> Result<Option<(Self::Reader, Self::Writer)>>;
    /// The next batch of a task; `None` at its end.
    fn read(&self, reader: &mut Self::Reader) -> Result<Option<Self::Raw>>;
    /// The work itself, on any thread, in any order.
    fn work(&self, task: usize, raw: Self::Raw, scratch: &mut Self::Scratch) -> Result<Self::Done>;
    /// Takes the next batch, in order.
    fn write(&self, writer: &mut Self::Writer, done: Self::Done) -> Result<()>;
    /// Finishes a task, once its last batch was written.
    fn close(&self, task: usize, reader: Self::Reader, writer: Self::Writer) -> Result<()>;
    /// How far the whole has come.
    fn progress(&self) -> Progress;
}

struct Open<J: Job> {
    task: usize,
    /// The thread that opened it, in the cache of whose core its reader and writer are.
    home: usize,
    reader: Option<J::Reader>,
    writer: Option<J::Writer>,
    exhausted: bool,
    read: u64,
    written: u64,
    waiting: BTreeMap<u64, J::Done>,
}

struct State<J: Job> {
    next_task: usize,
    tasks: usize,
    /// Tasks being opened by some thread now.
    opening: usize,
    open: Vec<Open<J>>,
    in_flight: usize,
    failure: Option<Error>,
    stopped: bool,
}

enum Action<J: Job> {
    Open(usize),
    Read(usize, J::Reader),
    Write(usize, J::Writer, J::Done),
    Close(Open<J>),
    Wait,
    Stop,
}

struct Shared<'a, J: Job> {
    job: &'a J,
    threads: usize,
    limit: usize,
    state: Mutex<State<J>>,
    changed: Condvar,
}

/// Runs tasks `0..tasks` of `job`. The calling thread waits, and speaks to the monitor.
pub(crate) fn run<J: Job>(
    job: &J,
    tasks: usize,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<()> {
    let threads = threads.max(1);
    let state = State {
        next_task: 0,
        tasks,
        opening: 0,
        open: Vec::new(),
        in_flight: 0,
        failure: None,
        stopped: false,
    };
    let limit = in_flight_limit(threads);
    let shared = Shared { job, threads, limit, state: Mutex::new(state), changed: Condvar::new() };
    std::thread::scope(|scope| {
        let (alive, dead) = channel::<()>();
        for thread in 0..threads {
            let (shared, alive) = (&shared, alive.clone());
            scope.spawn(move || {
                shared.worker(thread);
                drop(alive); // the last one to go ends the waiting
            });
        }
        drop(alive);
        while dead.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            if monitor.advance(job.progress()).is_err() {
                shared.fail(Error::Interrupted);
            }
        }
    });
    let _ = monitor.advance(job.progress());
    let state = shared.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.failure.map_or(Ok(()), Err)
}

/// Batches read and not yet written, at most.
pub(crate) fn in_flight_limit(threads: usize) -> usize {
    2 * threads + 2
}

impl<J: Job> Shared<'_, J> {
    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, error: Error) {
        let mut state = self.lock();
        state.failure.get_or_insert(error);
        state.stopped = true;
        drop(state);
        self.changed.notify_all();
    }

    fn worker(&self, thread: usize) {
        // A panic must not leave the other threads waiting for this one.
        struct Guard<'a, 'b, J: Job>(&'a Shared<'b, J>);
        impl<J: Job> Drop for Guard<'_, '_, J> {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    self.0.lock().stopped = true;
                    self.0.changed.notify_all();
                }
            }
        }
        let _guard = Guard(self);
        let mut scratch = self.job.scratch();
        loop {
            let action = self.next_action(thread);
            let outcome = match action {
                Action::Stop => return,
                Action::Wait => continue,
                action => self.perform(thread, action, &mut scratch),
            };
            match outcome {
                Ok(()) => self.changed.notify_all(),
                Err(error) => return self.fail(error),
            }
        }
    }

    /// What this thread should do now; waits when nothing can be done.
    fn next_action(&self, thread: usize) -> Action<J> {
        let mut state = self.lock();
        match state.choose(thread, self.threads, self.limit) {
            Action::Wait => {
                drop(self.changed.wait(state).unwrap_or_else(PoisonError::into_inner));
                Action::Wait
            }
            action => action,
        }
    }

    fn perform(&self, thread: usize, action: Action<J>, scratch: &mut J::Scratch) -> Result<()> {
        match action {
            Action::Open(task) => {
                let opened = self.job.open(task)?;
                let mut state = self.lock();
                state.opening -= 1;
                if let Some((reader, writer)) = opened {
                    state.open.push(Open {
                        task,
                        home: thread,
                        reader: Some(reader),
                        writer: Some(writer),
                        exhausted: false,
                        read: 0,
                        written: 0,
                        waiting: BTreeMap::new(),
                    });
                }
            }
            Action::Read(task, mut reader) => {
                let raw = self.job.read(&mut reader)?;
                let mut state = self.lock();
                let open = state.find(task)?;
                open.reader = Some(reader);
                let Some(raw) = raw else {
                    open.exhausted = true;
                    state.in_flight -= 1;
                    return Ok(());
                };
                let sequence = open.read;
                open.read += 1;
                drop(state);
                self.changed.notify_all(); // another thread may read on
                let done = self.job.work(task, raw, scratch)?;
                self.lock().find(task)?.waiting.insert(sequence, done);
            }
            Action::Write(task, mut writer, done) => {
                self.job.write(&mut writer, done)?;
                let mut state = self.lock();
                state.in_flight -= 1;
                let open = state.find(task)?;
                open.written += 1;
                open.writer = Some(writer);
            }
            Action::Close(open) => {
                if let (Some(reader), Some(writer)) = (open.reader, open.writer) {
                    self.job.close(open.task, reader, writer)?;
                }
            }
            Action::Wait | Action::Stop => {}
        }
        Ok(())
    }
}

impl<J: Job> State<J> {
    /// A task with work in flight is open; that it is not would be a bug of this module.
    fn find(&mut self, task: usize) -> Result<&mut Open<J>> {
        let found = self.open.iter_mut().find(|open| open.task == task);
        found.ok_or_else(|| {
            Error::damaged("the pipeline in memory", format!("task {task} is not open"))
        })
    }

    /// What a thread does next: what is its own first, then what nobody has begun, then what others have open.
    fn choose(&mut self, thread: usize, threads: usize, limit: usize) -> Action<J> {
        if self.stopped {
            return Action::Stop;
        }
        let mine = |open: &Open<J>| open.home == thread;
        self.write_or_close(&mine)
            .or_else(|| self.read(limit, &mine))
            .or_else(|| self.begin(threads, limit))
            .or_else(|| self.write_or_close(&|_| true))
            .or_else(|| self.read(limit, &|_| true))
            .unwrap_or_else(|| if self.is_finished() { Action::Stop } else { Action::Wait })
    }

    fn is_finished(&self) -> bool {
        self.open.is_empty() && self.opening == 0 && self.next_task == self.tasks
    }

    fn begin(&mut self, threads: usize, limit: usize) -> Option<Action<J>> {
        let may = self.in_flight < limit && self.open.len() + self.opening < threads;
        if !may || self.next_task == self.tasks {
            return None;
        }
        self.next_task += 1;
        self.opening += 1;
        Some(Action::Open(self.next_task - 1))
    }

    fn read(&mut self, limit: usize, of: &dyn Fn(&Open<J>) -> bool) -> Option<Action<J>> {
        if self.in_flight >= limit {
            return None;
        }
        let mut open = self.open.iter_mut().filter(|open| of(open) && !open.exhausted);
        let open = open.find(|open| open.reader.is_some())?;
        self.in_flight += 1;
        Some(Action::Read(open.task, open.reader.take()?))
    }

    fn write_or_close(&mut self, of: &dyn Fn(&Open<J>) -> bool) -> Option<Action<J>> {
        for position in 0..self.open.len() {
            let open = &mut self.open[position];
            if open.writer.is_none() || !of(open) {
                continue;
            }
            if let Some(done) = open.waiting.remove(&open.written) {
                let writer = open.writer.take()?;
                return Some(Action::Write(open.task, writer, done));
            }
            if open.exhausted && open.reader.is_some() && open.written == open.read {
                return Some(Action::Close(self.open.swap_remove(position)));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Each task counts to its number squared; the work doubles; the writer checks the order.
    struct Doubling {
        sums: Vec<AtomicU64>,
        fail_at: Option<u64>,
    }

    impl Job for Doubling {
        type Reader = (u64, u64);
        type Raw = u64;
        type Done = u64;
        type Writer = Vec<u64>;
        type Scratch = ();

        fn scratch(&self) {}
        fn open(&self, task: usize) -> Result<Option<(Self::Reader, Self::Writer)>> {
            let size = (task * task) as u64;
            Ok((task != 3).then_some(((0, size), Vec::new())))
        }
        fn read(&self, reader: &mut Self::Reader) -> Result<Option<u64>> {
            reader.0 += 1;
            Ok((reader.0 <= reader.1).then_some(reader.0))
        }
        fn work(&self, _: usize, raw: u64, (): &mut ()) -> Result<u64> {
            if self.fail_at == Some(raw) { Err(Error::Interrupted) } else { Ok(2 * raw) }
        }
        fn write(&self, writer: &mut Vec<u64>, done: u64) -> Result<()> {
            assert_eq!(done, 2 * (writer.len() as u64 + 1));
            writer.push(done);
            Ok(())
        }
        fn close(&self, task: usize, _: Self::Reader, writer: Vec<u64>) -> Result<()> {
            self.sums[task].store(writer.iter().sum(), Ordering::Relaxed);
            Ok(())
        }
        fn progress(&self) -> Progress {
            Progress::default()
        }
    }

    fn sums(tasks: usize, threads: usize) -> Vec<u64> {
        let job = Doubling { sums: (0..tasks).map(|_| AtomicU64::new(0)).collect(), fail_at: None };
        run(&job, tasks, threads, &mut ()).unwrap();
        job.sums.into_iter().map(AtomicU64::into_inner).collect()
    }

    #[test]
    fn every_batch_is_written_once_and_in_order() {
        let expected: Vec<u64> =
            (0..9u64).map(|n| if n == 3 { 0 } else { n * n * (n * n + 1) }).collect();
        for threads in [1, 2, 5] {
            assert_eq!(sums(9, threads), expected);
        }
        assert_eq!(sums(0, 2), Vec::<u64>::new());
    }

    #[test]
    fn the_first_error_stops_the_rest() {
        let job = Doubling { sums: (0..9).map(|_| AtomicU64::new(0)).collect(), fail_at: Some(20) };
        assert!(matches!(run(&job, 9, 3, &mut ()), Err(Error::Interrupted)));
    }
}

//! The one gate to long work: detaches from Python, listens for Ctrl-C, reports progress on the calling thread.

use std::time::{Duration, Instant};

use gamayun_text::{Interrupted, Monitor, Progress};
use pyo3::prelude::*;

use crate::errors;

/// How often Python hears of progress: often enough for Ctrl-C, seldom enough to cost nothing.
const PERIOD: Duration = Duration::from_millis(100);

/// Runs `work` without the interpreter lock. Signals and `on_progress(done, total, documents, bytes)` are served between
/// its batches; an exception from either stops the work and comes out unchanged.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    on_progress: Option<Py<PyAny>>,
    work: impl FnOnce(&mut dyn Monitor) -> Result<T, gamayun_run::Error> + Send,
) -> PyResult<T> {
    let mut monitor = PyMonitor { on_progress, last: Instant::now(), raised: None };
    let outcome = py.detach(|| work(&mut monitor));
    match (outcome, monitor.raised) {
        (_, Some(raised)) => Err(raised),
        (Ok(value), None) => Ok(value),
        (Err(error), None) => Err(errors::to_python(py, &error)),
    }
}

struct PyMonitor {
    on_progress: Option<Py<PyAny>>,
    last: Instant,
    raised: Option<PyErr>,
}

impl PyMonitor {
    fn speak(&self, progress: Progress) -> PyResult<()> {
        Python::attach(|py| {
            py.check_signals()?;
            if let Some(on_progress) = &self.on_progress {
                on_progress.call1(
                    py,
                    (progress.done, progress.total, progress.documents, progress.bytes),
                )?;
            }
            Ok(())
        })
    }
}

impl Monitor for PyMonitor {
    fn advance(&mut self, progress: Progress) -> Result<(), Interrupted> {
        if self.raised.is_some() {
            return Err(Interrupted);
        }
        if self.last.elapsed() < PERIOD && progress.done < progress.total {
            return Ok(());
        }
        self.last = Instant::now();
        self.speak(progress).map_err(|raised| {
            self.raised = Some(raised);
            Interrupted
        })
    }
}

//! Tasks on threads, with the errors of this crate.

pub(crate) use gamayun_text::tasks::{Tally, TallyMonitor};
use gamayun_text::{Monitor, tasks};

use crate::error::Result;

/// [`tasks::map`].
pub(crate) fn map<T: Send>(
    pieces: usize,
    threads: usize,
    tally: &Tally,
    monitor: &mut dyn Monitor,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    tasks::map(pieces, threads, tally, monitor, work)
}

//! Tasks on threads, with the errors of this crate.

pub(crate) use gamayun_text::tasks::Tally;
use gamayun_text::{Monitor, tasks};

use crate::Result;

/// [`tasks::map`].
pub(crate) fn map<T: Send>(
    count: usize,
    threads: usize,
    tally: &Tally,
    monitor: &mut dyn Monitor,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    tasks::map(count, threads, tally, monitor, work)
}

/// [`tasks::map_with`].
pub(crate) fn map_with<T: Send, S: Default>(
    count: usize,
    threads: usize,
    tally: &Tally,
    monitor: &mut dyn Monitor,
    work: impl Fn(&mut S, usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    tasks::map_with(count, threads, tally, monitor, work)
}

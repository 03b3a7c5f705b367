//! Looks for damage in many shards at once.

use std::path::PathBuf;

use gamayun_shard::{Level, Problem, Promise, check_promised};
use gamayun_text::Monitor;

use crate::error::Result;
use crate::parallel::{self, Tally, TallyMonitor};

/// A shard to check: its payload, and what the manifest promises of its two files.
#[derive(Clone, Debug)]
pub struct Promised {
    /// The payload; the index lies beside it.
    pub bin: PathBuf,
    /// What is promised.
    pub promise: Promise,
}

/// Everything that is wrong with these shards, in their order, as closely as `level` says. Progress is in bytes.
pub fn check_shards(
    shards: &[Promised],
    level: Level,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Problem>> {
    let size = |shard: &Promised| shard.bin.metadata().map_or(0, |file| file.len());
    let tally = Tally::of(shards.iter().map(size).sum());
    let found = parallel::map(shards.len(), threads, &tally, monitor, |number| {
        tally.check()?;
        let shard = &shards[number];
        Ok(check_promised(&shard.bin, level, &shard.promise, &mut TallyMonitor::new(&tally))?)
    })?;
    Ok(found.into_iter().flatten().collect())
}

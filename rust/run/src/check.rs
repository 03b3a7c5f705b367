//! Looks for damage in many shards at once.

use std::path::PathBuf;

use gamayun_shard::{Level, Problem, check};
use gamayun_text::Monitor;

use crate::error::Result;
use crate::parallel::{self, Tally};

/// A shard to check: its index, and what the manifest promises of its two files.
#[derive(Clone, Debug)]
pub struct Promised {
    /// The payload.
    pub bin: PathBuf,
    /// The index.
    pub gdx: PathBuf,
    /// sha256 of the payload, in hexadecimal.
    pub bin_sha256: String,
    /// sha256 of the index, in hexadecimal.
    pub gdx_sha256: String,
}

/// Everything that is wrong with these shards, in their order; down to each token, and to the hashes of the files.
pub fn check_shards(
    shards: &[Promised],
    vocab_size: u32,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Problem>> {
    let tally = Tally::of(shards.len() as u64);
    let found = parallel::map(shards.len(), threads, &tally, monitor, |number| {
        tally.check()?;
        let shard = &shards[number];
        let mut problems = check(&shard.bin, Level::Tokens, vocab_size)?;
        for (path, promised) in [(&shard.bin, &shard.bin_sha256), (&shard.gdx, &shard.gdx_sha256)] {
            // A file that is not there is a problem that `check` has named.
            if path.exists() && gamayun_shard::file_sha256(path)? != *promised {
                let what = format!("sha256 differs from the manifest, which says {promised}");
                problems.push(Problem { file: path.clone(), offset: 0, what });
            }
        }
        tally.add(1, 0, 0);
        Ok(problems)
    })?;
    Ok(found.into_iter().flatten().collect())
}

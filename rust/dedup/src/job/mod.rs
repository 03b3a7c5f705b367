//! Deduplication of any number of documents in bounded memory: tasks that hand files to one another.
//!
//! 1. join: a column of the band files and a range of keys → edges between the documents that share a key;
//! 2. contract: all edges → the component of each candidate ([`forest`] in memory, [`stars`] by external sorts);
//! 3. gather: a part → its candidates with facts and shingles, by partition;
//! 4. resolve: a partition → outcomes ([`decide`] in memory, [`large`] for a component that is larger), by part.
//!
//! A task writes one file, whole or not at all. A job that is started again in the same folder takes the files that are
//! there and whole, and makes the others.

mod blocks;
mod contract;
mod decide;
mod filter;
mod forest;
mod gather;
mod group;
mod held;
mod join;
mod large;
mod model;
mod plan;
mod record;
mod resolve;
mod shingles;
mod stars;
mod tasks;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use gamayun_text::Monitor;
use gamayun_text::hash::mix64;

use self::blocks::BlockFile;
pub(crate) use self::blocks::read_at;
pub(crate) use self::decide::decide;
pub(crate) use self::forest::Forest;
pub(crate) use self::group::Grouper;
pub use self::held::{cluster_held, held_memory};
pub use self::model::{Documents, Facts, Kept, Outcome, Preference, Resources, Wanted};
pub(crate) use self::record::Candidate;
pub use self::shingles::{Keeper, Shingles};
pub(crate) use self::tasks::{Tally, map_with};
use crate::bands::{Bands, check_layouts};
use crate::{BandFile, DedupParams, Error, Result};

/// What all tasks of a job know.
pub(crate) struct Job<'a> {
    files: &'a [BandFile],
    /// The row of the first document of each file.
    bases: Vec<u64>,
    documents: u64,
    eligible: &'a (dyn Fn(u64) -> bool + Sync),
    texts: &'a dyn Documents,
    params: &'a DedupParams,
    resources: &'a Resources,
}

impl Job<'_> {
    fn documents(&self) -> u64 {
        self.documents
    }

    /// How many of the files are new.
    fn new_files(&self) -> usize {
        self.texts.new_parts().min(self.files.len())
    }

    /// Where records are sorted.
    fn sorting(&self) -> PathBuf {
        self.resources.scratch.join("sort")
    }

    /// What finished files depend on.
    fn fingerprint(&self) -> String {
        let mut hash = mix64(self.resources.threads as u64, self.resources.memory);
        hash = mix64(hash, self.new_files() as u64);
        for file in self.files {
            hash = mix64(hash, file.fingerprint());
        }
        for row in 0..self.documents {
            hash = hash.rotate_left(1)
                ^ u64::from((self.eligible)(row)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        format!("version 2, {hash:016x}, {:?}\n", self.params)
    }
}

/// Finished tasks: found, or made.
#[derive(Debug, Default)]
pub(crate) struct Reuse {
    found: AtomicU64,
    resumed: bool,
}

impl Reuse {
    fn or_make(&self, path: &Path, make: impl FnOnce() -> Result<BlockFile>) -> Result<BlockFile> {
        match self.resumed.then(|| BlockFile::find(path)).flatten() {
            Some(file) => {
                self.found.fetch_add(1, Ordering::Relaxed);
                Ok(file)
            }
            None => make(),
        }
    }
}

/// The outcomes of a job.
#[derive(Debug)]
pub struct Clusters {
    /// The row of the first document of each part, and of the end.
    bases: Vec<u64>,
    outcomes: Vec<BlockFile>,
    candidates: u64,
    reused: u64,
    scratch: PathBuf,
}

impl Clusters {
    /// Documents that share a band key or the hash of their text with another.
    #[must_use]
    pub fn candidates(&self) -> u64 {
        self.candidates
    }

    /// Tasks that an earlier job had finished.
    #[must_use]
    pub fn reused(&self) -> u64 {
        self.reused
    }

    /// The outcomes of the candidates among these rows, ascending; other documents are alone.
    ///
    /// The outcomes of every part that has some of the rows are read, so that rows are best asked for by parts.
    pub fn outcomes(&self, rows: Range<u64>) -> Result<Vec<Outcome>> {
        let first = self.bases.partition_point(|base| *base <= rows.start).saturating_sub(1) as u64;
        let last = self.bases.partition_point(|base| *base < rows.end) as u64;
        let (mut outcomes, mut bytes) = (Vec::new(), Vec::new());
        for file in &self.outcomes {
            for block in file.blocks(first..last) {
                file.read(block, &mut bytes)?;
                let mut rest = &bytes[..];
                while !rest.is_empty() {
                    let outcome = record::read_outcome(&mut rest)
                        .ok_or_else(|| Error::damaged(file.path(), "not an outcome"))?;
                    if rows.contains(&outcome.document) {
                        outcomes.push(outcome);
                    }
                }
            }
        }
        outcomes.sort_unstable_by_key(|outcome| outcome.document);
        Ok(outcomes)
    }

    /// Removes the folder of the job.
    pub fn remove_scratch(self) -> Result<()> {
        std::fs::remove_dir_all(&self.scratch).map_err(Error::io(&self.scratch))
    }
}

/// Decides which of the documents of these band files are kept.
///
/// Documents are numbered from 0 through all files in the order given; those that are not `eligible` take no part. Those
/// that share a band key or the hash of their text, directly or through others, are compared: in each such component they
/// are gone through by (pinned, passed, preference, id). The first is a survivor; each next one goes to the first survivor
/// that it matches ([`DedupParams::measure`]), or becomes one; pinned ones always do. Equal texts stay together. The
/// outcome depends on the texts and the facts only, not on the order of files, the threads or the memory. Documents of
/// earlier runs ([`Documents::new_parts`]) take part only where a new one shares a key with them.
///
/// # Errors
/// Band files that are damaged or of other parameters; a disk that is full; one document that the memory does not hold
/// (components may be of any size); what the caller's documents return; the monitor.
pub fn cluster(
    files: &[BandFile],
    eligible: &(dyn Fn(u64) -> bool + Sync),
    documents: &dyn Documents,
    params: &DedupParams,
    resources: &Resources,
    monitor: &mut dyn Monitor,
) -> Result<Clusters> {
    check_layouts(files)?;
    let mut bases = vec![0];
    for file in files {
        bases.push(bases.last().copied().unwrap_or(0) + file.documents());
    }
    let all = bases.last().copied().unwrap_or(0);
    let job = Job { files, bases, documents: all, eligible, texts: documents, params, resources };
    let reuse = Reuse { resumed: prepare(&job)?, ..Reuse::default() };
    let joined = join::join(&job, &reuse, monitor)?;
    let plan = {
        let labels = contract::contract(&job, &joined, monitor)?;
        plan::plan(&job, &labels, monitor)?
    };
    let gathered = gather::gather(&job, &plan, &reuse, monitor)?;
    let outcomes = resolve::resolve(&job, &plan, &gathered, &reuse, monitor)?;
    Ok(Clusters {
        bases: job.bases,
        outcomes,
        candidates: plan.candidates,
        reused: reuse.found.into_inner(),
        scratch: resources.scratch.clone(),
    })
}

/// Makes the folder ready; whether it has files of this very job.
fn prepare(job: &Job<'_>) -> Result<bool> {
    let scratch = &job.resources.scratch;
    let (note, fingerprint) = (scratch.join("job"), job.fingerprint());
    let resumed = std::fs::read_to_string(&note).is_ok_and(|found| found == fingerprint);
    let stale = if resumed { job.sorting() } else { scratch.clone() };
    match std::fs::remove_dir_all(&stale) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Error::io(&stale)(error));
        }
        _ => {}
    }
    std::fs::create_dir_all(job.sorting()).map_err(Error::io(scratch))?;
    let partial = scratch.join("job.partial");
    std::fs::write(&partial, &fingerprint).map_err(Error::io(&partial))?;
    std::fs::rename(&partial, &note).map_err(Error::io(&note))?;
    Ok(resumed)
}

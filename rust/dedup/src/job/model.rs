//! What a job asks of its caller, and what it answers.

use std::path::PathBuf;

use gamayun_text::DocId;

use super::shingles::Shingles;
use crate::{CorpusError, Evidence, Result};

/// A document's place in the order of survivors; the smaller is preferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Preference(pub [u64; 6]);

/// What decides about a candidate document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The document's id, which no other has; it orders documents of equal preference.
    pub id: DocId,
    /// Its place in the order of survivors.
    pub preference: Preference,
    /// The document passed the rules; others never survive.
    pub passed: bool,
    /// It was kept by an earlier run: it stays, whatever it matches, and comes before all others.
    pub pinned: bool,
    /// What its user calls it.
    pub name: Box<str>,
}

/// A candidate document that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its row in the part.
    pub row: u64,
    /// Its shingles are needed.
    pub set: bool,
}

/// Documents that can be read again, in parts that are numbered as the band files are.
pub trait Documents: Sync {
    /// How many parts, from the first on, are new. The others hold documents of earlier runs: those are candidates only
    /// where they share a key with a new document, and are neither joined nor read for one another's sake.
    fn new_parts(&self) -> usize {
        usize::MAX
    }

    /// Calls `f` once for each wanted row, whose rows ascend, in that order: its facts, and where asked for its shingles, else
    /// none.
    ///
    /// Parts are read on several threads. An error of `f` is returned as it is, boxed.
    fn candidates(
        &self,
        part: usize,
        wanted: &[Wanted],
        f: &mut dyn FnMut(Facts, Shingles) -> Result<()>,
    ) -> std::result::Result<(), CorpusError>;
}

/// What was found out about one candidate document.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The document's row through all parts.
    pub document: u64,
    /// The id that its cluster is named after: that of the kept document, or of the most preferred one if none passed.
    pub cluster: DocId,
    /// Documents in the cluster, those included that did not pass the rules.
    pub size: u64,
    /// The document that is kept of the cluster, perhaps this one; none if none passed the rules.
    pub kept: Option<Kept>,
    /// Why it belongs there.
    pub evidence: Evidence,
}

/// The document that is kept of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its row through all parts.
    pub document: u64,
    /// Its id.
    pub id: DocId,
    /// What its user calls it.
    pub name: Box<str>,
    /// It was kept by an earlier run.
    pub pinned: bool,
}

/// What a job may use.
#[derive(Clone, Debug)]
pub struct Resources {
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory, beside what the caller's [`Documents`] hold while they are read.
    pub memory: u64,
    /// A folder of its own for what does not fit, made if it is not there. A job that was stopped finds here what it had
    /// finished, if band files, parameters, eligible documents and resources are those it had; the caller sees to it
    /// that the facts are those too, or removes the folder.
    pub scratch: PathBuf,
}

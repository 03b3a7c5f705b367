//! Where the texts of candidate documents come from.

use gamayun_text::shingle::{ShingleScratch, shingles};
use rayon::prelude::*;

use crate::{DedupParams, sorted_set};

/// Why a corpus could not be read; the caller knows its own error.
pub type CorpusError = Box<dyn std::error::Error + Send + Sync>;

/// Texts that can be read again, as sets of shingles.
pub trait Corpus {
    /// Gives the shingles of each of these documents, whose indices ascend, to `f` in any order: the place in
    /// `documents`, and the shingles with their length as in the parameters, sorted and without repeats
    /// ([`sorted_set`]).
    ///
    /// It is called a few times, for disjoint documents, and never for more than the limit on memory allows.
    fn shingle_sets(
        &self,
        documents: &[u64],
        f: &mut dyn FnMut(usize, Vec<u64>),
    ) -> Result<(), CorpusError>;
}

/// Texts in memory.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    all: &'a [&'a str],
    shingle: usize,
    threads: usize,
}

impl<'a> Texts<'a> {
    /// Texts whose place is their document index, split into words on so many threads.
    #[must_use]
    pub fn new(texts: &'a [&'a str], params: &DedupParams, threads: usize) -> Self {
        Self { all: texts, shingle: params.shingle(), threads }
    }

    fn set(
        &self,
        document: u64,
        scratch: &mut (ShingleScratch, Vec<u64>),
    ) -> Result<Vec<u64>, String> {
        let text = usize::try_from(document).ok().and_then(|index| self.all.get(index));
        let text = text.ok_or_else(|| format!("there is no text {document}"))?;
        shingles(text, self.shingle, &mut scratch.0, &mut scratch.1);
        Ok(sorted_set(scratch.1.clone()))
    }
}

/// Documents that are worked on between two hand-overs.
const WAVE: usize = 4096;

impl Corpus for Texts<'_> {
    fn shingle_sets(
        &self,
        documents: &[u64],
        f: &mut dyn FnMut(usize, Vec<u64>),
    ) -> Result<(), CorpusError> {
        let pool = crate::threads::pool(self.threads)?;
        for (wave, documents) in documents.chunks(WAVE).enumerate() {
            let sets: Vec<_> = pool.install(|| {
                let work = documents.par_iter().with_min_len(16);
                work.map_init(Default::default, |scratch, document| self.set(*document, scratch))
                    .collect()
            });
            for (place, set) in sets.into_iter().enumerate() {
                f(wave * WAVE + place, set?);
            }
        }
        Ok(())
    }
}

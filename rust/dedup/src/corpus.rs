//! Where the texts of candidate documents come from.

use gamayun_text::hash::hash128;
use gamayun_text::shingle::{ShingleScratch, shingles};

use crate::{BandTable, DedupParams, Signer, sorted_set};

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
    texts: &'a [&'a str],
    shingle: usize,
}

impl<'a> Texts<'a> {
    /// Texts whose place is their document index.
    #[must_use]
    pub fn new(texts: &'a [&'a str], params: &DedupParams) -> Self {
        Self { texts, shingle: params.shingle() }
    }
}

impl Corpus for Texts<'_> {
    fn shingle_sets(
        &self,
        documents: &[u64],
        f: &mut dyn FnMut(usize, Vec<u64>),
    ) -> Result<(), CorpusError> {
        let mut scratch = ShingleScratch::default();
        for (place, document) in documents.iter().enumerate() {
            let text = usize::try_from(*document).ok().and_then(|index| self.texts.get(index));
            let text = text.ok_or_else(|| format!("there is no text {document}"))?;
            let mut set = Vec::new();
            shingles(text, self.shingle, &mut scratch, &mut set);
            f(place, sorted_set(set));
        }
        Ok(())
    }
}

/// The band keys of texts.
pub(crate) fn sign_texts(texts: &[&str], params: &DedupParams) -> BandTable {
    let signer = Signer::new(params);
    let (mut scratch, mut found) = (ShingleScratch::default(), Vec::new());
    let (mut signature, mut keys) = (vec![0; signer.values()], vec![0; params.bands()]);
    let mut table = BandTable::new(params);
    for text in texts {
        shingles(text, params.shingle(), &mut scratch, &mut found);
        signer.sign(&found, &mut signature);
        signer.band_keys(&signature, &mut keys);
        table.push(&keys, u32::try_from(found.len()).unwrap_or(u32::MAX), hash128(text.as_bytes()));
    }
    table
}

//! Deduplication of texts that come in batches: the texts are not kept, their shingle sets spill to disk.

use std::path::PathBuf;

use gamayun_text::hash::hash128;
use gamayun_text::shingle::{ShingleScratch, shingles};
use gamayun_text::{Monitor, Progress};
use rayon::prelude::*;

use crate::set_store::SetStore;
use crate::{
    BandTable, Candidate, DedupParams, Error, Limits, Outcome, Result, Signer,
    candidate_components, resolve, sorted_set,
};

/// Takes texts in any number of batches; [`finish`](Self::finish) says of all of them what
/// [`deduplicate`](crate::deduplicate) would.
///
/// Memory: `8 × bands + 36` bytes a text, 64 more at the end, and the shingle sets (8 bytes a word) up to the budget;
/// beyond it they are in a file without a name in the scratch folder, which the system takes back when this ends,
/// however it ends. The check at the end takes the budget again, or what the largest component needs.
///
/// ```
/// use gamayun_dedup::{DedupParams, Deduplicator};
///
/// let mut all = Deduplicator::new(&DedupParams::default(), 2, 256 << 20, std::env::temp_dir());
/// all.add(&["A text that is here twice.", "Another one."], None, &mut ())?;
/// all.add(&["a text that is here TWICE"], None, &mut ())?;
/// let kept: Vec<_> = all.finish(&mut ())?.iter().map(|outcome| outcome.kept).collect();
/// assert_eq!(kept, [Some(0), Some(1), Some(0)]);
/// # Ok::<(), gamayun_dedup::Error>(())
/// ```
#[derive(Debug)]
pub struct Deduplicator {
    params: DedupParams,
    signer: Signer,
    threads: usize,
    memory: u64,
    tables: Vec<BandTable>,
    /// Smaller survives.
    ranks: Vec<u64>,
    sets: SetStore,
}

/// Texts of one task, and of a wave between two reports to the monitor.
const TABLE: usize = 256;
const WAVE: usize = 16 * TABLE;

impl Deduplicator {
    /// `memory` is in bytes; `scratch` is a folder that exists, used once the sets outgrow it.
    #[must_use]
    pub fn new(params: &DedupParams, threads: usize, memory: u64, scratch: PathBuf) -> Self {
        Self {
            params: params.clone(),
            signer: Signer::new(params),
            threads,
            memory,
            tables: Vec::new(),
            ranks: Vec::new(),
            sets: SetStore::new(memory, scratch),
        }
    }

    /// Adds texts (NFC). `order` ranks them among all texts, the least surviving, and the earlier one of equal rank;
    /// without it the rank is the place among all texts.
    ///
    /// # Errors
    /// [`Error::Parameter`] if `order` has another length, before anything is added; the scratch file; the monitor,
    /// after which the texts of some waves are in and the rest are not: begin anew.
    pub fn add(
        &mut self,
        texts: &[&str],
        order: Option<&[u64]>,
        monitor: &mut dyn Monitor,
    ) -> Result<()> {
        let ranks = self.ranks_of(texts.len(), order)?;
        let pool = crate::threads::pool(self.threads)?;
        let mut progress = Progress { total: texts.len() as u64, ..Progress::default() };
        for (wave, ranks) in texts.chunks(WAVE).zip(ranks.chunks(WAVE)) {
            let work =
                wave.par_chunks(TABLE).map(|texts| signed(texts, &self.params, &self.signer));
            let signed: Vec<_> = pool.install(|| work.collect());
            for (table, sets) in signed {
                self.tables.push(table);
                sets.iter().try_for_each(|set| self.sets.push(set))?;
            }
            self.ranks.extend_from_slice(ranks);
            progress.documents += wave.len() as u64;
            progress.bytes += wave.iter().map(|text| text.len() as u64).sum::<u64>();
            monitor.advance(Progress { done: progress.documents, ..progress })?;
        }
        Ok(())
    }

    fn ranks_of(&self, texts: usize, order: Option<&[u64]>) -> Result<Vec<u64>> {
        let first = self.ranks.len() as u64;
        match order {
            None => Ok((first..first + texts as u64).collect()),
            Some(order) if order.len() == texts => Ok(order.to_vec()),
            Some(order) => Err(Error::Parameter {
                parameter: "order",
                found: format!("{} ranks for {texts} texts", order.len()),
                expected: "a rank for each text",
            }),
        }
    }

    /// The outcome of every text, in the order in which they came.
    ///
    /// # Errors
    /// The scratch file; threads that cannot be started; the monitor.
    pub fn finish(&self, monitor: &mut dyn Monitor) -> Result<Vec<Outcome>> {
        let components = candidate_components(&self.tables, &|_| true, self.threads, monitor)?;
        let rank = |document: u64| {
            let known = usize::try_from(document).ok().and_then(|place| self.ranks.get(place));
            known.copied().unwrap_or(document)
        };
        let candidate = |document| Candidate { passed: true, key: rank(document) };
        let memory = components.verification_memory().max(self.memory);
        let limits = Limits { threads: self.threads, memory };
        let found = resolve(&components, &candidate, &self.sets, &self.params, limits, monitor)?;
        let mut found = found.into_iter().peekable();
        let outcome = |document| {
            let known = found.next_if(|outcome| outcome.document == document);
            known.unwrap_or_else(|| Outcome::alone(document, true))
        };
        Ok((0..self.ranks.len() as u64).map(outcome).collect())
    }
}

fn signed(texts: &[&str], params: &DedupParams, signer: &Signer) -> (BandTable, Vec<Vec<u64>>) {
    let (mut scratch, mut found) = (ShingleScratch::default(), Vec::new());
    let (mut signature, mut keys) = (vec![0; signer.values()], vec![0; params.bands()]);
    let mut table = BandTable::new(params);
    let mut sets = Vec::with_capacity(texts.len());
    for text in texts {
        shingles(text, params.shingle(), &mut scratch, &mut found);
        signer.sign(&found, &mut signature);
        signer.band_keys(&signature, &mut keys);
        table.push(&keys, u32::try_from(found.len()).unwrap_or(u32::MAX), hash128(text.as_bytes()));
        sets.push(sorted_set(found.clone()));
    }
    (table, sets)
}

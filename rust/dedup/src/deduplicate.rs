//! Deduplication of texts in memory, in one call.

use gamayun_text::hash::hash128;
use gamayun_text::shingle::{ShingleScratch, shingles};
use gamayun_text::{Monitor, Progress};
use rayon::prelude::*;

use crate::{
    BandTable, Candidate, DedupParams, Limits, Outcome, Result, Signer, Texts,
    candidate_components, resolve,
};

/// Finds what is kept of these texts: one outcome for each, in their order.
///
/// `order` ranks the texts, the least surviving; without it, or without a rank, the first of a cluster survives. The
/// texts are taken to be normalised (NFC). Memory beside the texts: 200 bytes a text and 64 in all for finding
/// candidates, then 8 a word of the candidates, 256 MiB at a time or those of the largest component.
///
/// ```
/// use gamayun_dedup::{DedupParams, deduplicate};
///
/// let texts = ["A text that is here twice.", "Another one.", "a text that is here TWICE"];
/// let outcomes = deduplicate(&texts, None, &DedupParams::default(), 2, &mut ())?;
/// assert_eq!(outcomes.iter().map(|o| o.kept).collect::<Vec<_>>(), [Some(0), Some(1), Some(0)]);
/// # Ok::<(), gamayun_dedup::Error>(())
/// ```
///
/// # Errors
/// Threads that cannot be started; the monitor.
pub fn deduplicate(
    texts: &[&str],
    order: Option<&[u64]>,
    params: &DedupParams,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Outcome>> {
    let tables = sign(texts, params, threads, monitor)?;
    let components = candidate_components(&tables, &|_| true, threads, monitor)?;
    drop(tables);
    let rank = |document: u64| {
        usize::try_from(document)
            .ok()
            .and_then(|index| order?.get(index).copied())
            .unwrap_or(document)
    };
    let candidate = |document| Candidate { passed: true, key: rank(document) };
    let limits = Limits { threads, memory: components.verification_memory().max(256 << 20) };
    let corpus = Texts::new(texts, params, threads);
    let found = resolve(&components, &candidate, &corpus, params, limits, monitor)?;
    let mut found = found.into_iter().peekable();
    let outcome = |document| {
        found
            .next_if(|outcome| outcome.document == document)
            .unwrap_or_else(|| Outcome::alone(document, true))
    };
    Ok((0..texts.len() as u64).map(outcome).collect())
}

/// Texts of one table, and bytes of text between two reports to the monitor.
const TABLE: usize = 512;
const WAVE: usize = 32 << 20;

/// Signs the texts, in tables of a few hundred.
fn sign(
    texts: &[&str],
    params: &DedupParams,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<BandTable>> {
    let pool = crate::threads::pool(threads)?;
    let signer = Signer::new(params);
    let mut tables = Vec::with_capacity(texts.len().div_ceil(TABLE));
    let mut progress = Progress { total: texts.len() as u64, ..Progress::default() };
    let mut rest = texts;
    while !rest.is_empty() {
        let (wave, later) = rest.split_at(wave(rest));
        rest = later;
        let work = wave.par_chunks(TABLE).map(|chunk| sign_table(chunk, params, &signer));
        pool.install(|| tables.par_extend(work));
        progress.documents += wave.len() as u64;
        progress.bytes += wave.iter().map(|text| text.len() as u64).sum::<u64>();
        monitor.advance(Progress { done: progress.documents, ..progress })?;
    }
    Ok(tables)
}

/// How many of the first texts make a wave: whole tables, if there are so many.
fn wave(texts: &[&str]) -> usize {
    let mut bytes = 0;
    let tables = texts.chunks(TABLE).take_while(|chunk| {
        let before = bytes;
        bytes += chunk.iter().map(|text| text.len()).sum::<usize>();
        before < WAVE
    });
    (tables.count() * TABLE).min(texts.len())
}

fn sign_table(texts: &[&str], params: &DedupParams, signer: &Signer) -> BandTable {
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

//! Deduplication of texts in memory, in one call.

use gamayun_text::Monitor;

use crate::corpus::sign_texts;
use crate::{
    Candidate, DedupParams, Evidence, Limits, Outcome, Result, Texts, candidate_components, resolve,
};

/// Finds what is kept of these texts: one outcome for each, in their order.
///
/// `order` ranks the texts, the least surviving; without it the first of a cluster survives. The texts are taken to be
/// normalised (NFC).
///
/// # Errors
/// Threads that cannot be started; the monitor.
///
/// # Panics
/// Never; a rank that is missing counts as the last.
pub fn deduplicate(
    texts: &[&str],
    order: Option<&[u64]>,
    params: &DedupParams,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Outcome>> {
    let table = sign_texts(texts, params);
    let components = candidate_components(&[table], &|_| true, threads, monitor)?;
    let rank = |document: u64| match (order, usize::try_from(document)) {
        (Some(order), Ok(index)) => order.get(index).copied().unwrap_or(u64::MAX),
        _ => document,
    };
    let candidate = |document| Candidate { passed: true, key: rank(document) };
    let limits = Limits { threads, memory: u64::MAX };
    let found =
        resolve(&components, &candidate, &Texts::new(texts, params), params, limits, monitor)?;
    let mut found = found.into_iter().peekable();
    let outcome =
        |document| found.next_if(|outcome| outcome.document == document).unwrap_or(alone(document));
    Ok((0..texts.len() as u64).map(outcome).collect())
}

fn alone(document: u64) -> Outcome {
    Outcome {
        document,
        cluster: document,
        size: 1,
        kept: Some(document),
        evidence: Evidence::Alone,
    }
}

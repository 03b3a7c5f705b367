//! The order in which an epoch sees the examples: of a hash of text and labels, not of their places in the input.

use gamayun_text::hash::{hash64_seeded, mix64};

use super::examples::Example;

/// Hashes of the examples; copies of one example share one, and it does not matter which of them comes first.
pub(super) fn hashes(examples: &[Example<'_>], label_order: &[u32]) -> Vec<u64> {
    let hash = |example: &Example<'_>| {
        let labels = example.labels.iter().map(|&label| u64::from(label_order[label as usize]));
        labels.fold(hash64_seeded(example.text.as_bytes(), 0), mix64)
    };
    examples.iter().map(hash).collect()
}

/// The numbers of the examples in the order of an epoch.
pub(super) fn of_epoch(hashes: &[u64], seed: u64, epoch: u32) -> Vec<usize> {
    let seed = mix64(u64::from(epoch), seed);
    let mut order: Vec<(u64, u64, usize)> =
        hashes.iter().enumerate().map(|(i, &hash)| (mix64(hash, seed), hash, i)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, _, i)| i).collect()
}

//! Sets of shingles as sorted slices, and their Jaccard.

/// Sorts the shingles and leaves each once.
#[must_use]
pub fn sorted_set(mut shingles: Vec<u64>) -> Vec<u64> {
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

/// Shared over all shingles, of two sorted slices without repeats; 0 when both are empty, since documents without words
/// are alike in nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a document has fewer than 2^52 shingles")]
pub fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let shared = shared(a, b);
    let all = a.len() + b.len() - shared;
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

/// Their Jaccard if it reaches the threshold; sets of too different sizes are told apart without a look inside.
#[expect(clippy::cast_precision_loss, reason = "a document has fewer than 2^52 shingles")]
pub(crate) fn jaccard_from(a: &[u64], b: &[u64], threshold: f64) -> Option<f64> {
    let (less, more) = (a.len().min(b.len()), a.len().max(b.len()));
    if (less as f64) < threshold * more as f64 - 1e-6 {
        return None;
    }
    Some(jaccard(a, b)).filter(|value| *value >= threshold)
}

/// One step forward in either or both, without a branch that the data decide.
fn shared(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        count += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    count
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sets_without_shingles_are_alike_in_nothing() {
        assert!(jaccard(&[], &[]).abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        fn jaccard_is_that_of_sets(a in prop::collection::vec(0u64..50, 1..60), b in prop::collection::vec(0u64..50, 1..60)) {
            let (x, y): (BTreeSet<_>, BTreeSet<_>) = (a.iter().collect(), b.iter().collect());
            let expected = x.intersection(&y).count() as f64 / x.union(&y).count() as f64;
            let (a, b) = (sorted_set(a), sorted_set(b));
            prop_assert!((jaccard(&a, &b) - expected).abs() < 1e-15);
            for threshold in [0.1, 0.5, 0.8, expected.max(0.01), 1.0] {
                prop_assert_eq!(jaccard_from(&a, &b, threshold).is_some(), expected >= threshold);
            }
        }
    }
}

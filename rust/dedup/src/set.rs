//! Sets of shingles as sorted slices, their Jaccard and their containment.

use crate::set_maker::SetMaker;
pub(crate) use crate::shared::shared;

/// Sorts the shingles and leaves each once; see [`sorted_set_of`].
#[must_use]
pub fn sorted_set(shingles: Vec<u64>) -> Vec<u64> {
    SetMaker::default().of_owned(shingles)
}

/// The shingles sorted, each once.
///
/// Shingles are uniform, so one pass by their top bits puts almost every one into its place; other numbers are sorted
/// all the same, by comparison where that is the better way.
#[must_use]
pub fn sorted_set_of(shingles: &[u64]) -> Vec<u64> {
    SetMaker::default().of(shingles)
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

/// Shared over those of the slice with fewer, of two sorted slices without repeats: 1 when one text lies within the
/// other; 0 when either is empty.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a document has fewer than 2^52 shingles")]
pub fn containment(a: &[u64], b: &[u64]) -> f64 {
    let fewer = a.len().min(b.len());
    if fewer == 0 { 0.0 } else { shared(a, b) as f64 / fewer as f64 }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sets_without_shingles_are_alike_in_nothing() {
        assert!(jaccard(&[], &[]).abs() < f64::EPSILON);
        assert!(containment(&[], &[]).abs() < f64::EPSILON);
        assert!(containment(&[1, 2], &[]).abs() < f64::EPSILON);
    }

    #[test]
    fn a_part_is_contained_in_the_whole_whichever_comes_first() {
        let (part, whole) = ([2, 4, 6, 8], [1, 2, 3, 4, 5, 6, 7]);
        assert!((containment(&part, &whole) - 0.75).abs() < 1e-15);
        assert!((containment(&whole, &part) - 0.75).abs() < 1e-15);
        assert!((containment(&part[..3], &whole) - 1.0).abs() < 1e-15);
    }

    /// Uniform values, values that share their top bits, repeated ones, and mixtures of them.
    fn values() -> impl Strategy<Value = Vec<u64>> {
        let value = prop_oneof![
            6 => any::<u64>(),
            2 => (0u64..9).prop_map(|n| n << 61),
            1 => 0u64..100,
            1 => Just(u64::MAX),
        ];
        prop_oneof![
            prop::collection::vec(any::<u64>(), 0..700),
            prop::collection::vec(value, 0..700),
            prop::collection::vec(0u64..40, 0..200),
        ]
    }

    proptest! {
        #[test]
        fn sorted_sets_are_those_of_a_tree(values in values()) {
            let expected: Vec<u64> = values.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
            prop_assert_eq!(&sorted_set_of(&values), &expected);
            prop_assert_eq!(sorted_set(values), expected);
        }

        #[test]
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        fn jaccard_is_that_of_sets(a in prop::collection::vec(0u64..50, 1..60), b in prop::collection::vec(0u64..50, 1..60)) {
            let (x, y): (BTreeSet<_>, BTreeSet<_>) = (a.iter().collect(), b.iter().collect());
            let expected = x.intersection(&y).count() as f64 / x.union(&y).count() as f64;
            let within = x.intersection(&y).count() as f64 / x.len().min(y.len()) as f64;
            let (a, b) = (sorted_set(a), sorted_set(b));
            prop_assert!((jaccard(&a, &b) - expected).abs() < 1e-15);
            prop_assert!((containment(&a, &b) - within).abs() < 1e-15);
            for threshold in [0.1, 0.5, 0.8, expected.max(0.01), 1.0] {
                prop_assert_eq!(jaccard_from(&a, &b, threshold).is_some(), expected >= threshold);
            }
        }
    }
}

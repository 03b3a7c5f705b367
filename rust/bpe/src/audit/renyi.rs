//! Rényi entropy of how often tokens occur.

/// Entropy of order `alpha` of a distribution given by counts, in nats: ln(Σ pᵅ) / (1 − α); that of Shannon for α = 1.
///
/// Divided by the logarithm of the vocabulary's size it is the efficiency of Zouhar et al. 2023 (arXiv 2306.16842), who
/// use α = 2.5. 0 without counts.
#[must_use]
pub fn renyi_entropy(counts: impl Iterator<Item = u64> + Clone, alpha: f64) -> f64 {
    let total: u64 = counts.clone().sum();
    if total == 0 {
        return 0.0;
    }
    let shares = counts.filter(|&count| count > 0).map(|count| float(count) / float(total));
    if (alpha - 1.0).abs() < f64::EPSILON {
        return -shares.map(|share| share * share.ln()).sum::<f64>();
    }
    (shares.map(|share| share.powf(alpha)).sum::<f64>().ln() / (1.0 - alpha)).max(0.0)
}

#[expect(clippy::cast_precision_loss, reason = "a share is shown with a few digits")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_shares_have_the_logarithm_of_their_number() {
        for alpha in [0.5, 1.0, 2.5] {
            let entropy = renyi_entropy([3, 0, 3, 3, 3].into_iter(), alpha);
            assert!((entropy - 4f64.ln()).abs() < 1e-12);
        }
        assert!(renyi_entropy([7].into_iter(), 2.5).abs() < 1e-12);
        assert!(renyi_entropy([].into_iter(), 2.5).abs() < 1e-12);
    }

    proptest! {
        /// The collision entropy (order 2) is that of two draws being equal.
        #[test]
        fn of_order_two_is_about_pairs(counts in prop::collection::vec(0u64..20, 1..12)) {
            let total: u64 = counts.iter().sum();
            prop_assume!(total > 0);
            let equal: u64 = counts.iter().map(|&c| c * c).sum();
            let slow = -(float(equal) / float(total * total)).ln();
            prop_assert!((renyi_entropy(counts.into_iter(), 2.0) - slow).abs() < 1e-9);
        }

        /// It falls as the order rises, and lies between 0 and the logarithm of the number of outcomes.
        #[test]
        fn falls_with_the_order(counts in prop::collection::vec(1u64..1000, 1..12)) {
            let at = |alpha| renyi_entropy(counts.iter().copied(), alpha);
            let (low, shannon, high) = (at(0.5), at(1.0), at(2.5));
            prop_assert!(low + 1e-9 >= shannon && shannon + 1e-9 >= high && high >= 0.0);
            prop_assert!(low <= float(counts.len() as u64).ln() + 1e-9);
        }
    }
}

//! How well scores tell good documents from bad ones, and how far they can be taken for probabilities.

use serde::Serialize;

use crate::buckets::limits;

/// Bins of the calibration error.
const BINS: usize = 15;
/// Parts of equal bytes.
const VIGINTILES: u32 = 20;
/// Scores are kept this far from 0 and 1 before their logarithms are taken.
const EDGE: f64 = 1e-6;

/// A scored document whose label is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    pub(crate) score: f64,
    pub(crate) good: bool,
    pub(crate) bytes: u64,
}

/// From scores to probabilities: `1 / (1 + exp(−(slope · logit + shift)))` (Platt 1999).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Above 1 sharpens, below 1 softens.
    pub slope: f64,
    /// Raises all probabilities, or lowers them.
    pub shift: f64,
}

/// What was found on documents that training did not see.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Documents scored.
    pub documents: u64,
    /// Good ones among them.
    pub good: u64,
    /// Of their texts.
    pub bytes: u64,
    /// Of the documents with a score of 0.5 or more, the share that is good; none if there is none.
    pub precision: Option<f64>,
    /// Of the good documents the share with a score of 0.5 or more.
    pub recall: Option<f64>,
    /// The harmonic mean of both.
    pub f1: Option<f64>,
    /// The share told right.
    pub accuracy: Option<f64>,
    /// The chance that a good document has a higher score than a bad one, ties counted as half.
    pub auc: Option<f64>,
    /// Expected calibration error of the scores, in 15 bins.
    pub calibration_error: Option<f64>,
    /// That of calibrated scores, on the half of the documents that the calibration did not see.
    pub calibrated_error: Option<f64>,
    /// Least scores of the 2nd to the 20th part of equal bytes.
    pub vigintiles: Vec<f64>,
    /// The share of good documents in each part of equal bytes, from the worst.
    pub good_by_vigintile: Vec<f64>,
}

impl Calibration {
    /// A score as a probability.
    #[must_use]
    pub fn of(&self, score: f64) -> f64 {
        sigmoid(self.slope * logit(score) + self.shift)
    }

    /// The most likely slope and shift, by Newton's method; labels are softened as Platt has it, so that they exist.
    pub(crate) fn fit(judged: &[Judged]) -> Self {
        let good = count(judged.iter().filter(|one| one.good).count());
        let bad = count(judged.len()) - good;
        let (high, low) = ((good + 1.0) / (good + 2.0), 1.0 / (bad + 2.0));
        let mut found = Self { slope: 1.0, shift: 0.0 };
        for _ in 0..100 {
            let (mut gradient, mut curve) = ([0.0; 2], [1e-9, 0.0, 1e-9]);
            for one in judged {
                let (x, p) = (logit(one.score), found.of(one.score));
                let (error, weight) = (p - if one.good { high } else { low }, p * (1.0 - p));
                gradient = [gradient[0] + error * x, gradient[1] + error];
                curve = [curve[0] + weight * x * x, curve[1] + weight * x, curve[2] + weight];
            }
            let det = curve[0] * curve[2] - curve[1] * curve[1];
            if det.abs() < 1e-12 {
                break;
            }
            let step = [
                (curve[2] * gradient[0] - curve[1] * gradient[1]) / det,
                (curve[0] * gradient[1] - curve[1] * gradient[0]) / det,
            ];
            // A step may overshoot where scores are all but certain.
            let length = step[0].hypot(step[1]);
            let share = if length > 1.0 { 1.0 / length } else { 1.0 };
            found.slope -= share * step[0];
            found.shift -= share * step[1];
            if length < 1e-9 {
                break;
            }
        }
        found
    }
}

impl Evaluation {
    /// Of documents in an order that does not depend on the run: sums follow it. Every other one fits the calibration
    /// whose error is told.
    pub(crate) fn of(judged: &[Judged]) -> Self {
        let good = judged.iter().filter(|one| one.good).count();
        let chosen = judged.iter().filter(|one| one.score >= 0.5).count();
        let both = judged.iter().filter(|one| one.good && one.score >= 0.5).count();
        let right = judged.len() + 2 * both - good - chosen;
        let half = |odd| judged.iter().skip(odd).step_by(2).copied().collect::<Vec<_>>();
        let calibration = Calibration::fit(&half(0));
        let calibrated = half(1).into_iter();
        let calibrated: Vec<_> =
            calibrated.map(|one| Judged { score: calibration.of(one.score), ..one }).collect();
        let scores = judged.iter().map(|one| (one.score, one.bytes)).collect();
        let vigintiles = limits(scores, VIGINTILES);
        Self {
            documents: judged.len() as u64,
            good: good as u64,
            bytes: judged.iter().map(|one| one.bytes).sum(),
            precision: share(both, chosen),
            recall: share(both, good),
            f1: share(2 * both, chosen + good),
            accuracy: share(right, judged.len()),
            auc: auc(judged),
            calibration_error: calibration_error(judged),
            calibrated_error: calibration_error(&calibrated),
            good_by_vigintile: good_by_part(judged, &vigintiles),
            vigintiles,
        }
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| count(part) / count(whole))
}

#[expect(clippy::cast_precision_loss, reason = "documents in memory are far below 2^52")]
fn count(n: usize) -> f64 {
    n as f64
}

fn logit(score: f64) -> f64 {
    let score = score.clamp(EDGE, 1.0 - EDGE);
    (score / (1.0 - score)).ln()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// By ranks (Mann and Whitney 1947).
fn auc(judged: &[Judged]) -> Option<f64> {
    let mut sorted: Vec<(f64, bool)> = judged.iter().map(|one| (one.score, one.good)).collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins) = (0.0, 0.0);
    for ties in sorted.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let good = count(ties.iter().filter(|tie| tie.1).count());
        let bad = count(ties.len()) - good;
        wins += good * (below + bad / 2.0);
        below += bad;
    }
    let good = count(judged.len()) - below;
    (good > 0.0 && below > 0.0).then(|| wins / (good * below))
}

/// The mean distance of score and share of good documents over bins of scores (Guo et al. 2017).
fn calibration_error(judged: &[Judged]) -> Option<f64> {
    let mut bins = [(0_usize, 0.0, 0_usize); BINS];
    for one in judged {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the number of a bin"
        )]
        let bin = &mut bins[((one.score * count(BINS)) as usize).min(BINS - 1)];
        *bin = (bin.0 + 1, bin.1 + one.score, bin.2 + usize::from(one.good));
    }
    let distance: f64 = bins.iter().map(|(_, scores, good)| (scores - count(*good)).abs()).sum();
    (!judged.is_empty()).then(|| distance / count(judged.len()))
}

fn good_by_part(judged: &[Judged], limits: &[f64]) -> Vec<f64> {
    let mut parts = vec![(0_usize, 0_usize); limits.len() + 1];
    for one in judged {
        let part = &mut parts[limits.partition_point(|&limit| limit < one.score)];
        *part = (part.0 + usize::from(one.good), part.1 + 1);
    }
    parts.into_iter().map(|(good, all)| share(good, all).unwrap_or(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use gamayun_text::hash::mix64;
    use proptest::prelude::*;

    use super::*;

    fn judged(pairs: &[(f64, bool)]) -> Vec<Judged> {
        pairs.iter().map(|&(score, good)| Judged { score, good, bytes: 10 }).collect()
    }

    #[test]
    fn shares_are_those_of_the_definitions() {
        let found = Evaluation::of(&judged(&[
            (0.9, true),
            (0.8, false),
            (0.6, true),
            (0.4, true),
            (0.2, false),
            (0.1, false),
        ]));
        let close = |value: Option<f64>, expected: f64| (value.unwrap() - expected).abs() < 1e-12;
        assert!(close(found.precision, 2.0 / 3.0) && close(found.recall, 2.0 / 3.0));
        assert!(close(found.f1, 2.0 / 3.0) && close(found.accuracy, 4.0 / 6.0));
        // Of nine pairs the good document wins 0.9: 3, 0.6: 2, 0.4: 2.
        assert!(close(found.auc, 7.0 / 9.0));
        assert_eq!(Evaluation::of(&[]).auc, None);
    }

    #[test]
    fn calibration_finds_how_scores_were_bent() {
        // Good with probability p, but the score says sigmoid(3 · logit(p) + 1).
        let mut all = Vec::new();
        for n in 0..20_000_u64 {
            let p = f64::from(u32::try_from(mix64(n, 1) >> 32).unwrap()) / f64::from(u32::MAX);
            let draw = f64::from(u32::try_from(mix64(n, 2) >> 32).unwrap()) / f64::from(u32::MAX);
            let score = sigmoid(3.0 * logit(p.clamp(0.02, 0.98)) + 1.0);
            all.push(Judged { score, good: draw < p, bytes: 1 });
        }
        let found = Calibration::fit(&all);
        assert!((found.slope - 1.0 / 3.0).abs() < 0.02, "{found:?}");
        assert!((found.shift + 1.0 / 3.0).abs() < 0.05, "{found:?}");
        let evaluation = Evaluation::of(&all);
        assert!(evaluation.calibration_error.unwrap() > 0.1);
        assert!(evaluation.calibrated_error.unwrap() < 0.02);
    }

    proptest! {
        #[test]
        fn auc_is_the_share_of_pairs(
            pairs in prop::collection::vec((0_u8..6, any::<bool>()), 0..40),
        ) {
            let all = judged(&pairs.iter().map(|&(s, g)| (f64::from(s) / 5.0, g)).collect::<Vec<_>>());
            let (mut wins, mut n) = (0.0, 0.0);
            for good in all.iter().filter(|one| one.good) {
                for bad in all.iter().filter(|one| !one.good) {
                    n += 1.0;
                    wins += match good.score.total_cmp(&bad.score) {
                        std::cmp::Ordering::Greater => 1.0,
                        std::cmp::Ordering::Equal => 0.5,
                        std::cmp::Ordering::Less => 0.0,
                    };
                }
            }
            let found = Evaluation::of(&all);
            prop_assert_eq!(found.auc.is_some(), n > 0.0);
            if let Some(auc) = found.auc {
                prop_assert!((auc - wins / n).abs() < 1e-12);
            }
            prop_assert!(found.good_by_vigintile.len() == found.vigintiles.len() + 1);
        }
    }
}

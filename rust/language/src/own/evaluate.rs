//! How right a model is on texts with labels.

use std::collections::BTreeMap;

use crate::model::{Model, Scratch};

/// Bins of the calibration error.
const BINS: usize = 15;

/// The answers of a model to texts with labels, counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Texts by (right label, answer); texts without any known feature are answered `und`.
    pub answers: BTreeMap<(String, String), u64>,
    /// Texts whose answer was in doubt between two confusable labels.
    pub doubted: u64,
    /// Of those, the ones whose answer was wrong.
    pub doubted_wrong: u64,
    /// Texts, right answers and the sum of probabilities in equal bins of the probability of the answer.
    pub bins: [(u64, u64, f64); BINS],
}

/// Asks the model for the language of each text; `name` turns labels and answers into the names that are compared.
pub fn evaluate<'a>(
    model: &Model,
    texts: impl Iterator<Item = (&'a str, &'a str)>,
    name: impl Fn(&str) -> String,
) -> Evaluation {
    let mut all = Evaluation::default();
    let (mut scratch, mut scores) = (Scratch::default(), Vec::new());
    for (label, text) in texts {
        model.predict(text, 2, &mut scratch, &mut scores);
        let answer = scores.first().map_or("und", |score| model.label(score.label));
        let probability = scores.first().map_or(0.0, |score| f64::from(score.probability).min(1.0));
        let (label, answer) = (name(label), name(answer));
        let right = label == answer;
        if model.doubt(&scores).is_some() {
            all.doubted += 1;
            all.doubted_wrong += u64::from(!right);
        }
        let bin = &mut all.bins[bin(probability)];
        *bin = (bin.0 + 1, bin.1 + u64::from(right), bin.2 + probability);
        *all.answers.entry((label, answer)).or_default() += 1;
    }
    all
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to 1 times a small number"
)]
fn bin(probability: f64) -> usize {
    ((probability * 15.0) as usize).min(BINS - 1)
}

impl Evaluation {
    /// Texts.
    #[must_use]
    pub fn texts(&self) -> u64 {
        self.answers.values().sum()
    }

    /// The share of texts of these labels that were answered rightly.
    #[must_use]
    pub fn accuracy(&self, targets: &[String]) -> f64 {
        let inside = |(label, _): &(String, String)| targets.contains(label);
        let right = self.count(|key| inside(key) && key.0 == key.1);
        share(right, self.count(inside))
    }

    /// F1 of each of these labels that occurs.
    #[must_use]
    pub fn f1(&self, targets: &[String]) -> BTreeMap<String, f64> {
        let mut f1 = BTreeMap::new();
        for target in targets {
            let there = self.count(|(label, _)| label == target);
            let said = self.count(|(_, answer)| answer == target);
            let right = self.count(|(label, answer)| label == target && answer == target);
            if there > 0 {
                f1.insert(target.clone(), 2.0 * share(right, there + said));
            }
        }
        f1
    }

    /// The share of texts of other labels that were answered with one of these.
    #[must_use]
    pub fn leak(&self, targets: &[String]) -> f64 {
        let outside = |(label, _): &(String, String)| !targets.contains(label);
        let leaked = self.count(|key| outside(key) && targets.contains(&key.1));
        share(leaked, self.count(outside))
    }

    /// Expected calibration error: the mean distance of probability and accuracy over equal bins (Naeini et al. 2015).
    #[must_use]
    pub fn calibration_error(&self) -> f64 {
        let off = |&(_, right, sum): &(u64, u64, f64)| (number(right) - sum).abs();
        self.bins.iter().map(off).sum::<f64>() / number(self.texts().max(1))
    }

    fn count(&self, wanted: impl Fn(&(String, String)) -> bool) -> u64 {
        self.answers.iter().filter(|(key, _)| wanted(key)).map(|(_, n)| n).sum()
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

#[expect(clippy::cast_precision_loss, reason = "a count of texts")]
fn number(n: u64) -> f64 {
    n as f64
}

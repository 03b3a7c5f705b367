//! What is learnt from: crops of texts, drawn by a seed, so that words, sentences and paragraphs are all seen.

use super::draws::Draws;
use super::texts::Texts;

/// A text is cut with this probability.
const CUT: f64 = 0.45;
/// Texts of one label are joined with this probability.
const JOINED: f64 = 0.12;
/// Texts joined at most.
const JOIN: usize = 6;

/// Draws labels in proportion to their texts to a power, and texts of them evenly.
#[derive(Debug)]
pub(crate) struct Samples<'a> {
    texts: &'a Texts,
    draws: Draws,
    /// The shares of the labels, added up.
    reach: Vec<f64>,
}

impl<'a> Samples<'a> {
    #[expect(clippy::cast_precision_loss, reason = "a count of texts")]
    pub(crate) fn new(texts: &'a Texts, balance: f64, seed: u64) -> Self {
        let mut reach: Vec<f64> = Vec::with_capacity(texts.labels.len());
        for label in 0..texts.labels.len() {
            let n = texts.of_label(label).len() as f64;
            let share = if n > 0.0 { n.powf(balance) } else { 0.0 };
            reach.push(reach.last().unwrap_or(&0.0) + share);
        }
        Self { texts, draws: Draws::new(seed), reach }
    }

    /// Puts the units of the next sample into `units` and returns its label.
    pub(crate) fn next(&mut self, units: &mut Vec<u32>) -> usize {
        units.clear();
        let at = self.draws.share() * self.reach.last().unwrap_or(&0.0);
        let label = self.reach.partition_point(|&reach| reach <= at).min(self.reach.len() - 1);
        let range = self.texts.of_label(label);
        if range.is_empty() {
            return label;
        }
        let times = if self.draws.share() < JOINED { 2 + self.draws.below(JOIN - 1) } else { 1 };
        for _ in 0..times {
            units.extend_from_slice(self.texts.text(range.start + self.draws.below(range.len())));
        }
        if times == 1 && self.draws.share() < CUT {
            let length = 1 + self.draws.below(units.len());
            let start = self.draws.below(units.len() - length + 1);
            units.truncate(start + length);
            units.drain(..start);
        }
        label
    }
}

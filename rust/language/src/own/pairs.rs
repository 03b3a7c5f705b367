//! Pairs of languages that are easily taken for each other, and how clearly one must win to be believed.

use crate::model::Score;

/// Two labels and the margin between their probabilities under which the answer is in doubt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The label of smaller number.
    pub first: u32,
    /// The label of greater number.
    pub second: u32,
    /// Under this the answer is in doubt.
    pub margin: f32,
}

/// The pairs of a model in ascending order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pairs(Vec<Pair>);

impl Pairs {
    pub(crate) fn new(mut pairs: Vec<Pair>) -> Self {
        pairs.sort_by_key(|pair| (pair.first, pair.second));
        Self(pairs)
    }

    pub(crate) fn all(&self) -> &[Pair] {
        &self.0
    }

    /// The pair of the two best scores, if it is one and the margin between them is small.
    pub(crate) fn doubt(&self, scores: &[Score]) -> Option<Pair> {
        let [one, two, ..] = scores else { return None };
        let key = (one.label.min(two.label), one.label.max(two.label));
        let at = self.0.binary_search_by_key(&key, |pair| (pair.first, pair.second)).ok()?;
        Some(self.0[at]).filter(|pair| one.probability - two.probability < pair.margin)
    }
}

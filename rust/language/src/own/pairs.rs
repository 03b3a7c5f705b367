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

    /// The likeliest label that the best of `scores` is confusable with, and how far it is behind; if it is none of
    /// them it is as far behind as can be. Without such labels nothing.
    pub(crate) fn margin(&self, scores: &[Score]) -> Option<(Option<u32>, f32)> {
        let best = scores.first()?;
        let other = |pair: &Pair| match best.label {
            label if label == pair.first => Some(pair.second),
            label if label == pair.second => Some(pair.first),
            _ => None,
        };
        let rivals: Vec<u32> = self.0.iter().filter_map(other).collect();
        let next = scores[1..].iter().find(|score| rivals.contains(&score.label));
        let margin = best.probability - next.map_or(0.0, |next| next.probability);
        (!rivals.is_empty()).then_some((next.map(|next| next.label), margin))
    }

    /// The pair of the two best scores, if it is one and the margin between them is small.
    pub(crate) fn doubt(&self, scores: &[Score]) -> Option<Pair> {
        let [one, two, ..] = scores else { return None };
        let key = (one.label.min(two.label), one.label.max(two.label));
        let at = self.0.binary_search_by_key(&key, |pair| (pair.first, pair.second)).ok()?;
        Some(self.0[at]).filter(|pair| one.probability - two.probability < pair.margin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_is_to_the_likeliest_confusable_label() {
        let pair = |first, second| Pair { first, second, margin: 0.1 };
        let pairs = Pairs::new(vec![pair(1, 4), pair(0, 1)]);
        let scores = |all: &[(u32, f32)]| -> Vec<Score> {
            all.iter().map(|&(label, probability)| Score { label, probability }).collect()
        };
        let told = |all: &[(u32, f32)]| pairs.margin(&scores(all));
        assert_eq!(told(&[(1, 0.5), (2, 0.25), (4, 0.125), (0, 0.0625)]), Some((Some(4), 0.375)));
        assert_eq!(told(&[(4, 0.75), (0, 0.25)]), Some((None, 0.75)));
        assert_eq!(told(&[(2, 0.75), (1, 0.25)]), None);
        assert_eq!(told(&[]), None);
    }
}

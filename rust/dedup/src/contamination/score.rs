//! How much of each item a document contains, from the n-grams that it has.

use super::index::ItemIndex;

/// The least weight of the n-grams that a document must share with an item: three that occur nowhere else.
///
/// A stock phrase can be the whole of a short item; it is no proof, however large its share.
pub(super) const LEAST_WEIGHT: f64 = 3.0;
/// The same for an item by characters, of which a few make no more than a word or an ending.
pub(super) const LEAST_WEIGHT_BY_CHARACTERS: f64 = 6.0;
/// Sums of weights are equal if they differ by no more.
const ROUNDING: f64 = 1e-9;

/// The weights of n-grams once it is known how many documents hold each.
///
/// The weight of an n-gram is `rarity(documents, those with it) × rarity(items, those with it)` with
/// `rarity(n, k) = ln((1 + n) / max(1, k)) / ln(1 + n)`: 1 for one that is found once or never, near 0 for one that
/// nearly all have. What documents share is boiler-plate, what items share is a template; both prove little.
#[derive(Clone, Debug)]
pub struct Scorer<'a> {
    index: &'a ItemIndex,
    weights: Vec<f64>,
    /// The sum of the weights of each item's n-grams.
    totals: Vec<f64>,
}

/// An item that a document contains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ItemMatch {
    /// The place of the item.
    pub item: u32,
    /// The weight of the item's n-grams that the document has, over that of all of them.
    pub score: f64,
    /// The item's n-grams that the document has.
    pub grams: u32,
}

/// Buffers that are kept from one document to the next.
#[derive(Clone, Debug, Default)]
pub struct ScoreScratch {
    sums: Vec<(f64, u32)>,
    touched: Vec<u32>,
}

impl<'a> Scorer<'a> {
    /// Weights over `documents` documents; `frequencies` has for each n-gram how many of them hold it.
    #[must_use]
    pub fn new(index: &'a ItemIndex, documents: u64, frequencies: &[u64]) -> Self {
        let checked = (0..index.items()).filter(|&item| !index.is_too_short(item)).count() as u64;
        let mut weights = Vec::with_capacity(index.grams());
        let mut totals = vec![0.0; index.items()];
        for (gram, &frequency) in (0..).zip(frequencies) {
            let items = index.items_of(gram);
            let weight = rarity(documents, frequency) * rarity(checked, items.len() as u64);
            weights.push(weight);
            for &item in items {
                totals[item as usize] += weight;
            }
        }
        Self { index, weights, totals }
    }

    /// The items that a document with these n-grams contains, best first; of equal scores the first item.
    pub fn matches(&self, hits: &[u32], scratch: &mut ScoreScratch) -> Vec<ItemMatch> {
        let ScoreScratch { sums, touched } = scratch;
        sums.resize(self.totals.len(), (0.0, 0));
        for &gram in hits {
            let weight = self.weights[gram as usize];
            for &item in self.index.items_of(gram) {
                let sum = &mut sums[item as usize];
                if sum.1 == 0 {
                    touched.push(item);
                }
                *sum = (sum.0 + weight, sum.1 + 1);
            }
        }
        let threshold = self.index.params().threshold();
        let mut found = Vec::new();
        for item in touched.drain(..) {
            let (weight, grams) = std::mem::take(&mut sums[item as usize]);
            let total = self.totals[item as usize];
            let by_characters = self.index.is_by_characters(item);
            let least = if by_characters { LEAST_WEIGHT_BY_CHARACTERS } else { LEAST_WEIGHT };
            let enough = weight + ROUNDING >= (threshold * total).max(least);
            if enough {
                found.push(ItemMatch { item, score: (weight / total).min(1.0), grams });
            }
        }
        found.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.item.cmp(&b.item)));
        found
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts, far below 2^52")]
fn rarity(all: u64, holders: u64) -> f64 {
    let all = 1.0 + all.max(1) as f64;
    (all / holders.max(1) as f64).ln() / all.ln()
}

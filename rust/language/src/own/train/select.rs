//! Which features a model keeps: those that tell most about the language, within a group of languages of one script.
//!
//! The score of a feature is Σ n(l) · ln(n(l) / expected n(l)): what its occurrences tell of their labels (Dunning
//! 1993), counted as if labels had texts to the power of the balance. What tells of the script alone counts little, for a
//! few features do that.

use std::collections::BTreeMap;

use super::super::index::Index;
use super::texts::Texts;

/// A feature of fewer occurrences is chance.
const RAREST: u32 = 3;
/// The share of what a feature tells of the group that counts.
const OF_GROUP: f64 = 0.05;

/// The hashes of the best features in ascending order.
pub(crate) fn select(texts: &Texts, most: usize, balance: f64) -> Vec<u32> {
    let counts = Counts::new(texts, balance);
    let mut order: Vec<usize> =
        (0..counts.keys.len()).filter(|&n| counts.seen[n] >= RAREST).collect();
    order.sort_by(|&a, &b| counts.scores[b].total_cmp(&counts.scores[a]).then(a.cmp(&b)));
    order.truncate(most);
    let mut keys: Vec<u32> = order.into_iter().map(|n| counts.keys[n]).collect();
    keys.sort_unstable();
    keys
}

struct Counts {
    keys: Vec<u32>,
    seen: Vec<u32>,
    scores: Vec<f64>,
}

impl Counts {
    fn new(texts: &Texts, balance: f64) -> Self {
        let mut keys = texts.keys.clone();
        keys.sort_unstable();
        keys.dedup();
        let index = Index::new(&keys);
        let places: Vec<u32> = texts.keys.iter().map(|&key| narrow(index.place(key))).collect();
        let per_label: Vec<Vec<(u32, u32)>> = (0..texts.labels.len())
            .map(|label| features_of(texts, label, &places, keys.len()))
            .collect();
        let groups = groups(texts);
        let mut counts = Self { seen: vec![0; keys.len()], scores: vec![0.0; keys.len()], keys };
        counts.score(&per_label, &groups, balance);
        counts
    }

    fn score(&mut self, per_label: &[Vec<(u32, u32)>], groups: &[usize], balance: f64) {
        let sizes: Vec<f64> = per_label.iter().map(|f| total(f).max(1.0)).collect();
        let masses: Vec<f64> = sizes.iter().map(|size| size.powf(balance)).collect();
        let all: f64 = masses.iter().sum();
        let kinds = groups.iter().max().map_or(0, |most| most + 1);
        let (mut in_all, mut apart) = (vec![0.0; self.keys.len()], vec![0.0; self.keys.len()]);
        for group in 0..kinds {
            let members: Vec<usize> = (0..groups.len()).filter(|&l| groups[l] == group).collect();
            let mass: f64 = members.iter().map(|&l| masses[l]).sum();
            let mut here: Vec<f64> = vec![0.0; self.keys.len()];
            for &label in &members {
                let weight = masses[label] / sizes[label];
                for &(feature, n) in &per_label[label] {
                    here[feature as usize] += f64::from(n) * weight;
                    self.seen[feature as usize] = self.seen[feature as usize].saturating_add(n);
                }
            }
            for &label in &members {
                let (weight, share) = (masses[label] / sizes[label], masses[label] / mass);
                for &(feature, n) in &per_label[label] {
                    let n = f64::from(n) * weight;
                    let expected = here[feature as usize] * share;
                    self.scores[feature as usize] += n * (n / expected).ln();
                }
            }
            for (feature, &n) in here.iter().enumerate().filter(|(_, n)| **n > 0.0) {
                in_all[feature] += n;
                apart[feature] += n * (n * all / mass).ln();
            }
        }
        for ((score, apart), n) in self.scores.iter_mut().zip(apart).zip(in_all) {
            *score += if n > 0.0 { OF_GROUP * (apart - n * n.ln()) } else { 0.0 };
        }
    }
}

/// How often each feature occurs in the texts of a label, by feature.
fn features_of(texts: &Texts, label: usize, places: &[u32], features: usize) -> Vec<(u32, u32)> {
    let mut units: Vec<u32> =
        texts.of_label(label).flat_map(|text| texts.text(text)).copied().collect();
    units.sort_unstable();
    let mut counts = vec![0_u32; features];
    let mut touched = Vec::new();
    for same in units.chunk_by(|a, b| a == b) {
        let n = u32::try_from(same.len()).unwrap_or(u32::MAX);
        let unit = same[0] as usize;
        for &place in &places[texts.key_starts[unit]..texts.key_starts[unit + 1]] {
            let count = &mut counts[place as usize];
            if *count == 0 {
                touched.push(place);
            }
            *count = count.saturating_add(n);
        }
    }
    touched.into_iter().map(|place| (place, counts[place as usize])).collect()
}

/// The group of each label: those of the same script.
fn groups(texts: &Texts) -> Vec<usize> {
    let mut names = BTreeMap::new();
    let group = |script: &u32| {
        let next = names.len();
        *names.entry(*script).or_insert(next)
    };
    texts.scripts.iter().map(group).collect()
}

fn total(features: &[(u32, u32)]) -> f64 {
    features.iter().map(|&(_, n)| f64::from(n)).sum()
}

fn narrow(place: Option<usize>) -> u32 {
    place.and_then(|place| u32::try_from(place).ok()).unwrap_or(0) // every key is in the index
}

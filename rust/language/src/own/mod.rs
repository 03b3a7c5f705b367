//! Language models of our own: a sum of small whole numbers over the n-grams of a text, and a linear layer on top.
//!
//! Each feature (`grams`) of each word (`words`) has a row of bytes; the rows of a text are added up in whole numbers,
//! so that sums of words may be kept and added in any order with the same result to the bit. The sum, divided by the
//! square root of the number of rows, goes through a linear layer to one value a label, and through a softmax with a
//! temperature for texts of that length to probabilities.

mod cache;
pub(crate) mod evaluate;
mod file;
mod grams;
mod head;
mod index;
mod pairs;
mod rows;
mod sum;
pub(crate) mod train;
mod words;

pub(crate) use file::MAGIC;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use head::Head;
pub use pairs::Pair;
use pairs::Pairs;
use rows::Rows;
use sum::{Part, Sum};

use crate::cache::{KEY, Key};
use crate::canonical::canonical;
use crate::model::Score;

/// A model of our own.
#[derive(Debug)]
pub(crate) struct Own {
    labels: Vec<String>,
    rows: Rows,
    head: Head,
    pairs: Pairs,
    provenance: String,
    /// Labels that are one language in several scripts.
    families: Vec<Vec<u32>>,
    /// Tells the models of a process apart.
    id: u64,
}

/// Working memory of [`Own::predict`].
#[derive(Debug, Default)]
pub(crate) struct Work {
    cache: cache::Cache,
    word: Vec<char>,
    values: Vec<f32>,
    order: Vec<u32>,
}

impl Own {
    fn new(labels: Vec<String>, rows: Rows, head: Head, pairs: Pairs, provenance: String) -> Self {
        static MODELS: AtomicU64 = AtomicU64::new(1);
        let id = MODELS.fetch_add(1, Ordering::Relaxed);
        let families = families(&labels);
        Self { labels, rows, head, pairs, provenance, families, id }
    }

    pub(crate) fn labels(&self) -> &[String] {
        &self.labels
    }

    pub(crate) fn pairs(&self) -> &Pairs {
        &self.pairs
    }

    pub(crate) fn provenance(&self) -> &str {
        &self.provenance
    }

    /// Puts the `k` most probable labels into `out`, best first; of equals the first in the model's order.
    ///
    /// Labels of one language in several scripts, as `zh-hans` and `zh-hant`, answer with one voice: the likeliest has
    /// the probability of all of them.
    pub(crate) fn predict(&self, text: &str, k: usize, work: &mut Work, out: &mut Vec<Score>) {
        out.clear();
        let mut sum = self.sum(text, work);
        let (total, rows) = sum.total();
        if k == 0 || rows == 0 {
            return;
        }
        self.head.values(total, rows, &mut work.values);
        self.head.probabilities(rows, &mut work.values);
        for family in &self.families {
            unite(family, &mut work.values);
        }
        best(&work.values, k, &mut work.order);
        out.extend(
            work.order
                .iter()
                .map(|&label| Score { label, probability: work.values[label as usize] }),
        );
    }

    /// The rows of a text added up; short chunks by way of those that were kept.
    fn sum(&self, text: &str, work: &mut Work) -> Sum {
        let Work { cache, word: letters, .. } = work;
        cache.serve(self.id);
        let mut sum = Sum::default();
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let key = Key::front(&bytes[at..]);
            let length = key.first_blank();
            if length < KEY {
                if length > 0 {
                    let make = || self.part(&text[at..at + length], letters);
                    sum.add(cache.get(&key.cut(length), make));
                }
                at += length + 1;
            } else {
                let end =
                    bytes[at..].iter().position(|&b| b <= b' ').map_or(bytes.len(), |n| at + n);
                self.add(&text[at..end], letters, &mut sum);
                at = end + 1;
            }
        }
        sum
    }

    /// The rows of a chunk of fewer than [`KEY`] bytes.
    fn part(&self, chunk: &str, word: &mut Vec<char>) -> Part {
        let mut part = Part::default();
        words::each_unit(chunk, word, |unit| {
            grams::each_feature(unit, |key| {
                if let Some(row) = self.rows.get(key) {
                    part.add(row);
                }
            });
        });
        part.close();
        part
    }

    /// Adds the rows of a chunk of any length.
    fn add(&self, chunk: &str, word: &mut Vec<char>, sum: &mut Sum) {
        let mut part = Part::default();
        words::each_unit(chunk, word, |unit| {
            grams::each_feature(unit, |key| {
                if let Some(row) = self.rows.get(key) {
                    part.add(row);
                    if part.rows == Part::ROOM {
                        part.close();
                        sum.add(&std::mem::take(&mut part));
                    }
                }
            });
        });
        part.close();
        sum.add(&part);
    }
}

/// Groups of two or more labels with one canonical name.
fn families(labels: &[String]) -> Vec<Vec<u32>> {
    let mut families: BTreeMap<_, Vec<u32>> = BTreeMap::new();
    for (number, label) in (0..).zip(labels) {
        families.entry(canonical(label)).or_default().push(number);
    }
    families.into_values().filter(|family| family.len() > 1).collect()
}

/// Gives the greatest of the values of a family their sum, and zero to the others.
fn unite(family: &[u32], values: &mut [f32]) {
    let value = |label: &u32| values[*label as usize];
    let total = family.iter().map(value).sum();
    let Some(&first) = family.iter().rev().max_by(|a, b| value(a).total_cmp(&value(b))) else {
        return;
    };
    for &label in family {
        values[label as usize] = 0.0;
    }
    values[first as usize] = total;
}

/// The numbers of the `k` greatest values, greatest first.
fn best(values: &[f32], k: usize, order: &mut Vec<u32>) {
    order.clear();
    for (label, value) in (0..).zip(values) {
        let better = order.partition_point(|&other| values[other as usize] >= *value);
        if better < k {
            order.insert(better, label);
            order.truncate(k);
        }
    }
}

#[cfg(test)]
mod reference;

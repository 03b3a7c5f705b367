//! Language models of our own: a sum of small whole numbers over the n-grams of a text, and a linear layer on top.
//!
//! Each feature (`grams`) of each word (`words`) has a row of bytes; the rows of a text are added up in whole numbers,
//! so that sums of words may be kept and added in any order with the same result to the bit. The sum, divided by the
//! square root of the number of rows, goes through a linear layer to one value a label, and through a softmax with a
//! temperature for texts of that length to probabilities.

mod cache;
pub(crate) mod evaluate;
mod file;
mod front;
mod grams;
mod head;
mod index;
mod kernel;
mod lines;
mod loops;
mod pairs;
mod rows;
mod run;
mod stretches;
mod sum;
pub(crate) mod train;
mod words;

pub(crate) use file::MAGIC;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use front::{FRONT, Front};
use head::Head;
use kernel::Kernel;
use loops::Found;
pub use pairs::Pair;
use pairs::Pairs;
use rows::Rows;
use run::{CLASSES, Run};
use stretches::stretches;
use sum::Sum;

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
    kernel: Kernel,
    /// Long texts are read whole.
    whole: bool,
}

/// Chunks that are looked up in one go, so that their entries come from memory side by side.
const AHEAD: usize = 32;

/// A chunk shorter than a front.
#[derive(Debug)]
struct Short {
    key: cache::Key,
    place: usize,
    start: usize,
    end: usize,
}

/// Working memory of [`Own::predict`].
#[derive(Debug, Default)]
pub(crate) struct Work {
    cache: cache::Cache,
    run: Run,
    found: Found,
    short: Vec<Short>,
    values: Vec<f32>,
    order: Vec<u32>,
}

impl Own {
    fn new(labels: Vec<String>, rows: Rows, head: Head, pairs: Pairs, provenance: String) -> Self {
        static MODELS: AtomicU64 = AtomicU64::new(1);
        let id = MODELS.fetch_add(1, Ordering::Relaxed);
        let families = families(&labels);
        Self {
            labels,
            rows,
            head,
            pairs,
            provenance,
            families,
            id,
            kernel: Kernel::best(),
            whole: false,
        }
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
        self.kernel.values(&self.head, total, rows, &mut work.values);
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

    /// Reads long texts whole, or not.
    pub(crate) fn set_whole(&mut self, whole: bool) {
        self.whole = whole;
    }

    /// The rows of what is read of a text added up.
    fn sum(&self, text: &str, work: &mut Work) -> Sum {
        work.cache.serve(self.id);
        let mut sum = Sum::default();
        stretches(text, self.whole).for_each(|text| self.add(text, work, &mut sum));
        sum
    }

    /// Adds the rows of a text; short chunks by way of those that were kept.
    fn add(&self, text: &str, work: &mut Work, sum: &mut Sum) {
        let mut at = 0;
        while at < text.len() {
            at = self.look_ahead(text, at, work, sum);
            self.add_short(text, work, sum);
        }
    }

    /// Notes the next short chunks from a place on, and adds long ones; returns where it stopped.
    fn look_ahead(&self, text: &str, mut at: usize, work: &mut Work, sum: &mut Sum) -> usize {
        let bytes = text.as_bytes();
        work.short.clear();
        while at < bytes.len() && work.short.len() < AHEAD {
            let mut front = Front::of(&bytes[at..]);
            let length = front.length();
            if length == FRONT {
                let end = at + chunk_length(&bytes[at..]);
                self.add_long(&text[at..end], work, sum);
                at = end + 1;
                continue;
            }
            // What is no letter at either end is part of no feature.
            let (start, end) = front.word(length);
            if end > 0 {
                if start > 0 {
                    front = Front::of(&bytes[at + start..]);
                }
                let key = front.key(end - start);
                let place = work.cache.expect(&key);
                work.short.push(Short { key, place, start: at + start, end: at + end });
            }
            at += length + 1;
        }
        at
    }

    /// Adds the rows of the chunks that were noted.
    fn add_short(&self, text: &str, work: &mut Work, sum: &mut Sum) {
        let Work { cache, run, found, short, .. } = work;
        for short in short {
            sum.add(cache.get(short.place, &short.key, || {
                let chunk = &text[short.start..short.end];
                run.each(chunk, &CLASSES, |run| self.kernel.hash(run, found));
                self.kernel.sum(found, &self.rows)
            }));
        }
    }

    /// Adds the rows of a chunk of any length.
    fn add_long(&self, chunk: &str, work: &mut Work, sum: &mut Sum) {
        let Work { run, found, .. } = work;
        run.each(chunk, &CLASSES, |run| {
            self.kernel.hash(run, found);
            if found.is_full() {
                sum.add(&self.kernel.sum(found, &self.rows));
            }
        });
        sum.add(&self.kernel.sum(found, &self.rows));
    }
}

/// Bytes before the first blank one.
fn chunk_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let length = Front::of(&bytes[at..]).length();
        at += length;
        if length < FRONT || at >= bytes.len() {
            return at.min(bytes.len());
        }
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
        if order.len() == k && order.last().is_some_and(|&last| values[last as usize] >= *value) {
            continue;
        }
        let better = order.partition_point(|&other| values[other as usize] >= *value);
        if better < k {
            order.insert(better, label);
            order.truncate(k);
        }
    }
}

#[cfg(test)]
mod reference;

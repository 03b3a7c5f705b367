//! Texts with their labels, and the rows that stand for each text.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::ScopedJoinHandle;

use crate::buckets::Buckets;
use crate::features::{Features, Work};
use crate::rows::Row;

/// A text and the numbers of its labels.
#[derive(Clone, Copy, Debug)]
pub struct Example<'a> {
    /// One line: a line feed counts as a space.
    pub text: &'a str,
    /// Indices into the names of the labels.
    pub labels: &'a [u32],
}

/// A row of the input matrix, and how often it stands for the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Feature {
    pub(super) row: u32,
    pub(super) times: f32,
}

impl Row for Feature {
    const TIMES: bool = true;

    fn row(self) -> usize {
        self.row as usize
    }

    fn times(self) -> f32 {
        self.times
    }
}

/// The rows of a text in ascending order, each once.
pub(super) fn of_text(features: &Features, text: &str, work: &mut Work, into: &mut Vec<Feature>) {
    into.clear();
    features.rows(text, work);
    work.rows.sort_unstable();
    for run in work.rows.chunk_by(|a, b| a == b) {
        #[expect(clippy::cast_precision_loss, reason = "a count within a text; 2^24 are exact")]
        into.push(Feature { row: run[0], times: run.len() as f32 });
    }
}

/// Which rows stand for any example: only they are trained, and only they take memory.
#[derive(Debug)]
pub(super) struct Seen {
    rows: Buckets,
    count: usize,
}

impl Seen {
    /// Rows in memory.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The place of a row in memory.
    pub(super) fn place(&self, row: u32) -> Option<u32> {
        self.rows.row(row)
    }
}

/// The features of all examples, as far as they fit in memory.
#[derive(Debug)]
pub(super) struct Examples {
    /// None: to be found anew.
    kept: Vec<Option<Vec<Feature>>>,
    pub(super) seen: Seen,
}

impl Examples {
    /// Finds the features of every example on this many threads, and keeps `memory` bytes of them.
    pub(super) fn of(
        features: &Features,
        examples: &[Example<'_>],
        rows: usize,
        memory: u64,
        threads: usize,
    ) -> Self {
        let marks: Vec<AtomicU64> = (0..rows.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        let budget = memory / threads as u64;
        let parts: Vec<Vec<Option<Vec<Feature>>>> = std::thread::scope(|scope| {
            let running: Vec<_> = chunks(examples, threads)
                .map(|part| scope.spawn(|| keep(features, part, budget, &marks)))
                .collect();
            running.into_iter().map(joined).collect()
        });
        let bits: Vec<u64> = marks.into_iter().map(AtomicU64::into_inner).collect();
        let (rows, count) = Buckets::of_bits(bits);
        let mut examples =
            Self { kept: parts.into_iter().flatten().collect(), seen: Seen { rows, count } };
        examples.renumber(threads);
        examples
    }

    /// Puts the places of rows in memory for the rows.
    fn renumber(&mut self, threads: usize) {
        let seen = &self.seen;
        let part = self.kept.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            for part in self.kept.chunks_mut(part) {
                scope.spawn(|| part.iter_mut().flatten().for_each(|kept| seen.renumber(kept)));
            }
        });
    }

    /// The features of an example with the places of their rows, from memory or from its text.
    pub(super) fn features<'a>(
        &'a self,
        number: usize,
        text: &str,
        features: &Features,
        work: &'a mut (Work, Vec<Feature>),
    ) -> &'a [Feature] {
        if let Some(kept) = &self.kept[number] {
            return kept;
        }
        of_text(features, text, &mut work.0, &mut work.1);
        self.seen.renumber(&mut work.1);
        &work.1
    }
}

impl Seen {
    fn renumber(&self, features: &mut [Feature]) {
        for feature in features {
            // Every row of an example was marked.
            feature.row = self.place(feature.row).unwrap_or(0);
        }
    }
}

fn keep(
    features: &Features,
    examples: &[Example<'_>],
    budget: u64,
    marks: &[AtomicU64],
) -> Vec<Option<Vec<Feature>>> {
    let (mut scratch, mut found, mut bytes) = (Work::default(), Vec::new(), 0);
    let one = |example: &Example<'_>| {
        of_text(features, example.text, &mut scratch, &mut found);
        for feature in &found {
            let (word, bit) = (feature.row as usize / 64, 1 << (feature.row % 64));
            if marks[word].load(Ordering::Relaxed) & bit == 0 {
                marks[word].fetch_or(bit, Ordering::Relaxed);
            }
        }
        bytes += size_of_val(found.as_slice()) as u64;
        (bytes <= budget).then(|| found.as_slice().to_vec())
    };
    examples.iter().map(one).collect()
}

/// The examples in `threads` runs.
pub(super) fn chunks<T>(all: &[T], threads: usize) -> std::slice::Chunks<'_, T> {
    all.chunks(all.len().div_ceil(threads).max(1))
}

/// What a thread found; its panic goes on here.
pub(super) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

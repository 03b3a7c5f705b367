//! Components in memory: the candidate rows as bits, numbered by rank, and a forest over their numbers.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Words of bits from one full count to the next; the counts between them fit 32 bits.
const STRIDE: usize = 1 << 20;
/// Edges that are looked up together, so that one does not wait for the other.
const TOGETHER: usize = 64;

/// Rows that are candidates: a bit a row, half a bit more for counts. Marked on several threads.
pub(crate) struct Rows {
    bits: Vec<AtomicU64>,
    /// Marks before each stride, and from there before each word.
    strides: Vec<u64>,
    before: Vec<u32>,
}

impl Rows {
    pub(crate) fn new(rows: u64) -> Self {
        // The budget was found to hold them, so their number fits.
        let words = usize::try_from(rows.div_ceil(64)).unwrap_or(usize::MAX);
        let bits = (0..words).map(|_| AtomicU64::new(0)).collect();
        Self { bits, strides: Vec::new(), before: Vec::new() }
    }

    /// Bytes for so many rows.
    pub(crate) fn memory(rows: u64) -> u64 {
        rows / 5 + 64
    }

    pub(crate) fn mark(&self, row: u64) {
        let (word, bit) = place(row);
        if self.bits[word].load(Ordering::Relaxed) & bit == 0 {
            self.bits[word].fetch_or(bit, Ordering::Relaxed);
        }
    }

    /// Counts the marks, after which rows have numbers; returns how many there are.
    pub(crate) fn count(&mut self) -> u64 {
        let mut marks = 0;
        self.before = Vec::with_capacity(self.bits.len());
        for words in self.bits.chunks_mut(STRIDE) {
            self.strides.push(marks);
            let mut within = 0;
            for word in words {
                self.before.push(within);
                within += word.get_mut().count_ones();
            }
            marks += u64::from(within);
        }
        marks
    }

    /// The number of marked rows before this one.
    fn number(&self, row: u64) -> u64 {
        let (word, bit) = place(row);
        let below = (self.bits[word].load(Ordering::Relaxed) & (bit - 1)).count_ones();
        self.strides[word / STRIDE] + u64::from(self.before[word] + below)
    }

    /// The marked rows of a range, ascending.
    fn marked(&self, rows: Range<u64>) -> impl Iterator<Item = u64> {
        let words = rows.start / 64..rows.end.div_ceil(64);
        let bits = words.flat_map(|word| {
            let mut bits = self.bits[place(word * 64).0].load(Ordering::Relaxed);
            std::iter::from_fn(move || {
                let row = (bits != 0).then(|| word * 64 + u64::from(bits.trailing_zeros()))?;
                bits &= bits - 1;
                Some(row)
            })
        });
        bits.filter(move |row| rows.contains(row))
    }
}

fn place(row: u64) -> (usize, u64) {
    ((row / 64) as usize, 1 << (row % 64))
}

/// A forest over the numbers of marked rows, joined on several threads; its roots do not depend on their order.
pub(crate) struct Forest {
    rows: Rows,
    parents: Vec<AtomicU64>,
}

impl Forest {
    /// Every one of so many rows alone, all of them marked.
    pub(crate) fn of_all(rows: u64) -> Self {
        let mut all = Rows::new(rows);
        (0..rows).for_each(|row| all.mark(row));
        let marks = all.count();
        Self::new(all, marks)
    }

    /// Every marked row alone.
    pub(crate) fn new(rows: Rows, marks: u64) -> Self {
        Self { rows, parents: (0..marks).map(AtomicU64::new).collect() }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a number of a row in memory fits usize")]
    fn parent(&self, number: u64) -> &AtomicU64 {
        &self.parents[number as usize]
    }

    fn find(&self, mut number: u64) -> u64 {
        loop {
            let parent = self.parent(number).load(Ordering::Relaxed);
            if parent == number {
                return number;
            }
            let above = self.parent(parent).load(Ordering::Relaxed);
            // Parents only ever fall, and a lost race leaves a longer path.
            let _ = self.parent(number).compare_exchange_weak(
                parent,
                above,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            number = above;
        }
    }

    /// Joins the sets of the two marked rows of each edge.
    pub(crate) fn unite(&self, mut edges: impl Iterator<Item = [u64; 2]>) {
        let mut numbers = [[0; 2]; TOGETHER];
        loop {
            let mut count = 0;
            for (place, [a, b]) in numbers.iter_mut().zip(&mut edges) {
                *place = [self.rows.number(a), self.rows.number(b)];
                count += 1;
            }
            // Most edges are between rows that an earlier band has joined.
            let above = |number| self.parent(number).load(Ordering::Relaxed);
            for [a, b] in &numbers[..count] {
                if above(*a) != above(*b) {
                    self.union(*a, *b);
                }
            }
            if count < TOGETHER {
                return;
            }
        }
    }

    /// Joins two sets: the larger root goes under the smaller one, as long as it is a root.
    fn union(&self, mut a: u64, mut b: u64) {
        loop {
            (a, b) = (self.find(a), self.find(b));
            if a == b {
                return;
            }
            let (low, high) = (a.min(b), a.max(b));
            let root = self.parent(high);
            if root.compare_exchange(high, low, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                return;
            }
        }
    }

    /// The marked rows of a range, ascending, each with the number of the least row of its set.
    pub(crate) fn sets(&self, rows: Range<u64>) -> impl Iterator<Item = [u64; 2]> {
        self.rows.marked(rows).map(|row| [row, self.find(self.rows.number(row))])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sets_are_those_of_the_plain_forest(edges in prop::collection::vec((0u64..700, 0u64..700), 1..300)) {
            let mut rows = Rows::new(700);
            for (a, b) in &edges {
                rows.mark(*a);
                rows.mark(*b);
            }
            let marks = rows.count();
            let forest = Forest::new(rows, marks);
            std::thread::scope(|scope| {
                for some in edges.chunks(edges.len().div_ceil(3)) {
                    scope.spawn(|| forest.unite(some.iter().map(|(a, b)| [*a, *b])));
                }
            });
            let mut plain = crate::union::UnionFind::new(700);
            for (a, b) in &edges {
                plain.union(*a, *b);
            }
            let nodes: std::collections::BTreeSet<u64> = edges.iter().flat_map(|(a, b)| [*a, *b]).collect();
            let number = |row: u64| nodes.iter().filter(|node| **node < row).count() as u64;
            let expected: Vec<[u64; 2]> = nodes.iter().map(|node| [*node, number(plain.find(*node))]).collect();
            let mut found: Vec<_> = forest.sets(0..300).collect();
            found.extend(forest.sets(300..700));
            prop_assert_eq!(found, expected);
        }
    }
}

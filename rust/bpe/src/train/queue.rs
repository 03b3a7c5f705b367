//! The pairs that may be merged next, with their counts.
//!
//! A pair waits in the queue once for each time that a merge made it anew, with the positions made then: that is how
//! HF tokenizers does it, and where a token can be reached by two merges it shows in the result. A pair that has a count
//! here was queued, but for pairs that were gone before they could be.
//!
//! Only entries that may be next are in order; the others lie in bins of about equal counts until those are used up. So what
//! is ordered stays small, and the counts of entries are asked for before their turn.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use crate::pair_map::pair;
use crate::train::counts::PairCounts;

/// Highest count first, then the smallest pair, then the entry made first.
type Queued = (i64, Reverse<u64>, Reverse<u32>);

/// A pair with some of its positions, which lie under the number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) pair: u64,
    pub(crate) number: u32,
}

/// Counts and queue. The count of a pair is that of its occurrences, each times the count of its word; merging the pair
/// does not reset it.
pub(crate) struct Queue {
    pub(crate) counts: PairCounts,
    /// Pairs that were made more than once.
    again: HashSet<u64>,
    /// The entries of the open bin, the highest last.
    sorted: Vec<Queued>,
    /// Those that came to the open bin and above since.
    late: BinaryHeap<Queued>,
    /// Entries in bins below the open one.
    bins: Vec<Vec<Queued>>,
    open: usize,
}

/// Bins for all counts that begin with the same digits, as a power of two.
const FINE: u32 = 2;
/// Lookups that are on their way at a time.
const AHEAD: usize = 16;

/// The bin of a count, which is above 0: higher for higher counts.
fn bin(count: i64) -> usize {
    let digits = 63 - count.leading_zeros();
    let fine = if digits < FINE { count } else { count >> (digits - FINE) & ((1 << FINE) - 1) };
    (digits as usize) << FINE | usize::try_from(fine).unwrap_or(0)
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self {
            counts: PairCounts::new(),
            again: HashSet::new(),
            sorted: Vec::new(),
            late: BinaryHeap::new(),
            bins: vec![Vec::new(); bin(i64::MAX) + 1],
            open: bin(i64::MAX),
        }
    }

    /// Adds to the count of a pair that a merge made.
    pub(crate) fn raise(&mut self, left: u32, right: u32, amount: i64) {
        let key = pair(left, right);
        if self.counts.raise(key, amount) {
            self.again.insert(key);
        }
    }

    /// True of a pair that was made more than once.
    pub(crate) fn was_again(&self, key: u64) -> bool {
        !self.again.is_empty() && self.again.contains(&key)
    }

    /// Queues a pair with positions; not one of which nothing is left.
    pub(crate) fn push(&mut self, entry: Entry) {
        if let Some(count) = self.counts.get(entry.pair) {
            self.wait(entry, count);
        }
    }

    fn wait(&mut self, entry: Entry, count: i64) {
        // Nothing that fell to zero comes back but by a new entry.
        if count > 0 {
            let queued = (count, Reverse(entry.pair), Reverse(entry.number));
            let bin = bin(count);
            if bin < self.open { self.bins[bin].push(queued) } else { self.late.push(queued) }
        }
    }

    /// The entry whose pair has the highest count now, and the count; none if it is below the floor.
    pub(crate) fn pop(&mut self, floor: i64) -> Option<(Entry, i64)> {
        loop {
            let (count, Reverse(pair), Reverse(number)) = self.highest()?;
            let now = self.counts.get(pair).unwrap_or(0);
            let entry = Entry { pair, number };
            if now == count && count >= floor {
                return Some((entry, count));
            }
            self.wait(entry, now);
            if now == count {
                return None;
            }
        }
    }

    /// The entry that comes next, if nothing changes until then; none if it is not known.
    pub(crate) fn coming(&self) -> Option<Entry> {
        let next = self.late.peek().max(self.sorted.last())?;
        Some(Entry { pair: next.1.0, number: next.2.0 })
    }

    /// Takes out the entry that had the highest count when it was put in.
    fn highest(&mut self) -> Option<Queued> {
        while self.sorted.is_empty() && self.late.is_empty() {
            self.open = self.bins[..self.open].iter().rposition(|bin| !bin.is_empty())?;
            self.sorted = std::mem::take(&mut self.bins[self.open]);
            self.sorted.sort_unstable();
        }
        if self.late.peek() > self.sorted.last() {
            return self.late.pop();
        }
        if let Some(ahead) = self.sorted.len().checked_sub(AHEAD) {
            self.counts.fetch_key(self.sorted[ahead].1.0);
        }
        self.sorted.pop()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bins_rise() {
        let counts = (1..4_000).chain((12..62).map(|bits| 1 << bits)).chain([i64::MAX]);
        assert!(counts.map(bin).is_sorted());
    }

    /// All entries in one heap.
    #[derive(Default)]
    struct Slow(BinaryHeap<Queued>);

    impl Slow {
        fn pop(&mut self, counts: &PairCounts, floor: i64) -> Option<(u64, u32, i64)> {
            while let Some((count, Reverse(pair), Reverse(number))) = self.0.pop() {
                let now = counts.get(pair).unwrap_or(0);
                if now == count && count >= floor {
                    return Some((pair, number, count));
                }
                if now > 0 {
                    self.0.push((now, Reverse(pair), Reverse(number)));
                }
                if now == count {
                    return None;
                }
            }
            None
        }
    }

    proptest! {
        /// Counts fall and rise, pairs are queued again, and entries come out as from one heap.
        #[test]
        fn is_one_heap(
            steps in prop::collection::vec((0_u32..9, 0_u32..9, -900_i64..900, 0..3), 1..400),
            floor in 1_i64..40,
        ) {
            let (mut queue, mut slow) = (Queue::new(), Slow::default());
            for ((left, right, amount, step), number) in steps.into_iter().zip(0..) {
                let entry = Entry { pair: pair(left, right), number };
                match step {
                    0 => {
                        let popped = queue.pop(floor);
                        let popped = popped.map(|(entry, count)| (entry.pair, entry.number, count));
                        prop_assert_eq!(popped, slow.pop(&queue.counts, floor));
                    }
                    1 => {
                        queue.raise(left, right, amount);
                        queue.push(entry);
                        if let Some(count) = queue.counts.get(entry.pair).filter(|&count| count > 0) {
                            slow.0.push((count, Reverse(entry.pair), Reverse(number)));
                        }
                    }
                    _ => queue.counts.subtract(left, right, amount.abs()),
                }
            }
        }
    }
}

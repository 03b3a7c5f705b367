//! The pairs that may be merged next, with their counts.
//!
//! A pair waits in the queue once for each time that a merge made it anew, with the positions made then: that is how
//! HF tokenizers does it, and where a token can be reached by two merges it shows in the result. A pair that has a count
//! here was queued, but for pairs that were gone before they could be.

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
    waiting: BinaryHeap<Queued>,
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self { counts: PairCounts::new(), again: HashSet::new(), waiting: BinaryHeap::new() }
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
        match self.counts.get(entry.pair) {
            Some(count) if count > 0 => {
                self.waiting.push((count, Reverse(entry.pair), Reverse(entry.number)));
            }
            _ => {}
        }
    }

    /// The entry whose pair has the highest count now, and the count; none if it is below the floor.
    pub(crate) fn pop(&mut self, floor: i64) -> Option<(Entry, i64)> {
        while let Some((count, Reverse(pair), Reverse(number))) = self.waiting.pop() {
            let now = self.counts.get(pair).unwrap_or(0);
            if now == count && count >= floor {
                return Some((Entry { pair, number }, count));
            }
            // Nothing that fell to zero comes back but by a new entry.
            if now > 0 {
                self.waiting.push((now, Reverse(pair), Reverse(number)));
            }
            if now == count {
                return None;
            }
        }
        None
    }
}

//! The counts of all adjacent pairs of symbols, and the queue of those that may be merged next.
//!
//! A pair waits in the queue once for each time that a merge made it anew, with the positions made then: that is how
//! HF tokenizers does it, and where a token can be reached by two merges it shows in the result.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::pair_map::{PairMap, pair};

/// What is known of a pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) left: u32,
    pub(crate) right: u32,
    /// Occurrences, each times the count of its word. Merging the pair does not reset it.
    pub(crate) count: i64,
    /// How often it was queued.
    pub(crate) queued: u32,
}

/// Some positions of a pair, a range of the postings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) pair: u32,
    pub(crate) start: usize,
    pub(crate) len: u32,
}

/// Highest count first, then the smallest pair, then the entry made first.
type Queued = (i64, Reverse<u64>, Reverse<u32>);

/// All pairs, their positions, and the queue.
pub(crate) struct Pairs {
    index: PairMap<u32>,
    pub(crate) known: Vec<Pair>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) postings: Vec<u32>,
    queue: BinaryHeap<Queued>,
}

impl Pairs {
    pub(crate) fn new() -> Self {
        Self {
            index: PairMap::with_capacity(1 << 12),
            known: Vec::new(),
            entries: Vec::new(),
            postings: Vec::new(),
            queue: BinaryHeap::new(),
        }
    }

    /// The number of a pair, which gets one if it has none.
    pub(crate) fn number(&mut self, left: u32, right: u32) -> u32 {
        let new = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        let number = *self.index.get_or_insert(pair(left, right), new);
        if number == new {
            self.known.push(Pair { left, right, count: 0, queued: 0 });
        }
        number
    }

    /// The number of a pair that was met before.
    pub(crate) fn find(&self, left: u32, right: u32) -> Option<u32> {
        self.index.get(pair(left, right))
    }

    /// Adds to the count of a pair and tells its number.
    pub(crate) fn raise(&mut self, left: u32, right: u32, amount: i64) -> u32 {
        let number = self.number(left, right);
        self.known[number as usize].count += amount;
        number
    }

    /// Takes from the count of a pair, if there is such a pair.
    pub(crate) fn subtract(&mut self, left: u32, right: u32, amount: i64) {
        if let Some(number) = self.find(left, right) {
            self.known[number as usize].count -= amount;
        }
    }

    /// Queues a pair with positions.
    pub(crate) fn push(&mut self, entry: Entry) {
        let pair = &mut self.known[entry.pair as usize];
        pair.queued += 1;
        let count = pair.count;
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push(entry);
        self.requeue(number, count);
    }

    fn requeue(&mut self, number: u32, count: i64) {
        let Pair { left, right, .. } = self.known[self.entries[number as usize].pair as usize];
        self.queue.push((count, Reverse(pair(left, right)), Reverse(number)));
    }

    /// The entry whose pair has the highest count now, and the count; none if it is below the floor.
    pub(crate) fn pop(&mut self, floor: i64) -> Option<(Entry, i64)> {
        while let Some((count, _, Reverse(number))) = self.queue.pop() {
            let entry = self.entries[number as usize];
            let now = self.known[entry.pair as usize].count;
            if now == count && count >= floor {
                return Some((entry, count));
            }
            // Nothing that fell to zero comes back but by a new entry.
            if now > 0 {
                self.requeue(number, now);
            }
            if now == count {
                return None;
            }
        }
        None
    }
}

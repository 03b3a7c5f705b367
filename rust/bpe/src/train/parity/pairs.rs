//! The pairs of neighbours in the words of one language: how often each occurs, where, and which is the most frequent.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::pair_map::{PairMap, pair};

/// No further list of positions.
const END: u32 = u32::MAX;
/// Each lower floor is this part of the one before.
const LOWER: i64 = 8;

/// What is known of a pair.
#[derive(Clone, Copy)]
struct Pair {
    key: u64,
    /// Occurrences, each times the count of its word.
    count: i64,
    /// The list of positions added last.
    last: u32,
}

/// Positions added by one merge: a range of the postings, and the list of the same pair before it.
#[derive(Clone, Copy)]
struct List {
    start: usize,
    len: u32,
    before: u32,
}

/// All pairs of one language.
pub(super) struct Pairs {
    index: PairMap<u32>,
    known: Vec<Pair>,
    lists: Vec<List>,
    postings: Vec<u32>,
    /// Each pair from the floor on waits here with its count or with a higher one, which it had before.
    queue: BinaryHeap<(i64, Reverse<u64>)>,
    floor: i64,
}

impl Pairs {
    /// No pairs; those below `floor` are not queued until they are asked for.
    pub(super) fn new(floor: i64) -> Self {
        Self {
            index: PairMap::with_capacity(1 << 8),
            known: Vec::new(),
            lists: Vec::new(),
            postings: Vec::new(),
            queue: BinaryHeap::new(),
            floor,
        }
    }

    /// Adds to the count of a pair, which is known from then on.
    pub(super) fn raise(&mut self, left: u32, right: u32, amount: i64) -> u32 {
        let new = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        let number = *self.index.get_or_insert(pair(left, right), new);
        if number == new {
            self.known.push(Pair { key: pair(left, right), count: 0, last: END });
        }
        self.known[number as usize].count += amount;
        number
    }

    /// Takes from the count of a pair, if it is known.
    pub(super) fn lower(&mut self, left: u32, right: u32, amount: i64) {
        if let Some(number) = self.find(left, right) {
            self.known[number as usize].count -= amount;
        }
    }

    pub(super) fn find(&self, left: u32, right: u32) -> Option<u32> {
        self.index.get(pair(left, right))
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Gives a pair more positions.
    pub(super) fn extend(&mut self, number: u32, positions: &[u32]) {
        let start = self.postings.len();
        self.postings.extend_from_slice(positions);
        self.push_list(number, start, positions.len());
    }

    /// Gives pairs positions that come in any order of the pairs; `counts` says how many for each.
    pub(super) fn extend_all(&mut self, counts: &[usize], found: &[(u32, u32)]) {
        let mut next = Vec::with_capacity(counts.len());
        let mut end = self.postings.len();
        for (number, &count) in (0..).zip(counts) {
            next.push(end);
            self.push_list(number, end, count);
            end += count;
        }
        self.postings.resize(end, 0);
        for &(number, position) in found {
            let slot = &mut next[number as usize];
            self.postings[*slot] = position;
            *slot += 1;
        }
    }

    fn push_list(&mut self, number: u32, start: usize, len: usize) {
        let list = u32::try_from(self.lists.len()).unwrap_or(END);
        let pair = &mut self.known[number as usize];
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        self.lists.push(List { start, len, before: pair.last });
        pair.last = list;
    }

    /// Moves the positions of a pair out, rising. Where the pair is gone since, they are out of date.
    pub(super) fn take(&mut self, number: u32, out: &mut Vec<u32>) {
        out.clear();
        let mut list = std::mem::replace(&mut self.known[number as usize].last, END);
        let many = self.lists.get(list as usize).is_some_and(|list| list.before != END);
        while let Some(&List { start, len, before }) = self.lists.get(list as usize) {
            out.extend_from_slice(&self.postings[start..start + len as usize]);
            list = before;
        }
        if many {
            out.sort_unstable();
            out.dedup();
        }
    }

    /// Queues a pair with the count that it has now.
    pub(super) fn queue(&mut self, number: u32) {
        let Pair { key, count, .. } = self.known[number as usize];
        if count >= self.floor {
            self.queue.push((count, Reverse(key)));
        }
    }

    /// Queues all pairs.
    pub(super) fn queue_all(&mut self) {
        for number in (0..).take(self.known.len()) {
            self.queue(number);
        }
    }

    /// The pair with the highest count, of several the smallest; none if no pair occurs `min_count` times.
    pub(super) fn best(&mut self, min_count: i64) -> Option<(u32, u32)> {
        loop {
            if let Some((count, key)) = self.top() {
                return (count >= min_count).then_some((high(key), low(key)));
            }
            if self.floor <= min_count.max(1) {
                return None;
            }
            self.floor = (self.floor / LOWER).max(min_count.max(1));
            self.queue_all();
        }
    }

    /// The first in the queue whose count is right, made right where it is not.
    fn top(&mut self) -> Option<(i64, u64)> {
        while let Some(&(count, Reverse(key))) = self.queue.peek() {
            let now = self.index.get(key).map_or(0, |number| self.known[number as usize].count);
            if now == count {
                return Some((count, key));
            }
            self.queue.pop();
            if now >= self.floor {
                self.queue.push((now, Reverse(key)));
            }
        }
        None
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the half that is asked for")]
fn low(key: u64) -> u32 {
    key as u32
}

fn high(key: u64) -> u32 {
    low(key >> 32)
}

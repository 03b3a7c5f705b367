//! Merging the bytes of one pretoken: the pair of the lowest rank first, the leftmost of equals.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::pair_map::{PairMap, pair};

/// Up to here a search of all ranks at each merge is faster than a heap.
const SHORT: usize = 64;
/// No merge, or no neighbour.
const NONE: u32 = u32::MAX;

/// Rank and made token of each pair that merges.
pub(crate) type Ranks = PairMap<Merged>;

/// What a pair becomes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Merged {
    pub(crate) rank: u32,
    pub(crate) id: u32,
}

impl Default for Merged {
    fn default() -> Self {
        Self { rank: NONE, id: NONE }
    }
}

/// Room to merge in, kept between pretokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct MergeScratch {
    ids: Vec<u32>,
    merges: Vec<Merged>,
    next: Vec<u32>,
    before: Vec<u32>,
    queue: BinaryHeap<Reverse<(u32, u32)>>,
    last: Option<(u32, u32, u32)>,
}

impl MergeScratch {
    /// Appends the tokens of a pretoken, given as the ids of its bytes; returns left, right and rank of the last merge.
    pub(crate) fn merge(
        &mut self,
        bytes: impl Iterator<Item = u32>,
        ranks: &Ranks,
        out: &mut Vec<u32>,
    ) -> Option<(u32, u32, u32)> {
        self.last = None;
        self.ids.clear();
        self.ids.extend(bytes);
        if self.ids.len() <= SHORT {
            self.merge_short(ranks);
            out.extend_from_slice(&self.ids);
        } else {
            self.merge_long(ranks, out);
        }
        self.last
    }

    fn merge_short(&mut self, ranks: &Ranks) {
        let Self { ids, merges, last, .. } = self;
        merges.clear();
        merges.extend(ids.windows(2).map(|two| of(ranks, two[0], two[1])));
        while let Some((at, best)) = lowest(merges) {
            *last = Some((ids[at], ids[at + 1], best.rank));
            ids[at] = best.id;
            ids.remove(at + 1);
            merges.remove(at);
            if at < merges.len() {
                merges[at] = of(ranks, ids[at], ids[at + 1]);
            }
            if at > 0 {
                merges[at - 1] = of(ranks, ids[at - 1], ids[at]);
            }
        }
    }

    /// The same over a linked list with a queue: n log n for any pretoken.
    fn merge_long(&mut self, ranks: &Ranks, out: &mut Vec<u32>) {
        let end = u32::try_from(self.ids.len()).unwrap_or(NONE);
        self.next.clear();
        self.next.extend(1..=end);
        self.before.clear();
        self.before.extend((0..end).map(|n| n.wrapping_sub(1)));
        self.queue.clear();
        for at in 0..end - 1 {
            self.enqueue(ranks, at);
        }
        while let Some(Reverse((rank, at))) = self.queue.pop() {
            self.join(ranks, rank, at);
        }
        let mut at = 0;
        while at < end {
            out.push(self.ids[at as usize]);
            at = self.next[at as usize];
        }
    }

    /// The merge of the symbol at a position with the one behind it; none for a symbol that is gone.
    fn candidate(&self, ranks: &Ranks, at: u32) -> Merged {
        let next = self.next[at as usize];
        let (left, right) = (self.ids[at as usize], self.ids.get(next as usize).copied());
        match right {
            Some(right) if left != NONE => of(ranks, left, right),
            _ => Merged::default(),
        }
    }

    fn enqueue(&mut self, ranks: &Ranks, at: u32) {
        let merged = self.candidate(ranks, at);
        if merged.rank != NONE {
            self.queue.push(Reverse((merged.rank, at)));
        }
    }

    fn join(&mut self, ranks: &Ranks, rank: u32, at: u32) {
        let merged = self.candidate(ranks, at);
        if merged.rank != rank {
            return;
        }
        let gone = self.next[at as usize];
        let after = self.next[gone as usize];
        self.last = Some((self.ids[at as usize], self.ids[gone as usize], rank));
        self.ids[at as usize] = merged.id;
        self.ids[gone as usize] = NONE;
        self.next[at as usize] = after;
        if let Some(before) = self.before.get_mut(after as usize) {
            *before = at;
        }
        self.enqueue(ranks, at);
        let before = self.before[at as usize];
        if before != NONE {
            self.enqueue(ranks, before);
        }
    }
}

#[inline]
fn of(ranks: &Ranks, left: u32, right: u32) -> Merged {
    ranks.get(pair(left, right)).unwrap_or_default()
}

#[inline]
fn lowest(merges: &[Merged]) -> Option<(usize, Merged)> {
    let (mut at, mut best) = (0, Merged::default());
    for (n, &merged) in merges.iter().enumerate() {
        if merged.rank < best.rank {
            (at, best) = (n, merged);
        }
    }
    (best.rank != NONE).then_some((at, best))
}

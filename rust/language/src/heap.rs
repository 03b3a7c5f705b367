//! The k best scores, with ties in the order that the C++ standard library of GNU leaves them in.
//!
//! The official library keeps its candidates in a binary heap; scores of saturated sigmoids tie often, and which of
//! them are returned, and in which order, follows from how the heap moves its elements. These functions move them the
//! same way: an element that leaves the top is replaced by walking a hole to the bottom, then sifting up.

/// A label with the logarithm of its probability.
pub(crate) type Candidate = (f32, u32);

/// Keeps the `k` best of the candidates that are offered to it; the worst of them is on top.
#[derive(Debug, Default)]
pub(crate) struct Best {
    heap: Vec<Candidate>,
    k: usize,
}

impl Best {
    pub(crate) fn reset(&mut self, k: usize) {
        self.heap.clear();
        self.k = k;
    }

    /// The score that a further candidate must reach; `None` while there is room.
    #[inline]
    pub(crate) fn floor(&self) -> Option<f32> {
        if self.heap.len() < self.k { None } else { self.heap.first().map(|worst| worst.0) }
    }

    /// Takes a candidate whose score is at least the floor.
    pub(crate) fn push(&mut self, candidate: Candidate) {
        self.heap.push(candidate);
        let last = self.heap.len() - 1;
        sift_up(&mut self.heap, last, candidate);
        if self.heap.len() > self.k {
            pop_to_end(&mut self.heap);
            self.heap.pop();
        }
    }

    /// The candidates, best first.
    pub(crate) fn sorted(&mut self) -> &[Candidate] {
        for len in (2..=self.heap.len()).rev() {
            pop_to_end(&mut self.heap[..len]);
        }
        &self.heap
    }
}

/// Puts `value` where the hole ends up after moving worse-placed parents down into it.
fn sift_up(heap: &mut [Candidate], mut hole: usize, value: Candidate) {
    while hole > 0 {
        let parent = (hole - 1) / 2;
        if heap[parent].0 > value.0 {
            heap[hole] = heap[parent];
            hole = parent;
        } else {
            break;
        }
    }
    heap[hole] = value;
}

/// Moves the top to the end and makes a heap of the rest.
fn pop_to_end(heap: &mut [Candidate]) {
    let Some((&mut last, rest)) = heap.split_last_mut() else { return };
    let Some(&top) = rest.first() else { return };
    let len = rest.len();
    let mut hole = 0;
    let mut child = 0;
    while child < (len - 1) / 2 {
        child = 2 * child + 2;
        if rest[child].0 > rest[child - 1].0 {
            child -= 1;
        }
        rest[hole] = rest[child];
        hole = child;
    }
    if len.is_multiple_of(2) && child == (len - 2) / 2 {
        child = 2 * child + 1;
        rest[hole] = rest[child];
        hole = child;
    }
    sift_up(rest, hole, last);
    heap[len] = top;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_come_first_and_no_more_than_k() {
        for k in 0..12 {
            let mut best = Best::default();
            best.reset(k);
            let scores: Vec<f32> = (0..50_u8).map(|i| f32::from(i.wrapping_mul(37) % 50)).collect();
            for (label, &score) in (0..).zip(&scores) {
                if k > 0 && best.floor().is_none_or(|floor| score >= floor) {
                    best.push((score, label));
                }
            }
            let got: Vec<f32> = best.sorted().iter().map(|c| c.0).collect();
            let mut expected = scores.clone();
            expected.sort_by(|a, b| b.total_cmp(a));
            expected.truncate(k);
            assert_eq!(got, expected);
        }
    }
}

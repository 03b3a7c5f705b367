//! Which documents are encoded again: those with the smallest draws, or all.

use std::collections::BTreeSet;

use gamayun_text::DocId;

use super::ContentsParams;
use super::held::{Held, partition};

/// Sets this draw apart from others with the same seed.
const SALT: u64 = 0x7361_6d70_6c65_6400;

/// The documents of the sample.
pub(super) struct Sampled {
    drawn: Option<BTreeSet<(u64, DocId)>>,
    seed: u64,
}

impl Sampled {
    pub(super) fn of(held: &Held<'_>, params: &ContentsParams) -> Self {
        let seed = params.sample_seed ^ SALT;
        let drawn = params.sample.map(|size| {
            let ids = held.shards.iter().flat_map(|(_, shard)| shard.doc_ids());
            smallest(ids.map(|id| (id.draw(seed), id)), size)
        });
        Self { drawn, seed }
    }

    pub(super) fn has(&self, id: DocId) -> bool {
        self.drawn.as_ref().is_none_or(|drawn| drawn.contains(&(id.draw(self.seed), id)))
    }

    /// Whether any of the sample is in this partition.
    pub(super) fn reaches(&self, number: usize, partitions: usize) -> bool {
        let mine = |&(_, id): &(u64, DocId)| partition(id, partitions) == number;
        self.drawn.as_ref().is_none_or(|drawn| drawn.iter().any(mine))
    }
}

/// The `size` smallest, each once.
fn smallest(draws: impl Iterator<Item = (u64, DocId)>, size: u64) -> BTreeSet<(u64, DocId)> {
    let mut kept = BTreeSet::new();
    for draw in draws {
        let full = kept.len() as u64 >= size;
        if !full || kept.last().is_some_and(|last| draw < *last) {
            kept.insert(draw);
            if kept.len() as u64 > size {
                kept.pop_last();
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_are_kept_once() {
        let id = |n: u8| DocId::from_bytes([n; 16]);
        let draws = [5, 3, 9, 3, 1, 7].map(|n| (u64::from(n), id(n)));
        let kept: Vec<u64> = smallest(draws.into_iter(), 3).into_iter().map(|(n, _)| n).collect();
        assert_eq!(kept, [1, 3, 5]);
        assert!(smallest(draws.into_iter(), 0).is_empty());
        assert_eq!(smallest(draws.into_iter(), 100).len(), 5);
    }
}

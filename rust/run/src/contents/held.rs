//! The shards of a run, opened, and where each of their documents stands.

use std::ops::Range;

use gamayun_shard::Shard;
use gamayun_text::DocId;

use super::ContentsPool;
use crate::error::Result;
use crate::parallel::Tally;

/// Documents between looks at whether to stop.
const STRIDE: usize = 1 << 16;

/// Where a document stands: the number of the shard among all, and of the document in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub id: DocId,
    pub shard: u32,
    pub document: u64,
}

/// All shards, pool after pool.
pub(super) struct Held<'a> {
    pub pools: &'a [ContentsPool],
    pub shards: Vec<(usize, Shard)>,
}

impl<'a> Held<'a> {
    pub(super) fn open(pools: &'a [ContentsPool]) -> Result<Self> {
        let mut shards = Vec::new();
        for (number, pool) in pools.iter().enumerate() {
            for path in &pool.shards {
                shards.push((number, Shard::open(path)?));
            }
        }
        Ok(Self { pools, shards })
    }

    pub(super) fn pools(&self) -> usize {
        self.pools.len()
    }

    pub(super) fn documents(&self) -> u64 {
        self.shards.iter().map(|(_, shard)| shard.documents()).sum()
    }

    /// Documents of the shards by the partition of the selection that their ids belong to.
    pub(super) fn partition_sizes(&self, partitions: usize) -> Vec<u64> {
        let mut sizes = vec![0; partitions];
        for id in self.shards.iter().flat_map(|(_, shard)| shard.doc_ids()) {
            sizes[partition(id, partitions)] += 1;
        }
        sizes
    }

    /// The places of the documents of some partitions, each sorted by id.
    pub(super) fn places(
        &self,
        group: Range<usize>,
        partitions: usize,
        tally: &Tally,
    ) -> Result<Vec<Vec<Place>>> {
        let mut places = vec![Vec::new(); group.len()];
        for (number, (_, shard)) in self.shards.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            for (document, id) in shard.doc_ids().enumerate() {
                if document % STRIDE == 0 {
                    tally.check()?;
                }
                let part = partition(id, partitions);
                if group.contains(&part) {
                    let place = Place { id, shard: number, document: document as u64 };
                    places[part - group.start].push(place);
                }
            }
        }
        for mine in &mut places {
            mine.sort_unstable();
        }
        Ok(places)
    }
}

/// The file of the selection that a document belongs to, by the leading bits of its id.
pub(super) fn partition(id: DocId, partitions: usize) -> usize {
    let leading = u128::from_be_bytes(id.to_bytes()) >> 64;
    let place = (leading * partitions as u128) >> 64;
    usize::try_from(place).unwrap_or_default()
}

/// Partitions in a row whose places fit the memory together; one at least.
pub(super) fn groups(sizes: &[u64], memory: u64) -> Vec<Range<usize>> {
    let most = memory / size_of::<Place>() as u64;
    let (mut groups, mut start, mut sum) = (Vec::new(), 0, 0);
    for (number, &size) in sizes.iter().enumerate() {
        if number > start && sum + size > most {
            groups.push(start..number);
            (start, sum) = (number, 0);
        }
        sum += size;
    }
    groups.push(start..sizes.len());
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_cover_all_partitions_once() {
        let starts = |sizes: &[u64], memory| -> Vec<(usize, usize)> {
            groups(sizes, memory).into_iter().map(|group| (group.start, group.end)).collect()
        };
        let place = size_of::<Place>() as u64;
        assert_eq!(starts(&[5, 5, 5, 50, 1], 10 * place), [(0, 2), (2, 3), (3, 4), (4, 5)]);
        assert_eq!(starts(&[5, 5], 1 << 20), [(0, 2)]);
        assert_eq!(starts(&[7], 0), [(0, 1)]);
    }

    #[test]
    fn partitions_go_by_the_leading_bits() {
        let id = |first| DocId::from_bytes([first; 16]);
        let found: Vec<usize> = [0, 63, 64, 128, 255].map(|first| partition(id(first), 4)).into();
        assert_eq!(found, [0, 0, 1, 2, 3]);
    }
}

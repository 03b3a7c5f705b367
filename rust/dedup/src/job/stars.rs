//! Components without holding them: large-star and small-star contraction by external sorts.
//!
//! Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii: Connected components in map and reduce and beyond, ACM Cloud 2014. The
//! large star joins each larger neighbour of a row to the least of its neighbourhood, the small star joins the row and
//! its smaller neighbours to the least of these. When neither changes an edge, each row is joined to the least row of its
//! component.

use std::path::Path;

use gamayun_text::Monitor;
use gamayun_text::hash::mix64;

use super::tasks::{self, Tally};
use crate::{Merge, Result, Sorted, Sorter};

/// Sorts the edges of a contraction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contraction<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) memory: u64,
    pub(crate) threads: usize,
}

/// A row, and the least row of its component: by row.
pub(crate) fn contract(
    how: Contraction<'_>,
    edges: Sorted<2>,
    monitor: &mut dyn Monitor,
) -> Result<Sorted<2>> {
    let (mut edges, mut before) = (edges, None);
    loop {
        edges = how.pass(&edges, monitor, &|[u, v], push| {
            push([u, v])?;
            push([v, u])
        })?;
        edges = how.stars(&edges, monitor, true)?;
        edges = how.stars(&edges, monitor, false)?;
        let now = sum(&edges)?;
        if before.replace(now) == Some(now) {
            break;
        }
    }
    // Each row but the least one of a component has one edge, to the least one, which gets one to itself.
    how.pass(&edges, monitor, &|[v, least], push| {
        push([v, least])?;
        push([least, least])
    })
}

/// A number that another set of edges has only by chance; the number of edges and the sum of their hashes.
fn sum(edges: &Sorted<2>) -> Result<(u64, u64)> {
    edges.read()?.try_fold((0, 0u64), |(count, sum), edge| {
        let [u, v] = edge?;
        Ok((count + 1, sum.wrapping_add(mix64(mix64(u, 1), v))))
    })
}

type Push<'a> = dyn FnMut([u64; 2]) -> Result<()> + 'a;

impl Contraction<'_> {
    /// Gives the edges in pieces, on all threads, to `f` with a sorter for what it makes of them.
    fn pieces(
        self,
        edges: &Sorted<2>,
        monitor: &mut dyn Monitor,
        f: &(dyn Fn(&mut Merge<'_, 2>, &mut Push<'_>) -> Result<()> + Sync),
    ) -> Result<Sorted<2>> {
        let cuts = edges.cuts(self.threads);
        let tally = Tally::of(edges.length());
        let memory = self.memory / self.threads.max(1) as u64;
        let sorters = tasks::map(cuts.len() + 1, self.threads, &tally, monitor, |piece| {
            let from =
                piece.checked_sub(1).and_then(|before| cuts.get(before)).map(|first| [*first, 0]);
            let mut merge = edges.range(from, cuts.get(piece).map(|first| [*first, 0]))?;
            let mut sorter = Sorter::new(self.folder, memory, 1)?.unique();
            let mut pushed = 0u64;
            f(&mut merge, &mut |edge| {
                pushed += 1;
                if pushed.is_multiple_of(1 << 14) {
                    tally.step(1 << 14)?;
                }
                sorter.push(edge)
            })?;
            Ok(sorter)
        })?;
        let mut all = Sorter::new(self.folder, self.memory, 1)?.unique();
        sorters.into_iter().try_for_each(|sorter| all.absorb(sorter))?;
        all.finish()
    }

    /// Each edge alone.
    fn pass(
        self,
        edges: &Sorted<2>,
        monitor: &mut dyn Monitor,
        f: &(dyn Fn([u64; 2], &mut Push<'_>) -> Result<()> + Sync),
    ) -> Result<Sorted<2>> {
        self.pieces(edges, monitor, &|edges, push| edges.try_for_each(|edge| f(edge?, push)))
    }

    /// The star of each row: `large` takes all its edges, both ways, and leaves (larger, least); small takes those and
    /// leaves (larger, least) of the smaller side.
    fn stars(self, edges: &Sorted<2>, monitor: &mut dyn Monitor, large: bool) -> Result<Sorted<2>> {
        self.pieces(edges, monitor, &|edges, push| {
            // Neighbours ascend, so the least one is the first.
            let mut star: Option<[u64; 2]> = None;
            for edge in edges {
                let [row, neighbour] = edge?;
                let first = star.is_none_or(|[of, _]| of != row);
                let least =
                    if first { row.min(neighbour) } else { star.map_or(row, |[_, least]| least) };
                star = Some([row, least]);
                if large && neighbour > row {
                    push([neighbour, least])?;
                } else if !large {
                    push(if first { [row, least] } else { [neighbour, least] })?;
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn rows_come_to_the_least_row_of_their_component(
            edges in prop::collection::vec((0u64..300, 0u64..300), 1..250),
            chain in 0u64..200,
            threads in 1usize..4,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut sorter = Sorter::new(folder.path(), 0, 1).unwrap().unique();
            let mut plain = crate::union::UnionFind::new(300);
            // Chains take the most rounds.
            let mut all: Vec<[u64; 2]> = (0..chain).map(|i| [i * 7 % 300, (i + 1) * 7 % 300]).collect();
            all.extend(edges.iter().map(|(a, b)| [*a, *b]));
            all.retain(|[a, b]| a != b);
            for edge in &mut all {
                edge.sort_unstable();
            }
            for edge in &all {
                sorter.push(*edge).unwrap();
                plain.union(edge[0], edge[1]);
            }
            let nodes: std::collections::BTreeSet<u64> = all.iter().flatten().copied().collect();
            let expected: Vec<[u64; 2]> = nodes.into_iter().map(|row| [row, plain.find(row)]).collect();
            let how = Contraction { folder: folder.path(), memory: 0, threads };
            let found = contract(how, sorter.finish().unwrap(), &mut ()).unwrap();
            let found: Vec<[u64; 2]> = found.read().unwrap().collect::<Result<_>>().unwrap();
            prop_assert_eq!(found, expected);
        }
    }
}

//! Groups of windows of a pool, laid out together.

use std::sync::Arc;

use super::documents::cut;
use super::packing::{Packing, lay_out};
use super::recent::Recent;
use super::window::Piece;
use super::{Pool, Reader};
use crate::{Permutation, Result};

/// A group has at least so many windows, and about so many tokens if that is more.
const WINDOWS: u64 = 64;
const TOKENS: u64 = 1 << 20;

/// Groups at hand; one is some 30 KB.
const AT_HAND: usize = 1024;

/// The groups of the pools that are being read.
#[derive(Debug)]
pub(super) struct Groups {
    packing: Packing,
    /// By pool, the group that was read last.
    recent: Recent<Group>,
}

/// Windows of a pool that follow each other in its stream, filled anew.
#[derive(Debug)]
pub(super) struct Group {
    number: u64,
    windows: Vec<Vec<Piece>>,
}

impl Groups {
    pub(super) fn new(packing: Packing, pools: usize) -> Self {
        Self { packing, recent: Recent::new(pools, AT_HAND) }
    }

    pub(super) fn packing(&self) -> Packing {
        self.packing
    }
}

impl Reader {
    /// Windows of a group, but for the last of a pool, which has what is left.
    pub(super) fn group_windows(&self) -> u64 {
        (TOKENS / self.window).max(WINDOWS)
    }

    /// What window `sample` of a pool is filled with.
    pub(super) fn packed(&self, number: usize, sample: u64) -> Result<Vec<Piece>> {
        let (group, within) = (sample / self.group_windows(), sample % self.group_windows());
        let group = match self.groups.recent.get(number, |at_hand| at_hand.number == group) {
            Some(group) => group,
            None => self.groups.recent.put(number, self.group(number, group)?),
        };
        Ok(group.window(within))
    }

    /// The group that window `sample` of a pool belongs to: its pool, first window, and how many it has.
    pub(super) fn group_of(&self, number: usize, sample: u64) -> (&Pool, u64, u64) {
        let pool = &self.pools[number];
        let first = sample - sample % self.group_windows();
        (pool, first, self.group_windows().min(pool.samples * self.parts() - first))
    }

    /// Lays out a group of a pool.
    fn group(&self, number: usize, group: u64) -> Result<Group> {
        let (pool, first, count) = self.group_of(number, group * self.group_windows());
        let mut pieces = Vec::new();
        for piece in pool.pieces(first * self.window, count * self.window) {
            let shard: Arc<_> = self.shard(piece.shard)?;
            cut(&piece, &shard, |_, piece| pieces.push(piece))?;
        }
        let laid = lay_out(self.groups.packing, &pieces, self.window);
        // Layouts put long documents first; windows come in an order without that.
        let order = Permutation::new(laid.len() as u64, pool.group_key(&self.stage, group));
        let at = |window: u64| laid.get(usize::try_from(order.at(window)).ok()?).cloned();
        let windows = (0..laid.len() as u64).filter_map(at).collect();
        Ok(Group { number: group, windows })
    }
}

impl Group {
    fn window(&self, within: u64) -> Vec<Piece> {
        let window = usize::try_from(within).ok().and_then(|within| self.windows.get(within));
        window.cloned().unwrap_or_default()
    }
}

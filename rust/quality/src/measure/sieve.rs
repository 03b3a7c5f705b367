//! Counts by hash that are never too low: of many things they tell the few that may occur more than once.
//!
//! A byte a slot and no comparison of what is counted: neither adding nor asking waits for a branch that cannot be foreseen.

/// Slots for each thing, so that few of different hash share one.
const SLOTS: usize = 8;

/// How often hashes were added, at most.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    counts: Vec<u8>,
    shift: u32,
}

impl Sieve {
    /// Forgets all and makes room for `things`.
    pub(super) fn clear(&mut self, things: usize) {
        let slots = (things * SLOTS).next_power_of_two().max(64);
        self.shift = 64 - slots.trailing_zeros();
        self.counts.clear();
        self.counts.resize(slots, 0);
    }

    /// Counts one with this hash, of which the high bits count.
    #[inline]
    pub(super) fn add(&mut self, hash: u64) {
        let slot = self.slot(hash);
        self.counts[slot] = self.counts[slot].saturating_add(1);
    }

    /// At least how often this hash was added; 255 stands for that and for more.
    #[inline]
    pub(super) fn at_most(&self, hash: u64) -> u8 {
        self.counts[self.slot(hash)]
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "fewer bits than a slice has places")]
    fn slot(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize & (self.counts.len() - 1)
    }
}

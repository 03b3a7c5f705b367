//! A set of positions of one text by what stands there.

/// Open addressing over (half a hash, position + 1).
#[derive(Debug, Default)]
pub(super) struct Seen {
    slots: Vec<(u32, u32)>,
}

impl Seen {
    /// Forgets all positions and makes room for `count`.
    pub(super) fn clear(&mut self, count: usize) {
        self.slots.clear();
        self.slots.resize((count * 2).next_power_of_two().max(16), (0, 0));
    }

    /// The position noted first whose content is that of `position`, which is noted if there is none.
    ///
    /// `hash` is of the content; `same` says whether it is that of another position with the same half of the hash.
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a hash are wanted")]
    pub(super) fn find_or_note(
        &mut self,
        hash: u64,
        position: u32,
        same: impl Fn(usize) -> bool,
    ) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let (mut slot, tag) = ((hash >> 32) as usize & mask, hash as u32);
        loop {
            match self.slots[slot] {
                (_, 0) => {
                    self.slots[slot] = (tag, position + 1);
                    return None;
                }
                (other, at) if other == tag && same(at as usize - 1) => return Some(at - 1),
                _ => slot = (slot + 1) & mask,
            }
        }
    }
}

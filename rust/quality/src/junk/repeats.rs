//! Stretches of characters that occurred before in the text.

use gamayun_text::hash::mix64;

/// Bytes of a stretch.
const LENGTH: usize = 16;
/// Bytes of a text that are looked at: its beginning.
const MOST: usize = 8192;
/// Slots of the table, more than twice the stretches.
const SLOTS: usize = 1 << 15;

/// Which stretches were seen: a tag of 16 bits for each, and the number of the text.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    slots: Vec<(u32, u32)>,
    text: u32,
}

impl Seen {
    /// (stretches that occurred before, stretches) of the first 8 KiB.
    pub(crate) fn repeats(&mut self, text: &str) -> (u64, u64) {
        if self.slots.is_empty() || self.text == u32::MAX {
            self.slots = vec![(0, 0); SLOTS];
            self.text = 0;
        }
        self.text += 1;
        let bytes = &text.as_bytes()[..text.len().min(MOST)];
        let (mut repeated, mut all) = (0, 0);
        for stretch in bytes.windows(LENGTH) {
            all += 1;
            repeated += u64::from(!self.insert(stretch));
        }
        (repeated, all)
    }

    #[expect(clippy::cast_possible_truncation, reason = "parts of a hash are wanted")]
    fn insert(&mut self, stretch: &[u8]) -> bool {
        let (halves, _) = stretch.as_chunks::<8>();
        let hash = halves.iter().fold(0, |hash, half| mix64(u64::from_le_bytes(*half), hash));
        let (mut slot, tag) = (hash as usize & (SLOTS - 1), (hash >> 32) as u32);
        while self.slots[slot].0 == self.text {
            if self.slots[slot].1 == tag {
                return false;
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
        self.slots[slot] = (self.text, tag);
        true
    }
}

//! A set of slices of one text, that tells whether a slice was there before.

use gamayun_text::hash::hash64;

/// Open addressing over (half a hash, index + 1); equality is checked on the text itself.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    slots: Vec<(u32, u32)>,
    spans: Vec<(usize, usize)>,
}

impl Pieces {
    /// Forgets all slices.
    pub(super) fn clear(&mut self) {
        self.spans.clear();
        self.slots.clear();
        self.slots.resize(64, (0, 0));
    }

    /// Whether `text[start..end]` is new; it is noted.
    pub(super) fn insert(&mut self, text: &str, start: usize, end: usize) -> bool {
        if self.spans.len() * 2 >= self.slots.len() {
            self.grow(text);
        }
        let piece = &text.as_bytes()[start..end];
        let (mut slot, tag) = self.place(piece);
        while self.slots[slot].1 != 0 {
            let (other_tag, index) = self.slots[slot];
            let (a, b) = self.spans[index as usize - 1];
            if other_tag == tag && &text.as_bytes()[a..b] == piece {
                return false;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.spans.push((start, end));
        self.slots[slot] = (tag, u32::try_from(self.spans.len()).unwrap_or(u32::MAX));
        true
    }

    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a hash are wanted")]
    fn place(&self, piece: &[u8]) -> (usize, u32) {
        let hash = hash64(piece);
        (hash as usize & (self.slots.len() - 1), (hash >> 32) as u32)
    }

    fn grow(&mut self, text: &str) {
        let size = self.slots.len() * 4;
        self.slots.clear();
        self.slots.resize(size, (0, 0));
        for index in 0..self.spans.len() {
            let (start, end) = self.spans[index];
            let (mut slot, tag) = self.place(&text.as_bytes()[start..end]);
            while self.slots[slot].1 != 0 {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.slots[slot] = (tag, u32::try_from(index + 1).unwrap_or(u32::MAX));
        }
    }
}

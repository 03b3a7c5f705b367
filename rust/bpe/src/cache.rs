//! The tokens of the pretokens met before, in bounded memory.
//!
//! A slot of 32 bytes holds a pretoken of up to 15 bytes and up to four tokens. When the slots are half used at full size
//! all are forgotten. At most 16 MiB.

use crate::table::fold;

/// The longest pretoken that is remembered.
const LONGEST: usize = 15;
/// Tokens that fit a slot.
const TOKENS: usize = 4;
/// No token.
const NONE: u32 = u32::MAX;
const FIRST_SIZE: usize = 1 << 12;
const LAST_SIZE: usize = 1 << 19;

#[derive(Clone, Copy, Debug)]
struct Slot {
    key: [u8; 16],
    tokens: [u32; TOKENS],
}

const EMPTY: Slot = Slot { key: [0; 16], tokens: [NONE; TOKENS] };

/// From pretoken to tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cache {
    slots: Vec<Slot>,
    used: usize,
}

impl Cache {
    pub(crate) fn clear(&mut self) {
        self.slots.fill(EMPTY);
        self.used = 0;
    }

    /// Appends the tokens of a pretoken, if they are known.
    #[inline]
    pub(crate) fn get(&self, pretoken: &[u8], out: &mut Vec<u32>) -> bool {
        if pretoken.len() > LONGEST || self.slots.is_empty() {
            return false;
        }
        let key = key(pretoken);
        let mut at = self.spot(key);
        loop {
            let slot = &self.slots[at];
            if slot.key == key {
                let count = slot.tokens.iter().position(|&id| id == NONE).unwrap_or(TOKENS);
                out.extend_from_slice(&slot.tokens[..count]);
                return true;
            }
            if slot.key == EMPTY.key {
                return false;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Remembers the tokens of a pretoken that is not yet there.
    pub(crate) fn put(&mut self, pretoken: &[u8], tokens: &[u32]) {
        if pretoken.len() > LONGEST || pretoken.is_empty() || tokens.len() > TOKENS {
            return;
        }
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let mut slot = Slot { key: key(pretoken), ..EMPTY };
        slot.tokens[..tokens.len()].copy_from_slice(tokens);
        self.place(slot);
    }

    fn place(&mut self, slot: Slot) {
        let mut at = self.spot(slot.key);
        while self.slots[at].key != EMPTY.key {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = slot;
        self.used += 1;
    }

    fn grow(&mut self) {
        if self.slots.len() >= LAST_SIZE {
            return self.clear();
        }
        let size = (self.slots.len() * 2).max(FIRST_SIZE);
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; size]);
        self.used = 0;
        for slot in old.into_iter().filter(|slot| slot.key != EMPTY.key) {
            self.place(slot);
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the mask keeps less than a usize")]
    fn spot(&self, key: [u8; 16]) -> usize {
        fold(u128::from_le_bytes(key)) as usize & (self.slots.len() - 1)
    }
}

#[inline]
fn key(pretoken: &[u8]) -> [u8; 16] {
    let mut key = [0; 16];
    key[..pretoken.len()].copy_from_slice(pretoken);
    key[LONGEST] = u8::try_from(pretoken.len()).unwrap_or_default();
    key
}

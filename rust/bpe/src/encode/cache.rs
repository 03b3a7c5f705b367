//! The tokens of the pretokens met before, in bounded memory.
//!
//! A slot of 32 bytes holds a pretoken of up to 15 bytes and up to four tokens, one of 64 bytes a pretoken of up to 31 and
//! up to eight. Where half the slots are used at full size all are forgotten. At most 48 MiB.

use crate::key::{self, SHORT, fetch, fold};

/// No token.
const NONE: u32 = u32::MAX;
const FIRST_SIZE: usize = 1 << 10;
const LAST_SIZE: usize = 1 << 19;

/// Marks the pieces of pretokens where they may differ from pretokens of the same bytes.
pub(crate) const PIECE: u8 = 0x80;

/// From pretoken to tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cache {
    short: Slots<16, 4>,
    long: Slots<32, 8>,
}

impl Cache {
    pub(crate) fn clear(&mut self) {
        self.short.clear();
        self.long.clear();
    }

    /// The hash of a span of a text, whose slot is fetched. `mark` tells pretokens and pieces apart.
    #[inline]
    pub(crate) fn prepare(&self, text: &[u8], start: usize, len: usize, mark: u8) -> u64 {
        match len {
            ..16 => self.short.prepare(&short_key(text, start, len, mark)),
            16..32 => self.long.prepare(&long_key(&text[start..start + len], mark)),
            32.. => 0,
        }
    }

    /// Appends the tokens of a span, if they are known, with the hash that [`Cache::prepare`] gave.
    #[inline]
    pub(crate) fn get(
        &self,
        (text, start, len): (&[u8], usize, usize),
        hash: u64,
        mark: u8,
        out: &mut Vec<u32>,
    ) -> bool {
        match len {
            ..16 => self.short.get(&short_key(text, start, len, mark), hash, out),
            16..32 => self.long.get(&long_key(&text[start..start + len], mark), hash, out),
            32.. => false,
        }
    }

    /// Remembers the tokens of a pretoken that is not yet there.
    pub(crate) fn put(&mut self, pretoken: &[u8], mark: u8, tokens: &[u32]) {
        match pretoken.len() {
            0 | 32.. => {}
            1..16 => self.short.put(short_key(pretoken, 0, pretoken.len(), mark), tokens),
            16..32 => self.long.put(long_key(pretoken, mark), tokens),
        }
    }
}

/// The last byte of a key tells its length, so that no key is empty.
#[inline]
fn short_key(text: &[u8], start: usize, len: usize, mark: u8) -> [u8; 16] {
    let mut key = key::short(text, start, len).to_le_bytes();
    key[SHORT] |= mark;
    key
}

#[inline]
fn long_key(pretoken: &[u8], mark: u8) -> [u8; 32] {
    let mut key = [0; 32];
    key[..pretoken.len()].copy_from_slice(pretoken);
    key[31] = u8::try_from(pretoken.len()).unwrap_or_default() | mark;
    key
}

#[derive(Clone, Copy, Debug)]
struct Slot<const KEY: usize, const TOKENS: usize> {
    key: [u8; KEY],
    tokens: [u32; TOKENS],
}

impl<const KEY: usize, const TOKENS: usize> Slot<KEY, TOKENS> {
    const EMPTY: Self = Self { key: [0; KEY], tokens: [NONE; TOKENS] };
}

#[derive(Clone, Debug, Default)]
struct Slots<const KEY: usize, const TOKENS: usize> {
    slots: Vec<Slot<KEY, TOKENS>>,
    used: usize,
}

impl<const KEY: usize, const TOKENS: usize> Slots<KEY, TOKENS> {
    fn clear(&mut self) {
        self.slots.fill(Slot::EMPTY);
        self.used = 0;
    }

    #[inline]
    fn prepare(&self, key: &[u8; KEY]) -> u64 {
        let hash = hash(key);
        fetch(&self.slots, self.spot(hash));
        hash
    }

    #[inline]
    fn get(&self, key: &[u8; KEY], hash: u64, out: &mut Vec<u32>) -> bool {
        if self.slots.is_empty() {
            return false;
        }
        let mut at = self.spot(hash);
        loop {
            let slot = &self.slots[at];
            if slot.key == *key {
                // Copying all and cutting what is too much is faster than finding the end first.
                let count = slot.tokens.iter().map(|&id| usize::from(id != NONE)).sum::<usize>();
                let len = out.len();
                out.extend_from_slice(&slot.tokens);
                out.truncate(len + count);
                return true;
            }
            if slot.key[KEY - 1] == 0 {
                return false;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn put(&mut self, key: [u8; KEY], tokens: &[u32]) {
        if tokens.len() > TOKENS {
            return;
        }
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let mut slot = Slot { key, ..Slot::EMPTY };
        slot.tokens[..tokens.len()].copy_from_slice(tokens);
        self.place(slot);
    }

    fn place(&mut self, slot: Slot<KEY, TOKENS>) {
        let mut at = self.spot(hash(&slot.key));
        while self.slots[at].key[KEY - 1] != 0 {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = slot;
        self.used += 1;
    }

    fn grow(&mut self) {
        if self.slots.len() >= LAST_SIZE {
            return self.clear();
        }
        let size = (self.slots.len() * 4).max(FIRST_SIZE);
        let old = std::mem::replace(&mut self.slots, vec![Slot::EMPTY; size]);
        self.used = 0;
        for slot in old.into_iter().filter(|slot| slot.key[KEY - 1] != 0) {
            self.place(slot);
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the mask keeps less than a usize")]
    fn spot(&self, hash: u64) -> usize {
        hash as usize & self.slots.len().wrapping_sub(1)
    }
}

#[inline]
fn hash(key: &[u8]) -> u64 {
    let parts = key.as_chunks::<16>().0.iter();
    parts.fold(0, |hash, part| fold(u128::from_le_bytes(*part) ^ u128::from(hash)))
}

//! The tokens of the pretokens met before, in bounded memory.
//!
//! A slot of 32 bytes holds a pretoken of up to 15 bytes and up to four tokens, one of 64 bytes a pretoken of up to 31 and
//! up to seven; more tokens lie in a list beside. A table that is full at its full size forgets all.

use crate::key::{self, SHORT, fetch, fold};
use crate::pages;

/// Slots of a table at first.
const FIRST_SIZE: usize = 1 << 10;
/// Slots of short and of long pretokens, at most: 64 MiB and 32 MiB.
const LAST_SIZE: (usize, usize) = (1 << 21, 1 << 19);
/// Tokens in the list beside, at most.
const LAST_SPILL: usize = 1 << 22;
/// Bytes of new text for each slot that is made ready for it.
const BYTES_PER_SLOT: (usize, usize) = (96, 400);
/// More tokens than fit a slot: their place in the list and their number are there instead.
const SPILLED: u8 = 15;
/// Pretokens of this length and more are not kept.
pub(crate) const LONGEST: usize = 32;

/// From pretoken to tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cache {
    short: Slots<Short>,
    long: Slots<Long>,
    spill: Vec<u32>,
}

impl Cache {
    pub(crate) fn clear(&mut self) {
        self.short.clear();
        self.long.clear();
        self.spill.clear();
    }

    /// Makes room for so many bytes of text not seen before, so that the tables need not grow on the way.
    pub(crate) fn make_room(&mut self, bytes: usize) {
        self.short.make_room(bytes / BYTES_PER_SLOT.0);
        self.long.make_room(bytes / BYTES_PER_SLOT.1);
    }

    /// Remembers the tokens of a pretoken for good: [`Room`] tells how many there is room for.
    pub(crate) fn keep(&mut self, pretoken: &[u8], tokens: &[u32]) {
        let hash = self.prepare(pretoken, 0, pretoken.len());
        self.add((pretoken, 0, pretoken.len()), hash, tokens);
    }

    /// What can be kept without forgetting.
    pub(crate) fn room() -> Room {
        let most = |size: usize| size / 4 * 3 - 1;
        Room { short: most(LAST_SIZE.0), long: most(LAST_SIZE.1) }
    }

    /// The hash of a span of a text, whose slot is fetched.
    #[inline]
    pub(crate) fn prepare(&self, text: &[u8], start: usize, len: usize) -> u64 {
        match len {
            ..16 => self.short.prepare(Short::key(text, start, len)),
            16..LONGEST => self.long.prepare(Long::key(text, start, len)),
            LONGEST.. => 0,
        }
    }

    /// Writes the tokens of a span to the front of `out`, which has room for a token per byte and [`LONGEST`] at least, with
    /// the hash that [`Cache::prepare`] gave; returns how many, 0 if they are not known.
    #[inline]
    pub(crate) fn get(
        &self,
        (text, start, len): (&[u8], usize, usize),
        hash: u64,
        out: &mut [u32],
    ) -> usize {
        let (count, tokens) = match len {
            ..16 => {
                let Some(slot) = self.short.find(Short::key(text, start, len), hash) else {
                    return 0;
                };
                if let Some(out) = out.first_chunk_mut() {
                    *out = slot.tokens;
                }
                (slot.count(), slot.tokens.as_slice())
            }
            16..LONGEST => {
                let Some(slot) = self.long.find(Long::key(text, start, len), hash) else {
                    return 0;
                };
                if let Some(out) = out.first_chunk_mut() {
                    *out = slot.tokens;
                }
                (slot.count(), slot.tokens.as_slice())
            }
            LONGEST.. => return 0,
        };
        if count == SPILLED { self.spilled(tokens, out) } else { usize::from(count) }
    }

    #[cold]
    fn spilled(&self, tokens: &[u32], out: &mut [u32]) -> usize {
        let (from, count) = (tokens[0] as usize, tokens[1] as usize);
        out[..count].copy_from_slice(&self.spill[from..from + count]);
        count
    }

    /// Remembers the tokens of a span that is not yet there.
    pub(crate) fn put(&mut self, span: (&[u8], usize, usize), hash: u64, tokens: &[u32]) {
        self.add(span, hash, tokens);
        if self.spill.len() >= LAST_SPILL {
            self.clear();
        }
    }

    fn add(&mut self, (text, start, len): (&[u8], usize, usize), hash: u64, tokens: &[u32]) {
        match len {
            0 | LONGEST.. => {}
            1..16 => {
                let slot = Short { key: Short::key(text, start, len), ..Short::FREE };
                self.short.put(slot.with(tokens, &mut self.spill), hash);
            }
            16..LONGEST => {
                let key = Long::key(text, start, len);
                let slot = Long { key: key.0, len: key.1, ..Long::FREE };
                self.long.put(slot.with(tokens, &mut self.spill), hash);
            }
        }
    }
}

/// How many pretokens a cache holds at most.
pub(crate) struct Room {
    short: usize,
    long: usize,
}

impl Room {
    /// Whether there is room for one more pretoken of so many bytes, which takes it.
    pub(crate) fn take(&mut self, len: usize) -> bool {
        let slots = match len {
            0 | LONGEST.. => return false,
            1..16 => &mut self.short,
            16..LONGEST => &mut self.long,
        };
        let left = slots.checked_sub(1);
        *slots = left.unwrap_or_default();
        left.is_some()
    }
}

/// What tokens of a pretoken say of their number, after they were put into a slot or the list.
fn store(tokens: &[u32], slot: &mut [u32], spill: &mut Vec<u32>) -> u8 {
    if let Some(room) = slot.get_mut(..tokens.len()) {
        room.copy_from_slice(tokens);
        return u8::try_from(tokens.len()).unwrap_or(SPILLED);
    }
    let number = |n: usize| u32::try_from(n).unwrap_or_default();
    (slot[0], slot[1]) = (number(spill.len()), number(tokens.len()));
    spill.extend_from_slice(tokens);
    SPILLED
}

/// A pretoken with its tokens.
trait Slot: Copy {
    /// A slot without a pretoken.
    const FREE: Self;
    /// The pretoken.
    type Key: Copy;
    /// The most slots of a table.
    const LAST_SIZE: usize;

    fn key(text: &[u8], start: usize, len: usize) -> Self::Key;
    fn hash(key: Self::Key) -> u64;
    fn is_free(&self) -> bool;
    fn has(&self, key: Self::Key) -> bool;
    fn rehash(&self) -> u64;
}

/// Up to 15 bytes; the highest byte of the number has their count in its low half and that of the tokens in its high half.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(32))]
struct Short {
    key: u128,
    tokens: [u32; 4],
}

impl Short {
    const COUNT: u32 = 124;

    #[inline]
    fn count(&self) -> u8 {
        u8::try_from(self.key >> Self::COUNT).unwrap_or_default()
    }

    fn with(mut self, tokens: &[u32], spill: &mut Vec<u32>) -> Self {
        self.key |= u128::from(store(tokens, &mut self.tokens, spill)) << Self::COUNT;
        self
    }
}

impl Slot for Short {
    const FREE: Self = Self { key: 0, tokens: [0; 4] };
    type Key = u128;
    const LAST_SIZE: usize = LAST_SIZE.0;

    #[inline]
    fn key(text: &[u8], start: usize, len: usize) -> u128 {
        key::short(text, start, len)
    }

    #[inline]
    fn hash(key: u128) -> u64 {
        fold(key)
    }

    #[inline]
    fn is_free(&self) -> bool {
        self.key == 0
    }

    #[inline]
    fn has(&self, key: u128) -> bool {
        (self.key ^ key) << (128 - Self::COUNT) == 0
    }

    fn rehash(&self) -> u64 {
        Self::hash(self.key & ((1 << Self::COUNT) - 1))
    }
}

/// 16 to 31 bytes: the first and the last 16 of them, which may overlap, and how many.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Long {
    key: [u128; 2],
    len: u16,
    count: u16,
    tokens: [u32; 7],
}

impl Long {
    #[inline]
    fn count(&self) -> u8 {
        u8::try_from(self.count).unwrap_or_default()
    }

    fn with(mut self, tokens: &[u32], spill: &mut Vec<u32>) -> Self {
        self.count = store(tokens, &mut self.tokens, spill).into();
        self
    }
}

impl Slot for Long {
    const FREE: Self = Self { key: [0; 2], len: 0, count: 0, tokens: [0; 7] };
    type Key = ([u128; 2], u16);
    const LAST_SIZE: usize = LAST_SIZE.1;

    #[inline]
    fn key(text: &[u8], start: usize, len: usize) -> Self::Key {
        let span = &text[start..start + len];
        let ends = span.first_chunk().zip(span.last_chunk());
        let (first, last) = ends.map_or(([0; 16], [0; 16]), |(first, last)| (*first, *last));
        let len = u16::try_from(len).unwrap_or_default();
        ([u128::from_le_bytes(first), u128::from_le_bytes(last)], len)
    }

    #[inline]
    fn hash((key, len): Self::Key) -> u64 {
        fold(key[1] ^ u128::from(fold(key[0]).wrapping_add(u64::from(len))))
    }

    #[inline]
    fn is_free(&self) -> bool {
        self.len == 0
    }

    #[inline]
    fn has(&self, (key, len): Self::Key) -> bool {
        (self.key[0] ^ key[0]) | (self.key[1] ^ key[1]) | u128::from(self.len ^ len) == 0
    }

    fn rehash(&self) -> u64 {
        Self::hash((self.key, self.len))
    }
}

/// Open addressing; at most three quarters of the slots are used.
#[derive(Clone, Debug)]
struct Slots<S: Slot> {
    slots: Vec<S>,
    used: usize,
}

impl<S: Slot> Default for Slots<S> {
    fn default() -> Self {
        Self { slots: Vec::new(), used: 0 }
    }
}

impl<S: Slot> Slots<S> {
    fn clear(&mut self) {
        if self.used > 0 {
            self.slots.fill(S::FREE);
            self.used = 0;
        }
    }

    fn make_room(&mut self, slots: usize) {
        let size = slots.next_power_of_two().clamp(FIRST_SIZE, S::LAST_SIZE);
        if size > self.slots.len() {
            self.resize(size);
        }
    }

    #[inline]
    fn prepare(&self, key: S::Key) -> u64 {
        let hash = S::hash(key);
        fetch(&self.slots, spot(hash, self.slots.len()));
        hash
    }

    #[inline]
    fn find(&self, key: S::Key, hash: u64) -> Option<&S> {
        let slots = &*self.slots;
        let mut at = spot(hash, slots.len());
        loop {
            let slot = slots.get(at)?;
            if slot.has(key) {
                return Some(slot);
            }
            if slot.is_free() {
                return None;
            }
            at = (at + 1) & (slots.len() - 1);
        }
    }

    fn put(&mut self, slot: S, hash: u64) {
        if (self.used + 1) * 4 > self.slots.len() * 3 {
            if self.slots.len() >= S::LAST_SIZE {
                self.clear();
            } else {
                self.resize((self.slots.len() * 2).clamp(FIRST_SIZE, S::LAST_SIZE));
            }
        }
        self.place(slot, hash);
    }

    fn place(&mut self, slot: S, hash: u64) {
        let slots = &mut *self.slots;
        let mut at = spot(hash, slots.len());
        while !slots[at].is_free() {
            at = (at + 1) & (slots.len() - 1);
        }
        slots[at] = slot;
        self.used += 1;
    }

    fn resize(&mut self, size: usize) {
        let old = std::mem::replace(&mut self.slots, pages::filled(S::FREE, size));
        self.used = 0;
        for slot in old.iter().filter(|slot| !slot.is_free()) {
            self.place(*slot, slot.rehash());
        }
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the mask keeps less than a usize")]
fn spot(hash: u64, size: usize) -> usize {
    hash as usize & size.wrapping_sub(1)
}

const _: () = assert!(size_of::<Short>() == 32 && size_of::<Long>() == 64 && SHORT == 15);

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn get(cache: &Cache, text: &[u8], start: usize, len: usize) -> Vec<u32> {
        let mut out = [0; 64];
        let hash = cache.prepare(text, start, len);
        let count = cache.get((text, start, len), hash, &mut out);
        out[..count].to_vec()
    }

    proptest! {
        #[test]
        fn keeps_what_a_map_keeps(
            entries in prop::collection::vec((prop::collection::vec(0_u8..3, 1..40), prop::collection::vec(0_u32.., 1..32)), 0..900),
            expected in prop_oneof![Just(0_usize), 0_usize..1 << 20],
        ) {
            let (mut cache, mut map) = (Cache::default(), HashMap::new());
            for (number, (key, tokens)) in entries.iter().enumerate() {
                if number == entries.len() / 2 {
                    cache.make_room(expected);
                }
                // In the middle of a text and at its end.
                let text = [b"xy".as_slice(), key, if number % 2 == 0 { b"" } else { b"a longer text behind it" }].concat();
                let known = get(&cache, &text, 2, key.len());
                prop_assert_eq!(&known, &map.get(key).cloned().unwrap_or_default());
                if known.is_empty() && key.len() < LONGEST {
                    let tokens = &tokens[..tokens.len().min(key.len())];
                    let hash = cache.prepare(&text, 2, key.len());
                    cache.put((&text, 2, key.len()), hash, tokens);
                    map.insert(key.clone(), tokens.to_vec());
                }
            }
        }
    }

    #[test]
    fn a_full_table_forgets() {
        let mut slots = Slots::<Long>::default();
        for n in 0..LAST_SIZE.1 {
            let text = format!("{n:020}");
            let key = Long::key(text.as_bytes(), 0, 20);
            let slot = Long { key: key.0, len: key.1, count: 1, tokens: [7; 7] };
            slots.put(slot, Long::hash(key));
            assert!(slots.find(key, Long::hash(key)).is_some());
        }
        assert!(slots.slots.len() == LAST_SIZE.1 && slots.used < LAST_SIZE.1 / 2);
    }
}

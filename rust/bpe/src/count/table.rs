//! A hash table from pretoken to count, made for many short keys.
//!
//! A pretoken of up to 15 bytes lies in its slot, a longer one in one long buffer, with its place in the slot. 24 bytes a
//! slot, at most five of eight used, and the bytes of the long pretokens. Slots are in the order of the hashes, but for
//! those that made way: a table grows where it lies, and several tables can be gone through side by side.

use gamayun_text::hash::hash64;

use crate::key::{self, SHORT, fetch, fold};
use crate::pages;

/// What the last byte of a key says of a pretoken in the buffer.
const LONG: u128 = 0xFF << 120;
/// Key, low half first, and count; 0 in a free slot.
type Slot = [u64; 3];
const FREE: Slot = [0; 3];
/// The first slots of a table, as a power of two.
const FIRST_BITS: u32 = 10;
/// Spans that are looked up together.
pub(crate) const AT_ONCE: usize = 128;
/// Room behind the last slot for those that make way.
const BEHIND: usize = 128;

/// Pretokens with their counts. Sums saturate, which 2^64 of anything will not reach.
#[derive(Clone, Default)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    /// The slots are 2^bits, and some behind.
    bits: u32,
    used: usize,
    long: Vec<u8>,
}

impl Table {
    /// Pretokens in the table.
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    /// Bytes that the table holds.
    pub(crate) fn memory(&self) -> u64 {
        (self.slots.capacity() * size_of::<Slot>() + self.long.capacity()) as u64
    }

    /// Adds to the count of a pretoken, which must not be empty; nothing happens if the count is 0.
    pub(crate) fn add(&mut self, pretoken: &[u8], count: u64) {
        if count > 0 && !pretoken.is_empty() {
            let (key, hash) = key_and_hash(pretoken, 0, pretoken.len());
            self.make_room();
            if pretoken.len() <= SHORT {
                self.add_short(key, hash, count);
            } else {
                self.add_long(pretoken, hash, count);
            }
        }
    }

    /// Adds one to the count of each span of a text, at most [`AT_ONCE`] of them, none empty.
    #[inline(never)]
    pub(crate) fn add_spans(&mut self, text: &[u8], spans: &[(usize, usize)]) {
        let mut keys = [(0, 0); AT_ONCE];
        for (key, &(start, len)) in keys.iter_mut().zip(spans) {
            *key = key_and_hash(text, start, len);
            fetch(&self.slots, spot(key.1, self.bits));
        }
        for (&(_, hash), _) in keys.iter().zip(spans).filter(|(_, span)| span.1 > SHORT) {
            self.fetch_long(hash);
        }
        for (&(key, hash), &(start, len)) in keys.iter().zip(spans) {
            self.make_room();
            if len <= SHORT {
                self.add_short(key, hash, 1);
            } else {
                self.add_long(&text[start..start + len], hash, 1);
            }
        }
    }

    /// Fetches the bytes to compare a long span with, once its slot is here.
    #[inline]
    fn fetch_long(&self, hash: u64) {
        if let Some(slot) = self.slots.get(spot(hash, self.bits))
            && same_tag(key_of(slot), hash)
        {
            fetch(&self.long, place(key_of(slot)).0);
        }
    }

    /// Room for one more.
    #[inline]
    fn make_room(&mut self) {
        if (self.used + 1) * 8 > (5 << self.bits) {
            self.grow(self.bits.max(FIRST_BITS - 1) + 1);
        }
    }

    #[inline]
    fn add_short(&mut self, key: u128, hash: u64, count: u64) {
        let (low, high) = halves(key);
        let mut at = spot(hash, self.bits);
        while let Some(slot) = self.slots.get_mut(at) {
            if slot[0] == low && slot[1] == high && slot[2] != 0 {
                slot[2] = slot[2].saturating_add(count);
                return;
            }
            if slot[2] == 0 {
                *slot = [low, high, count];
                self.used += 1;
                return;
            }
            at += 1;
        }
        self.slots.push([low, high, count]);
        self.used += 1;
    }

    fn add_long(&mut self, pretoken: &[u8], hash: u64, count: u64) {
        let mut at = spot(hash, self.bits);
        loop {
            let slot = self.slots.get(at).copied().unwrap_or(FREE);
            if slot[2] == 0 {
                let (low, high) = halves(long_key(self.long.len(), pretoken.len(), hash));
                self.long.extend_from_slice(pretoken);
                self.put(at, [low, high, count]);
                self.used += 1;
                return;
            }
            if same_tag(key_of(&slot), hash) && self.bytes(&slot) == pretoken {
                self.slots[at][2] = slot[2].saturating_add(count);
                return;
            }
            at += 1;
        }
    }

    /// Fills a slot, or the first one behind all.
    fn put(&mut self, at: usize, slot: Slot) {
        match self.slots.get_mut(at) {
            Some(place) => *place = slot,
            None => self.slots.push(slot),
        }
    }

    /// The bytes of a slot in use.
    fn bytes<'s>(&'s self, slot: &'s Slot) -> &'s [u8] {
        let key = key_of(slot);
        if key & LONG == LONG {
            let (start, len) = place(key);
            return &self.long[start..start + len];
        }
        let len = usize::from(key.to_le_bytes()[SHORT]);
        &bytemuck::cast_slice::<u64, u8>(slot)[..len]
    }

    /// Makes 2^bits slots. Slots move in their order, so old and new are gone through from start to end.
    fn grow(&mut self, bits: u32) {
        let slots = pages::zeroed((1_usize << bits) + BEHIND);
        let old = std::mem::replace(&mut self.slots, slots);
        self.bits = bits;
        for slot in old.into_iter().filter(|slot| slot[2] > 0) {
            self.settle(slot);
        }
    }

    /// Puts a pretoken that the table does not have to its place.
    fn settle(&mut self, slot: Slot) {
        let mut at = spot(Self::hash(&slot), self.bits);
        while self.slots.get(at).is_some_and(|slot| slot[2] != 0) {
            at += 1;
        }
        self.put(at, slot);
    }

    /// The hash of a slot in use, as far as it orders slots.
    fn hash(slot: &Slot) -> u64 {
        let key = key_of(slot);
        if key & LONG == LONG { u64::from(tag(key)) << 32 } else { fold(key) }
    }

    /// Makes room for so many pretokens in all.
    pub(crate) fn reserve(&mut self, pretokens: usize) {
        let bits = (pretokens * 8 / 5 + 1).next_power_of_two().trailing_zeros();
        if bits > self.bits {
            self.grow(bits.max(FIRST_BITS));
        }
    }

    /// Adds all of another table.
    pub(crate) fn merge(&mut self, other: &Self) {
        // They come in the order of their hashes, which would crowd the first slots of a table that is too small.
        self.reserve(self.used + other.used);
        for (pretoken, count) in other.iter() {
            self.add(pretoken, count);
        }
    }

    /// All pretokens with their counts, in no useful order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.slots.iter().filter(|slot| slot[2] > 0).map(|slot| (self.bytes(slot), slot[2]))
    }

    /// Slots, used and free.
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Calls `f` with the slot, the bytes and the count of each pretoken; slots must fit 32 bits.
    pub(crate) fn each(&self, mut f: impl FnMut(u32, &[u8], u64)) {
        for (slot, number) in self.slots.iter().zip(0..) {
            if slot[2] > 0 {
                f(number, self.bytes(slot), slot[2]);
            }
        }
    }

    /// The pretoken in a slot, and its count.
    #[inline]
    pub(crate) fn at(&self, number: u32) -> (&[u8], u64) {
        let slot = &self.slots[number as usize];
        (self.bytes(slot), slot[2])
    }

    /// Lets the processor load a slot soon.
    #[inline]
    pub(crate) fn fetch(&self, number: u32) {
        fetch(&self.slots, number as usize);
    }

    /// Lets it load the bytes of a slot, if they lie elsewhere.
    #[inline]
    pub(crate) fn fetch_bytes(&self, number: u32) {
        let key = key_of(&self.slots[number as usize]);
        if key & LONG == LONG {
            fetch(&self.long, place(key).0);
        }
    }

    /// The pretokens whose hashes begin with `bits` bits that are the number `part`: the next 32 bits of the hash, the
    /// bytes, the count.
    pub(crate) fn part(&self, part: usize, bits: u32) -> impl Iterator<Item = (u32, &[u8], u64)> {
        let first = spot_of_part(part, bits, self.bits);
        let last = spot_of_part(part + 1, bits, self.bits);
        let slots = self.slots.iter().enumerate().skip(first);
        let slots = slots.take_while(move |(at, slot)| *at <= last || slot[2] > 0);
        slots.filter(|(_, slot)| slot[2] > 0).filter_map(move |(_, slot)| {
            let tag = top(Self::hash(slot));
            let own = if bits == 0 { 0 } else { tag >> (32 - bits) };
            (own as usize == part).then(|| (tag, self.bytes(slot), slot[2]))
        })
    }
}

/// The first slot that may hold a part of the hashes.
fn spot_of_part(part: usize, part_bits: u32, bits: u32) -> usize {
    if bits >= part_bits { part << (bits - part_bits) } else { part >> (part_bits - bits) }
}

/// The key of a short span and the hash of any.
#[inline]
fn key_and_hash(text: &[u8], start: usize, len: usize) -> (u128, u64) {
    if len <= SHORT {
        let key = key::short(text, start, len);
        (key, fold(key))
    } else {
        (LONG, hash64(&text[start..start + len]))
    }
}

/// The upper 32 bits of a hash choose the slot; of a long pretoken the others are not kept.
#[inline]
fn top(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[inline]
fn spot(hash: u64, bits: u32) -> usize {
    ((u64::from(top(hash)) << bits) >> 32) as usize
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "takes the halves")]
fn halves(key: u128) -> (u64, u64) {
    // So that a short pretoken lies in its slot as it is.
    ((key as u64).to_le(), ((key >> 64) as u64).to_le())
}

#[inline]
fn key_of(slot: &Slot) -> u128 {
    u128::from(u64::from_le(slot[0])) | u128::from(u64::from_le(slot[1])) << 64
}

/// Key of a long pretoken: 48 bits of its place, 40 of its length, 32 of its hash, the mark.
#[inline]
fn long_key(start: usize, len: usize, hash: u64) -> u128 {
    LONG | u128::from(top(hash)) << 88 | (len as u128) << 48 | start as u128
}

#[inline]
fn same_tag(key: u128, hash: u64) -> bool {
    key >> 88 == long_key(0, 0, hash) >> 88
}

#[expect(clippy::cast_possible_truncation, reason = "takes some bits")]
fn tag(key: u128) -> u32 {
    (key >> 88) as u32
}

/// Where in the buffer a long pretoken begins, and its length.
#[inline]
fn place(key: u128) -> (usize, usize) {
    ((key & ((1 << 48) - 1)) as usize, ((key >> 48) & ((1 << 40) - 1)) as usize)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// More pretokens that share a slot than there is room behind the last one.
    #[test]
    fn crowds_make_way() {
        let mut table = Table::default();
        for n in 0_u64..5_000 {
            table.make_room();
            table.add_short(key::short(&n.to_le_bytes(), 0, 8), u64::MAX, 1);
        }
        assert_eq!(table.len(), 5_000);
        let found: std::collections::BTreeSet<_> =
            table.iter().map(|(key, _)| key.to_vec()).collect();
        assert_eq!(found.len(), 5_000);
    }

    proptest! {
        #[test]
        fn counts_as_a_map_does(keys in prop::collection::vec((prop::collection::vec(0_u8..4, 1..40), 1_u64..9), 0..600)) {
            let (mut table, mut map) = (Table::default(), BTreeMap::new());
            for (key, count) in &keys {
                table.add(key, *count);
                *map.entry(key.clone()).or_insert(0) += count;
            }
            prop_assert_eq!(table.len(), map.len());
            let found: BTreeMap<Vec<u8>, u64> = table.iter().map(|(key, count)| (key.to_vec(), count)).collect();
            prop_assert_eq!(&found, &map);
            for bits in [0, 1, 3, 12] {
                let mut parts = BTreeMap::new();
                for part in 0..1 << bits {
                    let mut found: Vec<_> = table.part(part, bits).collect();
                    found.sort_unstable();
                    parts.extend(found.iter().map(|(_, key, count)| (key.to_vec(), *count)));
                }
                prop_assert_eq!(&parts, &map);
            }
            let mut twice = table.clone();
            twice.merge(&table);
            prop_assert!(twice.iter().all(|(key, count)| count == 2 * map[key]));
            prop_assert_eq!(twice.len(), map.len());
        }
    }
}

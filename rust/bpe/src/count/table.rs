//! A hash table from pretoken to count, made for many short keys.
//!
//! A pretoken of up to 15 bytes lies in its slot, a longer one in one long buffer. 24 bytes a slot, at most half of them
//! used, and the bytes of the long pretokens.

use gamayun_text::hash::hash64;

use crate::key::{self, SHORT, fetch, fold};

/// What that last byte says of a pretoken in the buffer.
const LONG: u8 = u8::MAX;

#[derive(Clone, Copy, Default)]
struct Slot {
    key: [u8; 16],
    count: u64,
}

/// Pretokens with their counts. Sums saturate, which 2^64 of anything will not reach.
#[derive(Clone, Default)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    used: usize,
    long: Vec<u8>,
    ends: Vec<usize>,
}

impl Table {
    /// Pretokens in the table.
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    /// Bytes that the table holds.
    pub(crate) fn memory(&self) -> u64 {
        let ends = self.ends.capacity() * size_of::<usize>();
        (self.slots.capacity() * size_of::<Slot>() + self.long.capacity() + ends) as u64
    }

    /// Adds to the count of a pretoken, which must not be empty; nothing happens if the count is 0.
    pub(crate) fn add(&mut self, pretoken: &[u8], count: u64) {
        if count > 0 && !pretoken.is_empty() {
            let hash = self.prepare(pretoken, 0, pretoken.len());
            self.add_span(pretoken, 0, pretoken.len(), hash, count);
        }
    }

    /// The hash of a span of a text, whose slot is fetched.
    #[inline]
    pub(crate) fn prepare(&self, text: &[u8], start: usize, len: usize) -> u64 {
        let hash = if len <= SHORT {
            fold(key::short(text, start, len))
        } else {
            hash64(&text[start..start + len])
        };
        fetch(&self.slots, spot(hash, self.slots.len()));
        hash
    }

    /// Adds to the count of a span that is not empty, with the hash that [`Table::prepare`] gave.
    #[inline]
    pub(crate) fn add_span(
        &mut self,
        text: &[u8],
        start: usize,
        len: usize,
        hash: u64,
        count: u64,
    ) {
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow();
        }
        if len <= SHORT {
            self.add_short(key::short(text, start, len).to_le_bytes(), hash, count);
        } else {
            self.add_long(&text[start..start + len], hash, count);
        }
    }

    #[inline]
    fn add_short(&mut self, key: [u8; 16], hash: u64, count: u64) {
        let mut at = spot(hash, self.slots.len());
        loop {
            let slot = &mut self.slots[at];
            if slot.key == key {
                slot.count = slot.count.saturating_add(count);
                return;
            }
            if slot.count == 0 {
                *slot = Slot { key, count };
                self.used += 1;
                return;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn add_long(&mut self, pretoken: &[u8], hash: u64, count: u64) {
        let mut at = spot(hash, self.slots.len());
        loop {
            let slot = self.slots[at];
            if slot.count == 0 {
                self.long.extend_from_slice(pretoken);
                self.ends.push(self.long.len());
                self.slots[at] = Slot { key: long_key(hash, self.ends.len() - 1), count };
                self.used += 1;
                return;
            }
            if slot.key[8..] == long_key(hash, 0)[8..] && self.bytes(&slot) == pretoken {
                self.slots[at].count = slot.count.saturating_add(count);
                return;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn bytes<'s>(&'s self, slot: &'s Slot) -> &'s [u8] {
        if slot.key[SHORT] != LONG {
            return &slot.key[..usize::from(slot.key[SHORT])];
        }
        let index = long_index(slot.key);
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.long[start..self.ends[index]]
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(1 << 10);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        for slot in old.into_iter().filter(|slot| slot.count > 0) {
            let hash = if slot.key[SHORT] == LONG {
                hash64(self.bytes(&slot))
            } else {
                fold(u128::from_le_bytes(slot.key))
            };
            let mut at = spot(hash, size);
            while self.slots[at].count > 0 {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = slot;
        }
    }

    /// Adds all of another table.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.merge_part(other, 1, Part::ALL);
    }

    /// Adds a part of another table, each count times a factor.
    pub(crate) fn merge_part(&mut self, other: &Self, factor: u64, part: Part) {
        for slot in other.slots.iter().filter(|slot| slot.count > 0 && part.has(slot)) {
            self.add(other.bytes(slot), slot.count.saturating_mul(factor));
        }
    }

    /// All pretokens with their counts, in no useful order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.slots.iter().filter(|slot| slot.count > 0).map(|slot| (self.bytes(slot), slot.count))
    }
}

/// One of several parts into which hashes divide the pretokens of any table.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    pub(crate) number: usize,
    pub(crate) of: usize,
}

impl Part {
    /// The only part.
    pub(crate) const ALL: Self = Self { number: 0, of: 1 };

    fn has(self, slot: &Slot) -> bool {
        if self.of <= 1 {
            return true;
        }
        // A long key has bytes of its hash where the hash of a short one has them.
        let long = slot.key[SHORT] == LONG;
        let key = u128::from_le_bytes(slot.key);
        let hash = if long { slot.key } else { (u128::from(fold(key)) << 64).to_le_bytes() };
        let hash = [hash[12], hash[13]];
        usize::from(u16::from_le_bytes(hash)) % self.of == self.number
    }
}

/// Key of a long pretoken: its number, seven bytes of its hash, the mark.
fn long_key(hash: u64, index: usize) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&(index as u64).to_le_bytes());
    key[8..].copy_from_slice(&hash.to_le_bytes());
    key[SHORT] = LONG;
    key
}

fn long_index(key: [u8; 16]) -> usize {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&key[..8]);
    usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the mask keeps less than a usize")]
fn spot(hash: u64, size: usize) -> usize {
    hash as usize & size.wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

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
            prop_assert_eq!(found, map);
        }
    }
}

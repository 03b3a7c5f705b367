//! Short chunks of recent texts with the sums of their rows.
//!
//! A chunk is found by all of its bytes, letters of ASCII in lower case, and its sum is exact, so an answer never
//! depends on what was kept.

use super::front::FRONT;
use super::sum::Part;
use crate::pages;

/// A power of two; with 128 bytes an entry, 4 MiB a thread.
const ENTRIES: usize = 1 << 15;

/// A chunk padded with NUL, which no chunk contains.
pub(crate) type Key = [u64; FRONT / 8];

#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(128))]
struct Entry {
    part: Part,
    key: Key,
}

/// A table with one place for each chunk; the last one to come keeps it.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    entries: Vec<Entry>,
    /// The model whose sums these are.
    model: u64,
}

impl Cache {
    /// Forgets all chunks if they were another model's.
    pub(crate) fn serve(&mut self, model: u64) {
        if self.model != model || self.entries.is_empty() {
            self.entries = pages::filled(Entry::default(), ENTRIES);
            self.model = model;
        }
    }

    /// Asks for the entry of a chunk, which will be read soon, and returns its place.
    #[inline]
    pub(crate) fn expect(&self, key: &Key) -> usize {
        let place = place(key);
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "most of the time would be spent waiting for it")]
        // SAFETY: a hint.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            let entry = std::ptr::from_ref(&self.entries[place]).cast::<i8>();
            _mm_prefetch::<_MM_HINT_T0>(entry);
            _mm_prefetch::<_MM_HINT_T0>(entry.wrapping_add(64));
        }
        place
    }

    /// The sum of a chunk at its place, made by `make` if it is not kept.
    #[inline]
    pub(crate) fn get(&mut self, place: usize, key: &Key, make: impl FnOnce() -> Part) -> &Part {
        let entry = &mut self.entries[place];
        // In whole registers: the key was just made there.
        let other = key.iter().zip(&entry.key).fold(0, |all, (a, b)| all | (a ^ b));
        if other != 0 {
            *entry = Entry { key: *key, part: make() };
        }
        &entry.part
    }
}

/// The place of a chunk.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the halves of a product; a table index")]
fn place(&[a, b, c, d]: &Key) -> usize {
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    // Digits of π, as good as any.
    let low = fold(a ^ 0x243F_6A88_85A3_08D3, b ^ 0x1319_8A2E_0370_7344);
    let high = fold(c ^ 0xA409_3822_299F_31D0, d ^ 0x082E_FA98_EC4E_6C89);
    (low ^ high.rotate_left(23)) as usize & (ENTRIES - 1)
}

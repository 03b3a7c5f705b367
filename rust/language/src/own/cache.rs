//! Short chunks of recent texts with the sums of their rows.
//!
//! A chunk is found by all of its bytes and its sum is exact, so an answer never depends on what was kept.

use super::sum::Part;
use crate::cache::Key;

/// A power of two; with 96 bytes an entry, 3 MiB a thread.
const ENTRIES: usize = 1 << 15;

#[derive(Clone, Copy, Debug, Default)]
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
            self.entries.clear();
            self.entries.resize(ENTRIES, Entry::default());
            self.model = model;
        }
    }

    /// The sum of a chunk, made by `make` if it is not kept.
    #[inline]
    pub(crate) fn get(&mut self, key: &Key, make: impl FnOnce() -> Part) -> &Part {
        let entry = &mut self.entries[key.place(ENTRIES)];
        if !entry.key.is(key) {
            *entry = Entry { key: *key, part: make() };
        }
        &entry.part
    }
}

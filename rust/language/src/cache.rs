//! Short words of recent texts with their rows, so that most words need no hashing.
//!
//! What is kept are the numbers of rows, not sums: the sums still run in the official order. A word is found by all of
//! its bytes, so an answer never depends on what was kept.

/// Bytes of the longest word that is kept.
pub(crate) const KEY: usize = 24;
/// Rows of a word that is kept, at most.
const ROWS: usize = 9;
/// A power of two; with 64 bytes an entry, 2 MiB a thread.
const ENTRIES: usize = 1 << 15;

/// A word of at most 24 bytes, padded with NUL, which no word contains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Key([u64; 3]);

#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Entry {
    key: Key,
    count: u32,
    rows: [u32; ROWS],
}

/// A table with one place for each word; the last one to come keeps it.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    entries: Vec<Entry>,
    /// The model whose rows these are.
    model: u64,
}

impl Cache {
    /// Forgets all words if they were another model's.
    pub(crate) fn serve(&mut self, model: u64) {
        if self.model != model || self.entries.is_empty() {
            self.entries.clear();
            let empty = Entry { key: Key::default(), count: 0, rows: [0; ROWS] };
            self.entries.resize(ENTRIES, empty);
            self.model = model;
        }
    }

    /// Appends the rows of a word, or says that it is not known.
    #[inline]
    pub(crate) fn append(&self, key: &Key, rows: &mut Vec<u32>) -> bool {
        let entry = &self.entries[key.place(ENTRIES)];
        if !entry.key.is(key) {
            return false;
        }
        // Fixed lengths are copied faster; what is too much is cut off again.
        let (length, count) = (rows.len(), entry.count as usize);
        if count <= 4 {
            rows.extend_from_slice(&entry.rows[..4]);
        } else {
            rows.extend_from_slice(&entry.rows);
        }
        rows.truncate(length + count);
        true
    }

    /// Keeps a word if its rows fit.
    pub(crate) fn keep(&mut self, key: &Key, rows: &[u32]) {
        let Ok(count) = u32::try_from(rows.len()) else { return };
        let entry = &mut self.entries[key.place(ENTRIES)];
        if let Some(place) = entry.rows.get_mut(..rows.len()) {
            place.copy_from_slice(rows);
            (entry.key, entry.count) = (*key, count);
        }
    }
}

impl Key {
    /// The first 24 bytes, or all there are.
    #[inline]
    pub(crate) fn front(bytes: &[u8]) -> Self {
        let mut padded = [0; KEY];
        let front = bytes.first_chunk().unwrap_or_else(|| {
            padded[..bytes.len()].copy_from_slice(bytes);
            &padded
        });
        let part = |i: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&front[i * 8..i * 8 + 8]);
            u64::from_le_bytes(eight)
        };
        Self([part(0), part(1), part(2)])
    }

    /// Where the first byte up to a space stands, or 24.
    #[inline]
    pub(crate) fn first_blank(&self) -> usize {
        const ONES: u64 = u64::MAX / 255;
        for (i, &part) in self.0.iter().enumerate() {
            // The lowest bit of this mask is exact; higher ones may be carried over from it.
            let blank = part.wrapping_sub(ONES * 0x21) & !part & (ONES * 0x80);
            if blank != 0 {
                return i * 8 + blank.trailing_zeros() as usize / 8;
            }
        }
        KEY
    }

    /// Equality in whole registers: the key was just made there, and reading it back in wider pieces would stall.
    #[inline]
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).fold(0, |all, (a, b)| all | (a ^ b)) == 0
    }

    /// The first `length` bytes, at most 24.
    #[inline]
    pub(crate) fn cut(mut self, length: usize) -> Self {
        for (part, mask) in self.0.iter_mut().zip(&MASKS[length.min(KEY)]) {
            *part &= mask;
        }
        self
    }

    /// Its place among so many entries, a power of two.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the halves of a product; a table index")]
    pub(crate) fn place(&self, entries: usize) -> usize {
        let fold = |a: u64, b: u64| {
            let product = u128::from(a) * u128::from(b);
            product as u64 ^ (product >> 64) as u64
        };
        let [a, b, c] = self.0;
        // Digits of π, as good as any.
        let low = fold(a ^ 0x243F_6A88_85A3_08D3, b ^ 0x1319_8A2E_0370_7344);
        let high = c.wrapping_mul(0xA409_3822_299F_31D1);
        (low ^ high.rotate_left(23)) as usize & (entries - 1)
    }
}

/// For each length the bits of a key that belong to a word of that many bytes.
static MASKS: [[u64; 3]; KEY + 1] = {
    let mut masks = [[0; 3]; KEY + 1];
    let mut length = 1;
    while length <= KEY {
        masks[length] = masks[length - 1];
        masks[length][(length - 1) / 8] |= 0xFF << (8 * ((length - 1) % 8));
        length += 1;
    }
    masks
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_is_the_front_of_a_text(bytes in prop::collection::vec(any::<u8>(), 0..70)) {
            let front = Key::front(&bytes);
            let blank = bytes.iter().take(KEY).position(|&b| b <= b' ');
            prop_assert_eq!(front.first_blank(), blank.unwrap_or(bytes.len().min(KEY)));
            for length in 0..=bytes.len().min(KEY) {
                prop_assert_eq!(front.cut(length), Key::front(&bytes[..length]));
            }
        }
    }

    #[test]
    fn a_word_gives_its_rows_to_its_model_only() {
        let mut cache = Cache::default();
        let (key, mut rows) = (Key::front(b"word"), vec![7]);
        cache.serve(1);
        cache.keep(&key, &[1, 2, 3]);
        assert!(cache.append(&key, &mut rows));
        assert!(!cache.append(&Key::front(b"words"), &mut rows));
        cache.keep(&Key::front(b"long"), &[0; ROWS + 1]);
        assert!(!cache.append(&Key::front(b"long"), &mut rows));
        assert_eq!(rows, [7, 1, 2, 3]);
        cache.serve(2);
        assert!(!cache.append(&key, &mut rows));
    }
}

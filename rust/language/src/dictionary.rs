//! The words and labels that a model knows, found by their bytes.

use std::ops::Range;

use crate::error::Result;
use crate::reader::Reader;
use crate::tree::MAX_COUNT;

/// What fastText writes before a label in its training text.
pub(crate) const LABEL_PREFIX: &str = "__label__";
/// The word that ends every line.
pub(crate) const END_OF_LINE: &[u8] = b"</s>";

/// A label with the number of training lines that had it.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) name: String,
    pub(crate) count: i64,
}

/// Words are numbered as the first rows of the input matrix, labels follow on.
#[derive(Debug)]
pub(crate) struct Dictionary {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    words: usize,
    labels: Vec<Label>,
    /// Open addressing by `fnv`; at least every other slot is empty.
    slots: Vec<Slot>,
    longest: usize,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    id: u32,
}

const EMPTY: u32 = u32::MAX;

/// What the dictionary says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Word(u32),
    Label,
    Unknown,
}

impl Dictionary {
    /// Reads the entries; the n-gram table that follows them in the file is left to be read.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<(Self, i64)> {
        let size = reader.count("the number of entries")?;
        let words = reader.count("the number of words")?;
        let labels = reader.count("the number of labels")?;
        if words.checked_add(labels) != Some(size) || labels == 0 {
            let found = format!("{size} entries, {words} words, {labels} labels");
            return Err(reader.malformed("the dictionary", found, "labels, and a sum that agrees"));
        }
        reader.i64("the number of tokens")?;
        let pruned = reader.i64("the number of kept n-grams")?;
        reader.need(size as u64 * 10, "the dictionary")?; // a NUL, a count and a kind each
        let mut dictionary = Self {
            bytes: Vec::new(),
            ends: Vec::with_capacity(size),
            words,
            labels: Vec::with_capacity(labels),
            slots: Vec::new(),
            longest: 0,
        };
        for _ in 0..size {
            dictionary.read_entry(reader)?;
        }
        if dictionary.labels.iter().map(|label| i128::from(label.count)).sum::<i128>()
            >= i128::from(MAX_COUNT)
        {
            return Err(reader.malformed("the sum of label counts", "huge", "below 10^15"));
        }
        dictionary.index();
        Ok((dictionary, pruned))
    }

    /// A dictionary of these words and labels.
    pub(crate) fn of_words(words: &[&[u8]], labels: Vec<Label>) -> Self {
        let mut dictionary = Self {
            bytes: Vec::new(),
            ends: Vec::with_capacity(words.len() + labels.len()),
            words: words.len(),
            labels: Vec::new(),
            slots: Vec::new(),
            longest: 0,
        };
        let names = labels.iter().map(|label| format!("{LABEL_PREFIX}{}", label.name));
        let names: Vec<String> = names.collect();
        for entry in words.iter().copied().chain(names.iter().map(String::as_bytes)) {
            dictionary.bytes.extend_from_slice(entry);
            dictionary.ends.push(dictionary.bytes.len());
            dictionary.longest = dictionary.longest.max(entry.len());
        }
        dictionary.labels = labels;
        dictionary.index();
        dictionary
    }

    /// The words in the order of their rows.
    pub(crate) fn all_words(&self) -> impl Iterator<Item = &[u8]> {
        (0..).take(self.words).map(|id| &self.bytes[self.range(id)])
    }

    fn read_entry(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let start = self.bytes.len();
        reader.until_nul(&mut self.bytes, "a dictionary entry")?;
        let count = reader.i64("the count of an entry")?;
        let kind = reader.u8("the kind of an entry")?;
        let expected = u8::from(self.ends.len() >= self.words);
        if kind != expected {
            return Err(reader.malformed("the kind of an entry", kind, "words, then labels"));
        }
        self.ends.push(self.bytes.len());
        self.longest = self.longest.max(self.bytes.len() - start);
        if kind == 1 {
            let Ok(name) = str::from_utf8(&self.bytes[start..]) else {
                return Err(reader.malformed("a label", "not UTF-8", "UTF-8"));
            };
            if !(0..MAX_COUNT).contains(&count) {
                return Err(reader.malformed("the count of a label", count, "0 to 10^15"));
            }
            let name = name.strip_prefix(LABEL_PREFIX).unwrap_or(name).to_owned();
            self.labels.push(Label { name, count });
        }
        Ok(())
    }

    fn index(&mut self) {
        let capacity = (self.ends.len() * 2).next_power_of_two();
        self.slots = vec![Slot { hash: 0, id: EMPTY }; capacity];
        for id in (0..).take(self.ends.len()) {
            let word = &self.bytes[self.range(id)];
            let hash = fnv(word);
            let slot = self.slot(word, hash);
            self.slots[slot] = Slot { hash, id }; // of equal entries the last one counts
        }
    }

    /// Looks a token up by its bytes and their `fnv`.
    pub(crate) fn find(&self, token: &[u8], hash: u32) -> Found {
        match self.slots[self.slot(token, hash)].id {
            EMPTY => Found::Unknown,
            id if (id as usize) < self.words => Found::Word(id),
            _ => Found::Label,
        }
    }

    /// The slot of this token, or the empty one where it would go.
    fn slot(&self, token: &[u8], hash: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.id == EMPTY || (slot.hash == hash && &self.bytes[self.range(slot.id)] == token)
            {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    fn range(&self, id: u32) -> Range<usize> {
        let id = id as usize;
        let start = if id == 0 { 0 } else { self.ends[id - 1] };
        start..self.ends[id]
    }

    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// Bytes of the longest entry.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    pub(crate) fn labels(&self) -> &[Label] {
        &self.labels
    }
}

/// The hash of an empty token.
pub(crate) const FNV_START: u32 = 2_166_136_261;

/// FNV-1a of 32 bits over *signed* bytes, as fastText has it.
pub(crate) fn fnv(bytes: &[u8]) -> u32 {
    bytes.iter().fold(FNV_START, |hash, &byte| fnv_step(hash, byte))
}

/// What an `fnv` is multiplied with for each byte.
pub(crate) const FNV_PRIME: u32 = 16_777_619;

/// Adds a byte to an `fnv`.
#[inline]
pub(crate) fn fnv_step(hash: u32, byte: u8) -> u32 {
    (hash ^ i32::from(byte.cast_signed()).cast_unsigned()).wrapping_mul(FNV_PRIME)
}

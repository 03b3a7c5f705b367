//! From a text to the rows of the input matrix that stand for it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::buckets::{Buckets, Modulo};
use crate::cache::{Cache, KEY, Key};
use crate::dictionary::{Dictionary, END_OF_LINE, Found, LABEL_PREFIX, fnv};
use crate::header::Header;
use crate::window::{Ngrams, Window};

/// Knows the features of a model: words, character n-grams, word n-grams.
#[derive(Debug)]
pub(crate) struct Features {
    dictionary: Dictionary,
    ngrams: Ngrams,
    word_ngrams: usize,
    /// Tells this model from all others of the process.
    id: u64,
}

/// Working memory of `rows`, to be kept between texts.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// The rows of the text, in the order in which they are to be summed.
    pub(crate) rows: Vec<u32>,
    /// The hash of each word, for word n-grams.
    hashes: Vec<u32>,
    cache: Cache,
    /// The words that the cache does not know, and their rows.
    window: Window,
    missed: Vec<Missed>,
    /// The rows of the words that it does know.
    known: Vec<u32>,
}

/// A word that the cache does not know.
#[derive(Clone, Copy, Debug)]
struct Missed {
    /// How many rows of known words come before it.
    after: usize,
    /// None for a word that is too long.
    key: Option<Key>,
}

impl Features {
    pub(crate) fn new(
        header: &Header,
        dictionary: Dictionary,
        buckets: Buckets,
        first: u32,
    ) -> Self {
        static MODELS: AtomicU64 = AtomicU64::new(1);
        let ngrams = Ngrams {
            min: header.min_n.max(1),
            max: header.max_n,
            modulo: Modulo::new(header.bucket),
            buckets,
            first,
        };
        let id = MODELS.fetch_add(1, Ordering::Relaxed);
        Self { dictionary, ngrams, word_ngrams: header.word_ngrams, id }
    }

    /// The words and labels that have rows.
    pub(crate) fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Fills `work.rows` with the rows of a text, then of the end of its line, then of its word n-grams.
    pub(crate) fn rows(&self, text: &str, work: &mut Work) {
        work.rows.clear();
        work.hashes.clear();
        work.known.clear();
        work.missed.clear();
        work.window.clear();
        work.cache.serve(self.id);
        self.words(text.as_bytes(), work);
        work.window.finish(&self.ngrams);
        work.join();
        if let Found::Word(row) = self.look_up(END_OF_LINE, work) {
            work.rows.push(row);
        }
        self.word_ngrams(work);
    }

    /// Looks all words of a text up, in the cache first.
    fn words(&self, text: &[u8], work: &mut Work) {
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            if separates(byte) {
                at += 1;
                continue;
            }
            let (token, key) = token(&text[at..]);
            at += token.len();
            if key.as_ref().is_some_and(|key| work.cache.append(key, &mut work.known)) {
                if self.word_ngrams > 1 {
                    work.hashes.push(fnv(token));
                }
                continue;
            }
            if token == END_OF_LINE {
                return; // the official library stops reading a line at this word, wherever it stands
            }
            let row = match self.look_up(token, work) {
                Found::Word(row) => Some(row),
                Found::Unknown => None,
                Found::Label => continue,
            };
            work.missed.push(Missed { after: work.known.len(), key });
            work.window.push_word(token, row, &self.ngrams);
        }
    }

    /// What a token is; one that looks like a label is never a word. Notes the hashes of words.
    fn look_up(&self, token: &[u8], work: &mut Work) -> Found {
        let needs_hash = self.word_ngrams > 1;
        let mut found = Found::Unknown;
        if needs_hash || token.len() <= self.dictionary.longest() {
            let hash = fnv(token);
            found = self.dictionary.find(token, hash);
            if needs_hash {
                work.hashes.push(hash);
            }
        }
        if found == Found::Unknown && token.starts_with(LABEL_PREFIX.as_bytes()) {
            found = Found::Label;
        }
        if found == Found::Label {
            work.hashes.pop();
        }
        found
    }

    /// The n-grams of 2 words and more, by their first word, then by length.
    fn word_ngrams(&self, work: &mut Work) {
        if self.word_ngrams < 2 {
            return;
        }
        for start in 0..work.hashes.len() {
            // Hashes are signed numbers there, and widened as such.
            let mut long = widened(work.hashes[start]);
            for &next in work.hashes[start + 1..].iter().take(self.word_ngrams - 1) {
                long = long.wrapping_mul(116_049_371).wrapping_add(widened(next));
                let row = self.ngrams.buckets.row(self.ngrams.modulo.of_long(long));
                work.rows.extend(row.map(|row| self.ngrams.first + row));
            }
        }
    }
}

impl Work {
    /// Puts the rows of known and of missed words together in the order of the text, and keeps the latter.
    fn join(&mut self) {
        if self.missed.is_empty() {
            return std::mem::swap(&mut self.rows, &mut self.known);
        }
        let mut done = 0;
        for (missed, rows) in self.missed.iter().zip(self.window.rows_of_words()) {
            self.rows.extend_from_slice(&self.known[done..missed.after]);
            self.rows.extend_from_slice(rows);
            done = missed.after;
            if let Some(key) = &missed.key {
                self.cache.keep(key, rows);
            }
        }
        self.rows.extend_from_slice(&self.known[done..]);
    }
}

/// The word at the front of a text, and its key if it is short.
#[inline]
fn token(text: &[u8]) -> (&[u8], Option<Key>) {
    let front = Key::front(text);
    let mut length = front.first_blank();
    // A byte below the space need not separate words.
    if length == KEY || text.get(length).is_some_and(|&byte| !separates(byte)) {
        let rest = text[length..].iter();
        length += rest.take_while(|&&byte| !separates(byte)).count();
    }
    let token = &text[..length.min(text.len())];
    (token, (token.len() <= KEY).then(|| front.cut(token.len())))
}

/// The bytes that fastText splits words at; a line feed ends a line there, and we have but one line.
pub(crate) fn separates(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0x0B | 0x0C | 0)
}

fn widened(hash: u32) -> u64 {
    i64::from(hash.cast_signed()).cast_unsigned()
}

#[cfg(test)]
mod reference;

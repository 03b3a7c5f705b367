//! The character n-grams of a text, a window of characters at a time.
//!
//! All words of the text, each between `<` and `>`, pass through one buffer. When it is full, the n-grams that begin
//! at each of its positions are hashed for all positions at once, and those whose buckets have rows are appended in the
//! order of the official library: by position, then by length. No step branches on where words end, or on whether a
//! bucket has a row: for n-grams of short words that is what costs the time.

use crate::buckets::{Buckets, Modulo};
use crate::dictionary::FNV_START;
use crate::kernel::{self, Gathered};

/// Positions of a window; its arrays together stay within the first-level cache.
const POSITIONS: usize = 1024;
/// Not the first position of a word.
pub(crate) const INSIDE: u32 = u32::MAX;
/// The first position of a word that has no row.
pub(crate) const NO_ROW: u32 = u32::MAX - 1;
/// Marks a bucket among rows; both are below 2^31.
pub(crate) const BUCKET: u32 = 1 << 31;

/// Which n-grams are wanted, and where their rows are.
#[derive(Debug)]
pub(crate) struct Ngrams {
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) modulo: Modulo,
    pub(crate) buckets: Buckets,
    /// The row of the first bucket.
    pub(crate) first: u32,
}

/// The positions of a window.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// The character at each position: its UTF-8 bytes, packed from the low end.
    codes: Vec<u32>,
    /// Characters from each position to the end of its word, at most the longest n-gram; 0 at a `>`.
    rest: Vec<u32>,
    /// At a `<` the row of the word, or `NO_ROW`; elsewhere `INSIDE`.
    words: Vec<u32>,
    hashes: Vec<u32>,
    /// For each length in turn the bucket of the n-gram at each position; the number of buckets where there is none.
    buckets: Vec<u32>,
    /// The rows of all words that came since the window was cleared.
    rows: Vec<u32>,
    /// Where the rows of each word begin; after `finish` also where the last word's end.
    starts: Vec<usize>,
}

impl Window {
    pub(crate) fn clear(&mut self) {
        self.codes.clear();
        self.rest.clear();
        self.words.clear();
        self.rows.clear();
        self.starts.clear();
    }

    /// Takes a word with its row, if it has one.
    pub(crate) fn push_word(&mut self, word: &[u8], row: Option<u32>, ngrams: &Ngrams) {
        if ngrams.max == 0 {
            self.starts.push(self.rows.len());
            return self.rows.extend(row);
        }
        if self.codes.len() + word.len() + 2 > POSITIONS {
            self.emit(self.codes.len(), ngrams);
            self.forget(self.codes.len());
        }
        self.codes.push(u32::from(b'<'));
        self.words.push(row.unwrap_or(NO_ROW));
        let mut length = 2;
        let mut left = word;
        while let Some(&lead) = left.first() {
            // Words of a text are valid UTF-8.
            let (code, bytes) = match (lead, left) {
                (0xC0..0xE0, [a, b, ..]) => (u32::from_le_bytes([*a, *b, 0, 0]), 2),
                (0xE0..0xF0, [a, b, c, ..]) => (u32::from_le_bytes([*a, *b, *c, 0]), 3),
                (0xF0.., [a, b, c, d, ..]) => (u32::from_le_bytes([*a, *b, *c, *d]), 4),
                _ => (u32::from(lead), 1),
            };
            if self.codes.len() >= POSITIONS {
                self.emit_part(ngrams);
            }
            self.codes.push(code);
            length += 1;
            left = &left[bytes..];
        }
        self.codes.push(u32::from(b'>'));
        self.settle(ngrams);
        self.end_word(length, ngrams);
    }

    /// Works off what is left in the window.
    pub(crate) fn finish(&mut self, ngrams: &Ngrams) {
        self.emit(self.codes.len(), ngrams);
        self.starts.push(self.rows.len());
    }

    /// The rows of each word that came, after `finish`.
    pub(crate) fn rows_of_words(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|ends| &self.rows[ends[0]..ends[1]])
    }

    /// Works off a word longer than the window; its last positions wait for the characters that follow them.
    #[cold]
    fn emit_part(&mut self, ngrams: &Ngrams) {
        self.settle(ngrams);
        let done = self.codes.len() - (ngrams.max - 1);
        self.emit(done, ngrams);
        self.forget(done);
    }

    /// Describes the new positions as those within a word.
    fn settle(&mut self, ngrams: &Ngrams) {
        self.rest.resize(self.codes.len(), number(ngrams.max));
        self.words.resize(self.codes.len(), INSIDE);
    }

    fn forget(&mut self, done: usize) {
        self.codes.drain(..done);
        self.rest.drain(..done);
        self.words.drain(..done);
    }

    /// Tells the last positions of a word how near its end is.
    fn end_word(&mut self, length: usize, ngrams: &Ngrams) {
        let end = self.rest.len();
        for left in 2..ngrams.max.min(length + 1) {
            self.rest[end - left] = number(left);
        }
        self.rest[end - 1] = 0;
    }

    /// Appends the rows of the first `done` positions.
    fn emit(&mut self, done: usize, ngrams: &Ngrams) {
        if done == 0 {
            return;
        }
        self.hash(done, ngrams);
        let start = self.rows.len();
        match &ngrams.buckets {
            Buckets::Bits { bits, before } => {
                self.gather(done, ngrams, |words, buckets, rows, starts| {
                    kernel::gather_bits(words, buckets, bits, rows, starts)
                });
                kernel::rank(&mut self.rows[start..], bits, before, ngrams.first);
            }
            other => {
                let has_row =
                    |bucket| bucket < ngrams.modulo.divisor() && other.row(bucket).is_some();
                self.gather(done, ngrams, |words, buckets, rows, starts| {
                    kernel::gather(words, buckets, has_row, rows, starts)
                });
                for row in self.rows[start..].iter_mut().filter(|row| **row & BUCKET != 0) {
                    *row = ngrams.first + other.row(*row & !BUCKET).unwrap_or(0);
                }
            }
        }
    }

    /// Fills `buckets`.
    fn hash(&mut self, done: usize, ngrams: &Ngrams) {
        let wide = self.codes.iter().fold(0, |all, code| all | code);
        let bytes = (32 - wide.leading_zeros() as usize).div_ceil(8);
        let known = self.codes.len();
        self.codes.resize(known + ngrams.max, 0); // what follows the last word; `rest` keeps it out
        self.hashes.clear();
        self.hashes.resize(done, FNV_START);
        self.buckets.resize(done * ngrams.lengths(), 0);
        for n in 1..=ngrams.max {
            kernel::extend(&mut self.hashes, &self.codes[n - 1..n - 1 + done], bytes);
            if n >= ngrams.min {
                let part = &mut self.buckets[(n - ngrams.min) * done..][..done];
                kernel::reduce(part, &self.hashes, &self.rest, number(n), ngrams.modulo);
            }
        }
        if ngrams.min == 1 {
            // A `<` alone is no n-gram.
            let starts = self.buckets.iter_mut().zip(&self.words[..done]);
            for (bucket, _) in starts.filter(|(_, word)| **word != INSIDE) {
                *bucket = ngrams.modulo.divisor();
            }
        }
        self.codes.truncate(known);
    }

    /// Appends what `kernel` finds in the first `done` positions, and notes where words begin.
    fn gather(
        &mut self,
        done: usize,
        ngrams: &Ngrams,
        kernel: impl FnOnce(&[u32], &[u32], &mut [u32], &mut [usize]) -> Gathered,
    ) {
        let (rows, starts) = (self.rows.len(), self.starts.len());
        self.rows.resize(rows + done * (1 + ngrams.lengths()) + 1, 0);
        self.starts.resize(starts + done + 1, 0);
        let buckets = &self.buckets[..done * ngrams.lengths()];
        let words = &self.words[..done];
        let found = kernel(words, buckets, &mut self.rows[rows..], &mut self.starts[starts..]);
        self.rows.truncate(rows + found.rows);
        self.starts.truncate(starts + found.words);
        for start in &mut self.starts[starts..] {
            *start += rows;
        }
    }
}

impl Ngrams {
    /// How many lengths n-grams have.
    fn lengths(&self) -> usize {
        (self.max + 1).saturating_sub(self.min)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a length of n-grams: at most 64")]
fn number(n: usize) -> u32 {
    n as u32
}

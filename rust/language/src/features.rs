//! From a text to the rows of the input matrix that stand for it.

use crate::buckets::{Buckets, Modulo};
use crate::dictionary::{Dictionary, END_OF_LINE, FNV_START, Found, LABEL_PREFIX, fnv, fnv_step};
use crate::header::Header;

/// Knows the features of a model: words, character n-grams, word n-grams.
#[derive(Debug)]
pub(crate) struct Features {
    dictionary: Dictionary,
    buckets: Buckets,
    modulo: Modulo,
    min_n: usize,
    max_n: usize,
    word_ngrams: usize,
    /// The row of bucket 0.
    first: u32,
}

/// Working memory of `rows`, to be kept between texts.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// The rows of the text, in the order in which they are to be summed.
    pub(crate) rows: Vec<u32>,
    /// The hash of each word, for word n-grams.
    hashes: Vec<u32>,
    /// A word between `<` and `>`.
    marked: Vec<u8>,
    /// Where each of its characters begins, and its end.
    starts: Vec<u32>,
}

impl Features {
    pub(crate) fn new(
        header: &Header,
        dictionary: Dictionary,
        buckets: Buckets,
        first: u32,
    ) -> Self {
        Self {
            dictionary,
            buckets,
            modulo: Modulo::new(header.bucket),
            min_n: header.min_n,
            max_n: header.max_n,
            word_ngrams: header.word_ngrams,
            first,
        }
    }

    /// Fills `work.rows` with the rows of a text, then of the end of its line, then of its word n-grams.
    pub(crate) fn rows(&self, text: &str, work: &mut Work) {
        work.rows.clear();
        work.hashes.clear();
        let tokens = text.as_bytes().split(|&byte| separates(byte));
        for token in tokens.filter(|token| !token.is_empty()) {
            self.token(token, work);
            if token == END_OF_LINE {
                // The official library stops reading a line at this word, wherever it stands.
                return self.word_ngrams(work);
            }
        }
        self.token(END_OF_LINE, work);
        self.word_ngrams(work);
    }

    fn token(&self, token: &[u8], work: &mut Work) {
        let hash = fnv(token);
        match self.dictionary.find(token, hash) {
            Found::Label => return,
            Found::Unknown if token.starts_with(LABEL_PREFIX.as_bytes()) => return,
            Found::Unknown => {}
            Found::Word(row) => work.rows.push(row),
        }
        work.hashes.push(hash);
        if self.max_n > 0 && token != END_OF_LINE {
            self.character_ngrams(token, work);
        }
    }

    /// All n-grams of `<token>`, by their first character, then by length; a lone `<` or `>` is none.
    fn character_ngrams(&self, token: &[u8], work: &mut Work) {
        mark(token, work);
        let last = work.starts.len() - 1;
        for start in 0..last {
            let mut hash = FNV_START;
            for n in 1..=self.max_n.min(last - start) {
                let character = work.starts[start + n - 1]..work.starts[start + n];
                for &byte in &work.marked[character.start as usize..character.end as usize] {
                    hash = fnv_step(hash, byte);
                }
                let lone_mark = n == 1 && (start == 0 || start + n == last);
                if n >= self.min_n && !lone_mark {
                    self.push(self.modulo.of(hash), &mut work.rows);
                }
            }
        }
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
                self.push(self.modulo.of_long(long), &mut work.rows);
            }
        }
    }

    #[inline]
    fn push(&self, bucket: u32, rows: &mut Vec<u32>) {
        if let Some(row) = self.buckets.row(bucket) {
            rows.push(self.first + row);
        }
    }
}

/// The bytes that fastText splits words at; a line feed ends a line there, and we have but one line.
fn separates(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0x0B | 0x0C | 0)
}

fn widened(hash: u32) -> u64 {
    i64::from(hash.cast_signed()).cast_unsigned()
}

/// Puts `token` between marks and finds its characters.
fn mark(token: &[u8], work: &mut Work) {
    work.marked.clear();
    work.marked.push(b'<');
    work.marked.extend_from_slice(token);
    work.marked.push(b'>');
    work.starts.clear();
    let starts = (0..).zip(&work.marked).filter(|(_, byte)| *byte & 0xC0 != 0x80);
    work.starts.extend(starts.map(|(at, _)| at));
    work.starts.extend((0..).nth(work.marked.len()));
}

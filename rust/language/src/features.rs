//! From a text to the rows of the input matrix that stand for it.

use crate::buckets::{Buckets, Modulo};
use crate::dictionary::{Dictionary, END_OF_LINE, Found, LABEL_PREFIX, fnv};
use crate::header::Header;
use crate::window::{Ngrams, Window};

/// Knows the features of a model: words, character n-grams, word n-grams.
#[derive(Debug)]
pub(crate) struct Features {
    dictionary: Dictionary,
    ngrams: Ngrams,
    word_ngrams: usize,
}

/// Working memory of `rows`, to be kept between texts.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// The rows of the text, in the order in which they are to be summed.
    pub(crate) rows: Vec<u32>,
    /// The hash of each word, for word n-grams.
    hashes: Vec<u32>,
    window: Window,
}

impl Features {
    pub(crate) fn new(
        header: &Header,
        dictionary: Dictionary,
        buckets: Buckets,
        first: u32,
    ) -> Self {
        let ngrams = Ngrams {
            min: header.min_n.max(1),
            max: header.max_n,
            modulo: Modulo::new(header.bucket),
            buckets,
            first,
        };
        Self { dictionary, ngrams, word_ngrams: header.word_ngrams }
    }

    /// Fills `work.rows` with the rows of a text, then of the end of its line, then of its word n-grams.
    pub(crate) fn rows(&self, text: &str, work: &mut Work) {
        work.rows.clear();
        work.hashes.clear();
        work.window.clear();
        let tokens = text.as_bytes().split(|&byte| separates(byte));
        for token in tokens.filter(|token| !token.is_empty()) {
            if token == END_OF_LINE {
                break; // the official library stops reading a line at this word, wherever it stands
            }
            self.token(token, work);
        }
        work.window.finish(&self.ngrams, &mut work.rows);
        if let Some(Some(row)) = self.look_up(END_OF_LINE, work) {
            work.rows.push(row);
        }
        self.word_ngrams(work);
    }

    fn token(&self, token: &[u8], work: &mut Work) {
        let Some(row) = self.look_up(token, work) else { return };
        if self.ngrams.max > 0 {
            work.window.push_word(token, row, &self.ngrams, &mut work.rows);
        } else {
            work.rows.extend(row);
        }
    }

    /// The row of a word if it has one, or nothing for a token that is no word but a label.
    fn look_up(&self, token: &[u8], work: &mut Work) -> Option<Option<u32>> {
        let needs_hash = self.word_ngrams > 1;
        let mut found = Found::Unknown;
        if needs_hash || token.len() <= self.dictionary.longest() {
            let hash = fnv(token);
            found = self.dictionary.find(token, hash);
            if needs_hash {
                work.hashes.push(hash);
            }
        }
        match found {
            Found::Word(row) => Some(Some(row)),
            Found::Unknown if !token.starts_with(LABEL_PREFIX.as_bytes()) => Some(None),
            Found::Unknown | Found::Label => {
                work.hashes.pop();
                None
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
                let row = self.ngrams.buckets.row(self.ngrams.modulo.of_long(long));
                work.rows.extend(row.map(|row| self.ngrams.first + row));
            }
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

//! Rule words: a text to the words that the rules count, punctuation tokens included.
//!
//! The thresholds of the rules were found with the word tokenizers of `datatrove`: spaCy for most languages. So chunks
//! between white space are split by rules close to spaCy's (`affixes`, `infixes`), and only chunks in scripts without
//! spaces go to the dictionaries and models of ICU4X.

mod affixes;
mod infixes;
mod korean;
mod runs;
pub(crate) mod sentences;
mod style;
mod url;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use crate::chars::Class;
use style::{Chunks, Runs, Style};

/// Splits text into rule words: stripped, none empty, punctuation tokens included.
#[derive(Clone, Debug)]
pub struct Segmenter {
    icu: WordSegmenterBorrowed<'static>,
    style: &'static Style,
}

impl Segmenter {
    /// The segmenter of a language (ISO 639-1). An unknown language gets the rules that depend on no language.
    #[must_use]
    pub fn for_language(lang: &str) -> Self {
        let icu = WordSegmenter::new_auto(WordBreakInvariantOptions::default());
        Self { icu, style: Style::of(lang) }
    }

    /// Replaces `out` by the words of `text`.
    pub fn segment<'t>(&self, text: &'t str, out: &mut Vec<&'t str>) {
        out.clear();
        let mut chunk = Chunk::default();
        for (at, c) in text.char_indices() {
            let class = Class::of(c);
            if class.is_space() {
                self.split(&text[chunk.start..at], &chunk, out);
                chunk = Chunk { start: at + c.len_utf8(), ..Chunk::default() };
            } else {
                chunk.plain &= class.is_letter();
                chunk.unspaced |= class.is_unspaced();
            }
        }
        self.split(&text[chunk.start..], &chunk, out);
    }

    fn split<'t>(&self, text: &'t str, chunk: &Chunk, out: &mut Vec<&'t str>) {
        if text.is_empty() {
            return;
        }
        match self.style.chunks {
            Chunks::Runs(style) => runs::split(text, style, self.icu, out),
            Chunks::Affixes if chunk.unspaced => runs::split(text, Runs::FOREIGN, self.icu, out),
            Chunks::Affixes if chunk.plain => out.push(text),
            Chunks::Affixes => affixes::split(text, self.style, out),
        }
    }
}

/// A run without white space.
struct Chunk {
    start: usize,
    /// Nothing but letters and marks.
    plain: bool,
    /// Some of it is in a script without spaces.
    unspaced: bool,
}

impl Default for Chunk {
    fn default() -> Self {
        Self { start: 0, plain: true, unspaced: false }
    }
}

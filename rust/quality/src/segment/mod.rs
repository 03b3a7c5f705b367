//! Rule words: a text to the words that the rules count, punctuation tokens included.
//!
//! The thresholds of the rules were found with the word tokenizers of `datatrove`: spaCy for most languages. So chunks
//! between white space are split by rules close to spaCy's (`affixes`, `infixes`), and only chunks in scripts without
//! spaces go to the dictionaries and models of ICU4X.

mod affixes;
mod block;
mod dictionary;
mod infixes;
mod korean;
mod runs;
pub(crate) mod sentences;
mod style;
mod url;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use crate::chars::Class;
use block::Masks;
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
        let mut at = 0;
        while at < text.len() {
            let masks = block::masks(text.as_bytes(), at);
            let (mut ends, mut from) = (masks.spaces, 0);
            while ends != 0 {
                let end = ends.trailing_zeros();
                if end > from {
                    let chunk = &text[at + from as usize..at + end as usize];
                    self.split_seen(chunk, masks, from, out);
                }
                from = end + 1;
                ends &= ends - 1;
            }
            at += from as usize;
            if from == 0 {
                let chunk = &text[at..long_chunk_end(text.as_bytes(), at)];
                self.split_slowly(chunk, out);
                at += chunk.len();
            }
        }
    }

    /// Splits what has no ASCII white space and begins at bit `from` of the masks.
    #[inline]
    fn split_seen<'t>(&self, chunk: &'t str, masks: Masks, from: u32, out: &mut Vec<&'t str>) {
        let inside = u64::MAX >> (64 - chunk.len());
        let others = !masks.letters >> from & inside;
        if others == 0 {
            out.push(chunk);
        } else if masks.high >> from & inside != 0 {
            self.split_slowly(chunk, out);
        } else if self.style.chunks == Chunks::Affixes
            && others == 1 << (chunk.len() - 1)
            && affixes::split_end(chunk, self.style, out)
        {
        } else {
            self.split(chunk, &Chunk { plain: false, ..Chunk::default() }, out);
        }
    }

    /// Splits what has no ASCII white space, character by character.
    fn split_slowly<'t>(&self, text: &'t str, out: &mut Vec<&'t str>) {
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

/// Where the next white space of ASCII stands.
fn long_chunk_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        let spaces = block::masks(bytes, at).spaces;
        at += spaces.trailing_zeros() as usize;
        if spaces != 0 {
            break;
        }
    }
    at.min(bytes.len())
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

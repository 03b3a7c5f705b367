//! Rule words: a text to the words that the rules count, punctuation tokens included.

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use crate::chars::strip;

/// Splits text into rule words: stripped, none empty, punctuation tokens included.
#[derive(Clone, Debug)]
pub struct Segmenter {
    icu: WordSegmenterBorrowed<'static>,
}

impl Segmenter {
    /// The segmenter of a language (ISO 639-1); an unknown language gets Unicode's default words (UAX 29).
    #[must_use]
    pub fn for_language(_lang: &str) -> Self {
        Self { icu: WordSegmenter::new_auto(WordBreakInvariantOptions::default()) }
    }

    /// Replaces `out` by the words of `text`.
    pub fn segment<'t>(&self, text: &'t str, out: &mut Vec<&'t str>) {
        out.clear();
        let mut start = 0;
        for end in self.icu.segment_str(text) {
            let word = strip(&text[start..end]);
            if !word.is_empty() {
                out.push(word);
            }
            start = end;
        }
    }
}

//! The sums over the texts of one language under one tokenizer; every measure is a ratio of sums, not a mean of ratios.

use crate::audit::measure::Measured;

/// What was counted of one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LanguageEval {
    /// Texts.
    pub documents: u64,
    /// Bytes of UTF-8.
    pub bytes: u64,
    /// Code points.
    pub characters: u64,
    /// Words, as the caller's segmenter cuts them.
    pub words: u64,
    /// Words that no token begins inside of.
    pub whole_words: u64,
    /// Tokens, without special ones.
    pub tokens: u64,
    /// How often each id occurs.
    pub counts: Vec<u64>,
}

impl LanguageEval {
    /// Adds a text.
    pub fn add(&mut self, text: &str, words: u64, measured: &Measured) {
        self.documents += 1;
        self.bytes += text.len() as u64;
        self.characters += text.chars().count() as u64;
        self.words += words;
        self.whole_words += measured.whole_words;
        self.tokens += measured.tokens;
        for &(id, count) in &measured.counts {
            let id = id as usize;
            if id >= self.counts.len() {
                self.counts.resize(id + 1, 0);
            }
            self.counts[id] += u64::from(count);
        }
    }

    /// Different ids that occur.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.counts.iter().filter(|&&count| count > 0).count() as u64
    }
}

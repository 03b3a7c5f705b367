//! How well a tokenizer fits a language: bytes per token and fertility on given texts.

use crate::{Result, Tokenizer};

/// The sums over the texts of one language; every measure is a ratio of sums, not a mean of ratios.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LanguageEval {
    /// The language.
    pub language: String,
    /// Texts.
    pub documents: u64,
    /// Bytes of UTF-8.
    pub bytes: u64,
    /// Code points.
    pub characters: u64,
    /// Words, as the caller's segmenter counts them.
    pub words: u64,
    /// Tokens, without special ones.
    pub tokens: u64,
}

impl LanguageEval {
    /// Bytes of UTF-8 per token; 0 without tokens.
    #[must_use]
    pub fn bytes_per_token(&self) -> f64 {
        ratio(self.bytes, self.tokens)
    }

    /// Code points per token; 0 without tokens.
    #[must_use]
    pub fn characters_per_token(&self) -> f64 {
        ratio(self.characters, self.tokens)
    }

    /// Tokens per word; 0 without words.
    #[must_use]
    pub fn fertility(&self) -> f64 {
        ratio(self.tokens, self.words)
    }

    /// Adds the sums of more texts of the same language.
    pub fn add(&mut self, other: &Self) {
        self.documents += other.documents;
        self.bytes += other.bytes;
        self.characters += other.characters;
        self.words += other.words;
        self.tokens += other.tokens;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is shown with a few digits")]
fn ratio(of: u64, to: u64) -> f64 {
    if to == 0 { 0.0 } else { of as f64 / to as f64 }
}

/// Encodes texts of a language and sums up. `words` is the number of words in them by the caller's segmenter.
pub fn evaluate(
    tokenizer: &Tokenizer,
    language: &str,
    texts: &[&str],
    words: u64,
    threads: usize,
) -> Result<LanguageEval> {
    let (tokens, _) = tokenizer.encode_batch(texts, threads)?;
    Ok(LanguageEval {
        language: language.to_owned(),
        documents: texts.len() as u64,
        bytes: texts.iter().map(|text| text.len() as u64).sum(),
        characters: texts.iter().map(|text| text.chars().count() as u64).sum(),
        words,
        tokens: tokens.len() as u64,
    })
}

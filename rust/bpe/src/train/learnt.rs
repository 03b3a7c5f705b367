//! What a training learnt, from which the tokenizer of every smaller size can be cut.

use crate::tokenizer::Tokenizer;
use crate::train::Merge;
use crate::vocabulary::Vocabulary;
use crate::{Pattern, Result};

/// The tokens and the merges in the order in which they were made.
pub(crate) struct Learnt {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) merges: Vec<Merge>,
    /// Tokens that no merge made: special tokens and bytes.
    pub(crate) given: usize,
    pub(crate) split: Pattern,
}

impl Learnt {
    /// The tokenizer that training to this size makes.
    pub(crate) fn tokenizer(&self, vocab_size: u32) -> Result<Tokenizer> {
        let merges = &self.merges[..self.merges_to(vocab_size)];
        let made = merges.iter().map(|&(_, _, id)| id as usize + 1).max();
        let tokens = self.given.max(made.unwrap_or(0));
        Tokenizer::trained(self.vocabulary.prefix(tokens), merges, self.split.clone())
    }

    /// The merges before the vocabulary is full. A merge need not make a token: its token may exist.
    fn merges_to(&self, vocab_size: u32) -> usize {
        let mut tokens = u32::try_from(self.given).unwrap_or(u32::MAX);
        let full = self.merges.iter().position(|&(_, _, id)| {
            let full = tokens >= vocab_size;
            tokens = tokens.max(id.saturating_add(1));
            full
        });
        full.unwrap_or(self.merges.len())
    }
}

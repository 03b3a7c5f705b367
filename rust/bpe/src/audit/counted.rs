//! How many tokens counted text becomes: each different pretoken is encoded once.

use rayon::prelude::*;

use crate::count::Language;
use crate::count::table::Table;
use crate::{Counts, EncodeScratch, Error, Result, Tokenizer};

/// A language of a table of counts under one tokenizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageTokens {
    /// The language.
    pub language: String,
    /// Bytes of text that were counted.
    pub bytes: u64,
    /// The tokens of that text, without special ones.
    pub tokens: u64,
}

/// The tokens of each language of a table, by name: as many as encoding its texts makes.
///
/// # Errors
/// [`Error::SplitMismatch`] unless the counts were made with the tokenizer's split.
pub fn evaluate_counts(
    tokenizer: &Tokenizer,
    counts: &Counts,
    threads: usize,
) -> Result<Vec<LanguageTokens>> {
    let split = tokenizer.pattern();
    if *split != counts.split {
        return Err(Error::SplitMismatch { counts: counts.split.clone(), asked: split.clone() });
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build()?;
    let languages: Vec<(&String, &Language)> = counts.languages.iter().collect();
    let row = |&(name, language): &(&String, &Language)| LanguageTokens {
        language: name.clone(),
        bytes: language.bytes,
        tokens: tokens(tokenizer, language),
    };
    Ok(pool.install(|| languages.par_iter().with_max_len(1).map(row).collect()))
}

fn tokens(tokenizer: &Tokenizer, language: &Language) -> u64 {
    let (mut scratch, mut ids) = (EncodeScratch::default(), Vec::new());
    let mut tokens = 0_u64;
    for (pretoken, count) in language.tables.iter().flat_map(Table::iter) {
        ids.clear();
        tokenizer.encode_pretoken(pretoken, &mut scratch, &mut ids);
        tokens = tokens.saturating_add(count.saturating_mul(ids.len() as u64));
    }
    tokens
}

//! What the sums of a tokenizer come to: counts by language, frequent words kept whole, tokens of one place.

use std::collections::BTreeMap;

use gamayun_bpe::{Concentrated, EncodeScratch, LanguageEval, Tokenizer, renyi_entropy};
use gamayun_text::DocId;
use serde::Serialize;

use crate::evaluate::evaluator::Sums;

/// The order of the Rényi entropy (Zouhar et al. 2023, arXiv 2306.16842).
const ALPHA: f64 = 2.5;
/// Frequent words of a language of which is told how many are one token (STRR, arXiv 2510.09947).
pub(crate) const LISTED: usize = 1000;
/// Occurrences from which on it is told that a token is of one place.
const LEAST_COUNT: u64 = 10;
/// The share of a token's occurrences that makes a place its own.
const CONCENTRATED: f64 = 0.9;

/// What one tokenizer makes of the texts.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// By language.
    pub languages: BTreeMap<String, LanguageOutcome>,
    /// Different ids that occur in any language.
    pub used: u64,
    /// Rényi entropy of order 2.5 of all tokens, in nats.
    pub renyi: f64,
    /// Tokens that occur ten times or more, nine tenths of them in one document, or in one source that has less than half of
    /// the token's languages.
    pub concentrated: Vec<TokenPlace>,
}

/// The texts of a language under one tokenizer; ratios are for the reader to make.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the names of `LanguageEval`, where they are told")]
pub struct LanguageOutcome {
    pub documents: u64,
    pub bytes: u64,
    pub characters: u64,
    pub words: u64,
    pub whole_words: u64,
    pub tokens: u64,
    pub used: u64,
    /// Rényi entropy of order 2.5 of the language's tokens, in nats.
    pub renyi: f64,
    /// Words in the list of the most frequent ones.
    pub listed: u64,
    /// Of those, words that are one token, alone or behind a space.
    pub listed_whole: u64,
}

/// A token and the place that it is of.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the names of `Concentrated`, where they are told")]
pub struct TokenPlace {
    pub id: u32,
    pub count: u64,
    pub documents: u64,
    pub source: String,
    pub source_share: f64,
    pub expected_share: f64,
    pub document: String,
    pub document_share: f64,
}

/// The outcome of the sums; `lists` are the frequent words by language.
pub(crate) fn outcome(
    tokenizer: &Tokenizer,
    sums: &Sums,
    lists: &BTreeMap<String, Vec<Box<str>>>,
) -> Outcome {
    let mut scratch = EncodeScratch::default();
    let none = Vec::new();
    let of = |(name, eval): (&String, &LanguageEval)| {
        let list = lists.get(name).unwrap_or(&none);
        (name.clone(), language(tokenizer, eval, list, &mut scratch))
    };
    let all = everything(sums);
    Outcome {
        languages: sums.languages.iter().map(of).collect(),
        used: all.iter().filter(|&&count| count > 0).count() as u64,
        renyi: renyi_entropy(all.into_iter(), ALPHA),
        concentrated: sums
            .spread
            .concentrated(LEAST_COUNT, CONCENTRATED)
            .into_iter()
            .map(TokenPlace::from)
            .collect(),
    }
}

fn language(
    tokenizer: &Tokenizer,
    eval: &LanguageEval,
    list: &[Box<str>],
    scratch: &mut EncodeScratch,
) -> LanguageOutcome {
    LanguageOutcome {
        documents: eval.documents,
        bytes: eval.bytes,
        characters: eval.characters,
        words: eval.words,
        whole_words: eval.whole_words,
        tokens: eval.tokens,
        used: eval.used(),
        renyi: renyi_entropy(eval.counts.iter().copied(), ALPHA),
        listed: list.len() as u64,
        listed_whole: list.iter().filter(|word| is_one_token(tokenizer, word, scratch)).count()
            as u64,
    }
}

/// Whether a word is one token, alone or behind a space.
fn is_one_token(tokenizer: &Tokenizer, word: &str, scratch: &mut EncodeScratch) -> bool {
    let mut ids = Vec::new();
    [word.to_owned(), format!(" {word}")].iter().any(|text| {
        ids.clear();
        tokenizer.encode(text, scratch, &mut ids).is_ok() && ids.len() == 1
    })
}

/// How often each id occurs in all languages.
fn everything(sums: &Sums) -> Vec<u64> {
    let mut all = Vec::new();
    for eval in sums.languages.values() {
        all.resize(all.len().max(eval.counts.len()), 0);
        for (sum, count) in all.iter_mut().zip(&eval.counts) {
            *sum += count;
        }
    }
    all
}

impl From<Concentrated> for TokenPlace {
    fn from(place: Concentrated) -> Self {
        Self {
            id: place.id,
            count: place.count,
            documents: place.documents,
            source: place.source,
            source_share: place.source_share,
            expected_share: place.expected_share,
            document: DocId(place.document).to_string(),
            document_share: place.document_share,
        }
    }
}

//! Byte-level BPE: count, train, encode, decode, evaluate.
//!
//! Text is cut into pretokens by a [`Split`], [`Counts`] says how often each occurs in each language, [`train`] makes a
//! [`Tokenizer`] of any mixture of them, and the tokenizer encodes, decodes, and is exchanged as a `tokenizer.json`.

mod alphabet;
mod audit;
mod count;
mod encode;
mod error;
mod exchange;
mod key;
mod pages;
mod pair_map;
mod split;
mod tokenizer;
mod train;
mod vocabulary;

pub use audit::{
    Concentrated, LanguageEval, LanguageTokens, MeasureScratch, Measured, Place, Spread,
    VocabularyReport, Why, evaluate_counts, measure, renyi_entropy,
};
pub use count::Counts;
pub use count::merge::{LanguageCounts, merge_counts};
pub use count::stored::{StoredCounts, TrainLimits, Trained};
pub use encode::added::Specials;
pub use encode::engine::EncodeScratch;
pub use encode::offsets::{Located, in_characters};
pub use encode::segments::Segments;
pub use encode::source::{TextBuffer, TextSource};
pub use encode::stream::EncodeStream;
pub use error::{Error, Result};
pub use exchange::diff::{TokenDiff, diff};
pub use split::Split;
pub use split::pattern::{Pattern, Regexes};
pub use tokenizer::Tokenizer;
pub use train::{
    LanguageTurns, Measure, ParityParams, TrainParams, Window, extend, train, train_parity,
    train_parity_prefixes, train_prefixes, train_stored,
};

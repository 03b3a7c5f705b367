//! Byte-level BPE: count, train, encode, decode, evaluate.
//!
//! Text is cut into pretokens by a [`Split`], [`Counts`] says how often each occurs in each language, [`train`] makes a
//! [`Tokenizer`] of any mixture of them, and the tokenizer encodes, decodes, and is exchanged as a `tokenizer.json`.

mod alphabet;
mod bridge;
mod cache;
mod class;
mod counts;
mod counts_file;
mod error;
mod evaluate;
mod json;
mod key;
mod merge;
mod merger;
mod pair_map;
mod pairs;
mod pattern;
mod scan;
mod split;
mod table;
mod tally;
mod tokenizer;
mod train;
mod vocabulary;
mod words;

pub use counts::Counts;
pub use error::{Error, Result};
pub use evaluate::{LanguageEval, evaluate};
pub use split::Split;
pub use tokenizer::{EncodeScratch, Tokenizer};
pub use train::{TrainParams, train};

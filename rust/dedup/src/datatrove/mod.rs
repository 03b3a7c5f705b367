//! Signatures equal to those of `datatrove` 0.10.1, bit for bit, given the words.
//!
//! Its way from a text to a signature has three parts: [`simplify`] the text, split it into words by a tokenizer of the
//! language, and hash. The first and the last are here; the words are the caller's, since `datatrove` takes them from
//! spaCy, jieba, sudachi or kiwi.

mod mersenne_twister;
mod signer;
mod simplify;

pub use signer::{DatatroveParams, DatatroveSigner, Precision};
pub use simplify::simplify;

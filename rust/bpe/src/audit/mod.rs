//! How well a tokenizer fits text.

mod sums;

pub use sums::{LanguageEval, evaluate};

//! Tokenizers in the files of other tools.

pub(crate) mod json;

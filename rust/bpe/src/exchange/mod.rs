//! Tokenizers in the files of other tools.

pub(crate) mod diff;
pub(crate) mod json;
pub(crate) mod merges;
pub(crate) mod ranks;

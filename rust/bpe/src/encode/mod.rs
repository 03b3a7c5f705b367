//! From text to tokens: a cache of pretokens, and a walk over the tokens that merging can make for the others.

pub(crate) mod added;
pub(crate) mod bridges;
pub(crate) mod cache;
pub(crate) mod engine;
pub(crate) mod lexicon;
pub(crate) mod merge;
pub(crate) mod offsets;
pub(crate) mod pairs;
mod points;
pub(crate) mod segments;
pub(crate) mod source;
pub(crate) mod stream;
mod text;
pub(crate) mod trie;
pub(crate) mod walk;

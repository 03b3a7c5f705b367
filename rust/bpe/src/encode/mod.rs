//! From text to tokens: a cache of pretokens, pieces that no merge crosses, and the merging of the rest.

pub(crate) mod bridge;
pub(crate) mod cache;
pub(crate) mod merge;

//! Two vocabularies side by side: which tokens they share, and of which old tokens each new one is made.

use std::collections::HashMap;

use crate::{EncodeScratch, Tokenizer};

/// A token of the new tokenizer, seen from the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenDiff {
    /// The new id.
    pub new_id: u32,
    /// The bytes of the token, of a special one as it is written.
    pub bytes: Vec<u8>,
    /// Whether it is special in the new tokenizer.
    pub special: bool,
    /// The old token of the same bytes, special if this one is.
    pub old_id: Option<u32>,
    /// What the old tokenizer merges the bytes to, special tokens as text. Not split: a token is one pretoken.
    pub old_pieces: Vec<u32>,
}

/// Each token of `new` by rising id, with its twin in `old` and its pieces there.
#[must_use]
pub fn diff(old: &Tokenizer, new: &Tokenizer) -> Vec<TokenDiff> {
    let key =
        |of: &Tokenizer, id: u32, bytes: &[u8]| (of.vocabulary.is_special(id), bytes.to_vec());
    let mut twins = HashMap::new();
    for (id, bytes) in old.vocabulary.iter() {
        twins.entry(key(old, id, bytes)).or_insert(id);
    }
    let mut scratch = EncodeScratch::default();
    let row = |(new_id, bytes): (u32, &[u8])| {
        let mut old_pieces = Vec::new();
        old.encode_pretoken(bytes, &mut scratch, &mut old_pieces);
        let key = key(new, new_id, bytes);
        let old_id = twins.get(&key).copied();
        TokenDiff { new_id, special: key.0, bytes: key.1, old_id, old_pieces }
    };
    new.vocabulary.iter().map(row).collect()
}

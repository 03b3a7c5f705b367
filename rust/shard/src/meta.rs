//! What is known of a tokenised document beside its tokens.

use gamayun_text::DocId;

/// The facts that travel with a document into its shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentMeta {
    /// Its identity.
    pub id: DocId,
    /// The pool it belongs to.
    pub pool: u32,
    /// Its language: a place in [`ShardParams::languages`](crate::ShardParams::languages).
    pub language: u8,
    /// Its source: a place in [`ShardParams::sources`](crate::ShardParams::sources).
    pub source: u16,
    /// UTF-8 bytes of its text.
    pub bytes: u64,
    /// Its shuffle key: `id.draw(seed)`. Documents of a pool are ordered by (key, id).
    pub key: u64,
}

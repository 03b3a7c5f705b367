//! What a shard is written with.

use crate::{Error, Result, TokenWidth};

/// The parameters of a pool's shards; the same for every pool of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardParams {
    /// Bytes of a token id: [`TokenWidth::for_vocab`] of `vocab_size`.
    pub width: TokenWidth,
    /// Every token id is below this.
    pub vocab_size: u32,
    /// The id that ends every document and occurs nowhere else.
    pub eos: u32,
    /// Bytes of payload that a shard is meant to have at most; cut at document ends, it may pass this by less than one
    /// document.
    pub max_shard_bytes: u64,
    /// sha256 of the tokenizer's file.
    pub tokenizer_sha256: [u8; 32],
    /// Names of the languages, as [`DocumentMeta::language`](crate::DocumentMeta::language) counts them; at most 256.
    pub languages: Vec<String>,
    /// Names of the sources, as [`DocumentMeta::source`](crate::DocumentMeta::source) counts them; at most 65,536.
    pub sources: Vec<String>,
}

impl ShardParams {
    /// Bytes of payload per shard unless told otherwise: 2 GiB, so that every trainer's offsets and counts hold.
    pub const DEFAULT_MAX_SHARD_BYTES: u64 = 1 << 31;

    /// The parameters for a vocabulary, with the default shard size.
    pub fn new(
        vocab_size: u32,
        eos: u32,
        tokenizer_sha256: [u8; 32],
        languages: Vec<String>,
        sources: Vec<String>,
    ) -> Result<Self> {
        let params = Self {
            width: TokenWidth::for_vocab(vocab_size),
            vocab_size,
            eos,
            max_shard_bytes: Self::DEFAULT_MAX_SHARD_BYTES,
            tokenizer_sha256,
            languages,
            sources,
        };
        params.validate()?;
        Ok(params)
    }

    pub(crate) fn validate(&self) -> Result<()> {
        let vocab_size = self.vocab_size;
        ensure("vocab_size", (1..=1 << 31).contains(&vocab_size), || {
            format!("{vocab_size} is not between 1 and 2^31")
        })?;
        ensure("width", self.width == TokenWidth::for_vocab(vocab_size), || {
            format!("{:?} is not the width of a vocabulary of {vocab_size}", self.width)
        })?;
        ensure("eos", self.eos < vocab_size, || {
            format!("{} is outside the vocabulary of {vocab_size}", self.eos)
        })?;
        ensure("max_shard_bytes", self.max_shard_bytes >= self.width.bytes(), || {
            format!("{} bytes hold no token", self.max_shard_bytes)
        })?;
        validate_names("languages", &self.languages, 1 << 8)?;
        validate_names("sources", &self.sources, 1 << 16)
    }
}

fn validate_names(parameter: &'static str, names: &[String], most: usize) -> Result<()> {
    ensure(parameter, names.len() <= most, || format!("{} names, more than {most}", names.len()))?;
    let bad = names.iter().find(|name| name.is_empty() || name.contains('\n'));
    ensure(parameter, bad.is_none(), || {
        format!("{:?} is empty or has a line end in it", bad.map_or("", String::as_str))
    })
}

fn ensure(parameter: &'static str, holds: bool, message: impl FnOnce() -> String) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Params { parameter, message: message() }) }
}

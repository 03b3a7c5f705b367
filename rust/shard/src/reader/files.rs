//! The shards that a stage reads: mapped when they are first needed, the ones not read for longest let go.

use std::path::PathBuf;
use std::sync::Arc;

use super::recent::Recent;
use crate::receipt::hex;
use crate::{Error, Result, Shard, TokenWidth};

/// A shard, as a manifest has it.
#[derive(Clone, Debug)]
pub struct ShardFile {
    /// Path of its payload or of its index.
    pub path: PathBuf,
    /// Its tokens.
    pub tokens: u64,
    /// sha256 of its payload, in hexadecimal.
    pub bin_sha256: String,
}

/// The shards of all pools, those that were read lately mapped.
#[derive(Debug)]
pub(crate) struct Files {
    promised: Vec<ShardFile>,
    tokenizer_sha256: String,
    width: TokenWidth,
    languages: Vec<String>,
    sources: Vec<String>,
    open: Recent<Shard>,
}

impl Files {
    /// Maps the first shard, whose names and width the others must have too.
    pub(crate) fn new(
        files: Vec<ShardFile>,
        tokenizer_sha256: String,
        limit: usize,
    ) -> Result<Self> {
        let first = files.first().map(|file| Shard::open(&file.path)).transpose()?;
        let names = |of: fn(&Shard) -> &[String]| {
            first.as_ref().map(|shard| of(shard).to_vec()).unwrap_or_default()
        };
        let open = Recent::new(files.len(), limit);
        Ok(Self {
            promised: files,
            tokenizer_sha256,
            width: first.as_ref().map_or(TokenWidth::U16, Shard::width),
            languages: names(Shard::language_names),
            sources: names(Shard::source_names),
            open,
        })
    }

    pub(super) fn width(&self) -> TokenWidth {
        self.width
    }

    pub(super) fn language_names(&self) -> &[String] {
        &self.languages
    }

    pub(super) fn source_names(&self) -> &[String] {
        &self.sources
    }

    pub(super) fn paths(&self) -> impl ExactSizeIterator<Item = &PathBuf> {
        self.promised.iter().map(|file| &file.path)
    }

    /// The shard of this number, mapped.
    pub(crate) fn get(&self, number: usize) -> Result<Arc<Shard>> {
        match self.open.get(number, |_| true) {
            Some(shard) => Ok(shard),
            None => Ok(self.open.put(number, self.check(number)?)),
        }
    }

    /// Opens a shard; what its header says must be what the manifest says.
    fn check(&self, number: usize) -> Result<Shard> {
        let file = &self.promised[number];
        let shard = Shard::open(&file.path)?;
        let is = |offset, found: String, expected: &str| {
            if found == expected {
                return Ok(());
            }
            Err(Error::format(shard.gdx_path(), offset, found, format!("{expected}, as promised")))
        };
        is(32, hex(&shard.bin_sha256()), &file.bin_sha256)?;
        is(64, hex(&shard.tokenizer_sha256()), &self.tokenizer_sha256)?;
        is(96, format!("{} tokens", shard.tokens().len()), &format!("{} tokens", file.tokens))?;
        is(140, shard.width().bytes().to_string(), &self.width.bytes().to_string())?;
        is(160, shard.language_names().join(" "), &self.languages.join(" "))?;
        is(160, shard.source_names().join(" "), &self.sources.join(" "))?;
        Ok(shard)
    }
}

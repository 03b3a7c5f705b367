//! Writes a shard's payload (`.bin`): documents one after another, checked and hashed on their way.

use std::path::Path;

use gamayun_text::hash::hash128;
use sha2::{Digest, Sha256};

use crate::atomic::AtomicFile;
use crate::layout::{BLOCK_TOKENS, Block};
use crate::{Error, Result, RunDocument, ShardParams, Tokens};

/// A payload being written.
#[derive(Debug)]
pub(crate) struct PayloadWriter<'a> {
    params: &'a ShardParams,
    file: AtomicFile,
    sha256: Sha256,
    block: Vec<u8>,
    blocks: Vec<Block>,
    block_start: (u64, u64),
    documents: u64,
    tokens: u64,
    max_id: u32,
}

/// A payload under its name.
#[derive(Debug)]
pub(crate) struct Payload {
    pub(crate) sha256: [u8; 32],
    pub(crate) blocks: Vec<Block>,
    pub(crate) tokens: u64,
    pub(crate) max_id: u32,
}

impl<'a> PayloadWriter<'a> {
    pub(crate) fn create(path: &Path, params: &'a ShardParams) -> Result<Self> {
        Ok(Self {
            params,
            file: AtomicFile::create(path)?,
            sha256: Sha256::new(),
            block: Vec::new(),
            blocks: Vec::new(),
            block_start: (0, 0),
            documents: 0,
            tokens: 0,
            max_id: 0,
        })
    }

    /// Adds a document whose tokens lie in the vocabulary and end with EOS, which is nowhere else in them.
    ///
    /// True when a block was completed.
    pub(crate) fn push(&mut self, document: &RunDocument<'_>) -> Result<bool> {
        let largest = largest_id(document, self.params)?;
        self.max_id = self.max_id.max(largest);
        self.block.extend_from_slice(document.tokens.as_bytes());
        self.documents += 1;
        self.tokens += document.tokens.len() as u64;
        let full = self.tokens - self.block_start.1 >= BLOCK_TOKENS;
        if full {
            self.close_block()?;
        }
        Ok(full)
    }

    pub(crate) fn tokens(&self) -> u64 {
        self.tokens
    }

    pub(crate) fn finish(mut self) -> Result<Payload> {
        if !self.block.is_empty() {
            self.close_block()?;
        }
        self.file.commit()?;
        let sha256 = self.sha256.finalize().into();
        Ok(Payload { sha256, blocks: self.blocks, tokens: self.tokens, max_id: self.max_id })
    }

    fn close_block(&mut self) -> Result<()> {
        let (start_document, start_token) = self.block_start;
        let hash = hash128(&self.block).to_be_bytes();
        self.blocks.push(Block { start_document, start_token, hash });
        self.sha256.update(&self.block);
        self.file.write(&self.block)?;
        self.block.clear();
        self.block_start = (self.documents, self.tokens);
        Ok(())
    }
}

/// The largest id of a document that keeps the payload's promises.
fn largest_id(document: &RunDocument<'_>, params: &ShardParams) -> Result<u32> {
    let (id, tokens, eos) = (document.meta.id, document.tokens, params.eos);
    let inside = tokens.len().saturating_sub(1);
    let last = tokens.get(inside).ok_or(Error::EmptyDocument { id })?;
    let (largest, eos_inside) = tokens.slice(0..inside).map_or((0, false), |ids| ids.survey(eos));
    let largest = largest.max(last);
    if largest >= params.vocab_size {
        return Err(out_of_range(document, params.vocab_size));
    }
    if last != eos {
        return Err(Error::MissingEos { id, last, eos });
    }
    if eos_inside {
        let position = place(tokens, |token| token == eos);
        return Err(Error::EosInside { id, position, tokens: tokens.len() as u64, eos });
    }
    Ok(largest)
}

fn out_of_range(document: &RunDocument<'_>, vocab_size: u32) -> Error {
    let position = document.tokens.position(|token| token >= vocab_size).unwrap_or_default();
    Error::TokenOutOfRange {
        id: document.meta.id,
        position: position as u64,
        token: document.tokens.get(position).unwrap_or_default(),
        limit: vocab_size.into(),
    }
}

fn place(tokens: Tokens<'_>, is: impl Fn(u32) -> bool) -> u64 {
    tokens.position(is).unwrap_or_default() as u64
}

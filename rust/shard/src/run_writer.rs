//! Collects tokenised documents in any order and writes them as one sorted run file.

use std::path::Path;

use bytemuck::Zeroable;
use gamayun_text::hash::{Hasher128, hash128};

use crate::atomic::AtomicFile;
use crate::run_layout::{Entry, Header, MAGIC, Offsets, Record, VERSION};
use crate::{DocumentMeta, Error, PoolCount, Result, TokenWidth};

/// Tokens are written in pieces of about so many bytes.
const PIECE_BYTES: usize = 1 << 20;

/// One partition's documents until they are written.
///
/// Holds the tokens in their width on disk and 64 bytes a document.
#[derive(Debug)]
pub struct RunWriter {
    width: TokenWidth,
    tokens: Vec<u8>,
    documents: Vec<Pending>,
}

/// A document and where its tokens lie in [`RunWriter::tokens`].
#[derive(Debug)]
struct Pending {
    meta: DocumentMeta,
    start: usize,
    end: usize,
}

impl RunWriter {
    /// A writer of token ids of this width.
    #[must_use]
    pub fn new(width: TokenWidth) -> Self {
        Self { width, tokens: Vec::new(), documents: Vec::new() }
    }

    /// Adds a document; `tokens` include its EOS.
    ///
    /// Refuses documents without a token, with ids that the width cannot hold, and longer than 2³¹ − 1 tokens or
    /// 2³² − 1 bytes of text.
    pub fn push(&mut self, meta: DocumentMeta, tokens: &[u32]) -> Result<()> {
        self.push_copies(meta, [meta.key], tokens)
    }

    /// Adds a document once for each of these shuffle keys, which take the place of its own; its tokens are held once.
    pub fn push_copies(
        &mut self,
        meta: DocumentMeta,
        keys: impl IntoIterator<Item = u64>,
        tokens: &[u32],
    ) -> Result<()> {
        validate(&meta, tokens, self.width.limit())?;
        let start = self.tokens.len();
        match self.width {
            TokenWidth::U16 => {
                self.tokens.resize(start + 2 * tokens.len(), 0);
                let places = self.tokens[start..].as_chunks_mut().0;
                places
                    .iter_mut()
                    .zip(tokens)
                    .for_each(|(at, &id)| *at = low_half(id).to_le_bytes());
            }
            TokenWidth::U32 => self.tokens.extend_from_slice(bytemuck::cast_slice(tokens)),
        }
        let end = self.tokens.len();
        let copy = |key| Pending { meta: DocumentMeta { key, ..meta }, start, end };
        self.documents.extend(keys.into_iter().map(copy));
        Ok(())
    }

    /// Documents so far.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.documents.len() as u64
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> u64 {
        (self.tokens.capacity() + self.documents.capacity() * size_of::<Pending>()) as u64
    }

    /// Writes the documents, sorted by (pool, key, id), and tells what each pool has.
    ///
    /// Atomic: the file is whole or absent. A run without documents is a file too.
    pub fn finish(mut self, path: &Path) -> Result<Vec<PoolCount>> {
        self.documents.sort_by_key(|d| (d.meta.pool, d.meta.key, d.meta.id));
        let (entries, records) = self.directory();
        let header = self.header(&entries);
        let mut file = AtomicFile::create(path)?;
        file.write(bytemuck::bytes_of(&header))?;
        file.write(bytemuck::cast_slice(&entries))?;
        file.write(bytemuck::cast_slice(&records))?;
        let gap = (records.len() * size_of::<Record>()).wrapping_neg() % 64;
        file.write(&[0; 64][..gap])?;
        self.write_tokens(&mut file)?;
        file.commit()?;
        Ok(entries.iter().map(PoolCount::from).collect())
    }

    fn directory(&self) -> (Vec<Entry>, Vec<Record>) {
        let mut entries = Vec::new();
        let mut records = Vec::with_capacity(self.documents.len());
        for documents in self.documents.chunk_by(|a, b| a.meta.pool == b.meta.pool) {
            let first = records.len();
            let mut entry = Entry { documents: documents.len() as u64, ..Entry::zeroed() };
            let mut hasher = Hasher128::new();
            for document in documents {
                entry.pool = document.meta.pool;
                entry.bytes += document.meta.bytes;
                entry.tokens += (document.end - document.start) as u64 / self.width.bytes();
                hasher.update(&self.tokens[document.start..document.end]);
                records.push(record(&document.meta, entry.tokens));
            }
            entry.record_hash = hash128(bytemuck::cast_slice(&records[first..])).to_be_bytes();
            entry.token_hash = hasher.digest().to_be_bytes();
            entries.push(entry);
        }
        (entries, records)
    }

    fn header(&self, entries: &[Entry]) -> Header {
        let (pools, documents) = (entries.len() as u64, self.documents());
        let token_bytes = self.documents.iter().map(|d| (d.end - d.start) as u64).sum::<u64>();
        Header {
            magic: MAGIC,
            version: VERSION,
            width: u32::from(u8::from(self.width)),
            pools,
            documents,
            tokens: token_bytes / self.width.bytes(),
            length: Offsets::of(pools, documents, token_bytes).map_or(u64::MAX, |at| at.end),
            directory_hash: hash128(bytemuck::cast_slice(entries)).to_be_bytes(),
        }
    }

    fn write_tokens(&self, file: &mut AtomicFile) -> Result<()> {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        for document in &self.documents {
            piece.extend_from_slice(&self.tokens[document.start..document.end]);
            if piece.len() >= PIECE_BYTES {
                file.write(&piece)?;
                piece.clear();
            }
        }
        file.write(&piece)
    }
}

fn validate(meta: &DocumentMeta, tokens: &[u32], limit: u64) -> Result<()> {
    let id = meta.id;
    if tokens.is_empty() {
        return Err(Error::EmptyDocument { id });
    }
    if i32::try_from(tokens.len()).is_err() || u32::try_from(meta.bytes).is_err() {
        return Err(Error::DocumentTooLong { id, tokens: tokens.len() as u64, bytes: meta.bytes });
    }
    let largest = tokens.iter().copied().fold(0, u32::max);
    if u64::from(largest) >= limit {
        let position = tokens.iter().take_while(|&&token| u64::from(token) < limit).count();
        let token = tokens[position];
        return Err(Error::TokenOutOfRange { id, position: position as u64, token, limit });
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "`validate` saw that every id fits")]
#[inline]
fn low_half(id: u32) -> u16 {
    id as u16
}

#[expect(clippy::cast_possible_truncation, reason = "`validate` saw that the bytes fit")]
fn record(meta: &DocumentMeta, end: u64) -> Record {
    Record {
        id: meta.id.to_bytes(),
        key: meta.key,
        end,
        bytes: meta.bytes as u32,
        source: meta.source,
        language: meta.language,
        zero: 0,
    }
}

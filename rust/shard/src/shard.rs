//! A shard, mapped: its tokens and what its index says of them.

use std::ops::Range;
use std::path::{Path, PathBuf};

use bytemuck::Pod;
use gamayun_text::DocId;
use gamayun_text::hash::hash128;
use memmap2::Mmap;

use crate::head::{read_entries, read_header, read_width};
use crate::layout::{Block, Entry, Header, Meta, Section, split_names};
use crate::map::map;
use crate::{Error, Result, TokenWidth, Tokens};

/// A shard, open: payload and index.
#[derive(Debug)]
pub struct Shard {
    bin_path: PathBuf,
    gdx_path: PathBuf,
    bin: Mmap,
    gdx: Mmap,
    header: Header,
    width: TokenWidth,
    entries: Vec<Entry>,
    languages: Vec<String>,
    sources: Vec<String>,
}

/// A block: whole documents whose tokens have a hash of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockSpan {
    /// Its documents.
    pub documents: Range<u64>,
    /// Its tokens.
    pub tokens: Range<u64>,
    /// xxh3-128 of its bytes in the payload.
    pub hash: u128,
}

impl Shard {
    /// Maps a shard by the path of its payload, of its index, or of both without extension.
    ///
    /// Checks the structure: magic, version, the header's hash, bounds, alignment and sizes of all sections, the
    /// payload's length. Costs the same for any size; what lies inside the sections is for [`check`](crate::check).
    pub fn open(path: &Path) -> Result<Self> {
        let (bin_path, gdx_path) = (path.with_extension("bin"), path.with_extension("gdx"));
        let (gdx, bin) = (map(&gdx_path)?, map(&bin_path)?);
        let header = read_header(&gdx_path, &gdx)?;
        let width = read_width(&gdx_path, &header)?;
        let entries = read_entries(&gdx_path, &gdx, &header)?;
        let (languages, sources) = (Vec::new(), Vec::new());
        let shard =
            Self { bin_path, gdx_path, bin, gdx, header, width, entries, languages, sources };
        shard.check_sections()?;
        shard.check_payload()?;
        let (languages, sources) =
            (shard.names(Section::Languages)?, shard.names(Section::Sources)?);
        Ok(Self { languages, sources, ..shard })
    }

    /// Path of the payload.
    #[must_use]
    pub fn bin_path(&self) -> &Path {
        &self.bin_path
    }

    /// Path of the index.
    #[must_use]
    pub fn gdx_path(&self) -> &Path {
        &self.gdx_path
    }

    /// The width of its tokens.
    #[must_use]
    pub fn width(&self) -> TokenWidth {
        self.width
    }

    /// The vocabulary's size: every id is below it.
    #[must_use]
    pub fn vocab_size(&self) -> u32 {
        self.header.vocab_size
    }

    /// The id that ends every document.
    #[must_use]
    pub fn eos(&self) -> u32 {
        self.header.eos
    }

    /// The largest id in it.
    #[must_use]
    pub fn max_id(&self) -> u32 {
        self.header.max_id
    }

    /// sha256 of the tokenizer's file.
    #[must_use]
    pub fn tokenizer_sha256(&self) -> [u8; 32] {
        self.header.tokenizer_sha256
    }

    /// sha256 of the payload, as the index has it.
    #[must_use]
    pub fn bin_sha256(&self) -> [u8; 32] {
        self.header.payload_sha256
    }

    /// Documents in it.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.header.documents
    }

    /// UTF-8 bytes of all its texts.
    #[must_use]
    pub fn text_bytes(&self) -> u64 {
        self.header.bytes
    }

    /// All tokens, document after document.
    #[must_use]
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens::of_bytes(&self.bin, self.width).unwrap_or(Tokens::U16(&[]))
    }

    /// All tokens, if they are 16 bits wide.
    #[must_use]
    pub fn tokens_u16(&self) -> Option<&[u16]> {
        if let Tokens::U16(ids) = self.tokens() { Some(ids) } else { None }
    }

    /// All tokens, if they are 32 bits wide.
    #[must_use]
    pub fn tokens_u32(&self) -> Option<&[u32]> {
        if let Tokens::U32(ids) = self.tokens() { Some(ids) } else { None }
    }

    /// Tokens up to and with each document.
    #[must_use]
    pub fn ends(&self) -> &[u64] {
        self.items(Section::DocEnd)
    }

    /// The tokens of the `i`-th document, as a range; none past the last.
    #[must_use]
    pub fn document(&self, i: u64) -> Option<Range<u64>> {
        let i = usize::try_from(i).ok()?;
        let end = *self.ends().get(i)?;
        let start =
            i.checked_sub(1).and_then(|before| self.ends().get(before)).map_or(0, |&end| end);
        Some(start..end)
    }

    /// The tokens of the `i`-th document; none past the last.
    #[must_use]
    pub fn document_tokens(&self, i: u64) -> Option<Tokens<'_>> {
        let range = self.document(i)?;
        self.tokens().slice(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
    }

    /// The document that token `token` belongs to; none past the last token.
    #[must_use]
    pub fn document_at(&self, token: u64) -> Option<u64> {
        let place = self.ends().partition_point(|&end| end <= token);
        (place < self.ends().len()).then_some(place as u64)
    }

    /// Ids of the documents, as stored: 16 big-endian bytes each.
    #[must_use]
    pub fn id_bytes(&self) -> &[[u8; 16]] {
        self.items(Section::DocId)
    }

    /// Ids of the documents.
    #[must_use]
    pub fn doc_ids(&self) -> impl ExactSizeIterator<Item = DocId> + '_ {
        self.id_bytes().iter().copied().map(DocId::from_bytes)
    }

    /// Languages of the documents, as places in [`language_names`](Self::language_names).
    #[must_use]
    pub fn languages(&self) -> impl ExactSizeIterator<Item = u8> + '_ {
        self.metas().iter().map(|meta| meta.language)
    }

    /// Sources of the documents, as places in [`source_names`](Self::source_names).
    #[must_use]
    pub fn sources(&self) -> impl ExactSizeIterator<Item = u16> + '_ {
        self.metas().iter().map(|meta| meta.source)
    }

    /// Name of the language of the `i`-th document; none past the last, or if its code has no name.
    #[must_use]
    pub fn language(&self, i: u64) -> Option<&str> {
        let meta = self.metas().get(usize::try_from(i).ok()?)?;
        self.languages.get(usize::from(meta.language)).map(String::as_str)
    }

    /// Name of the source of the `i`-th document, likewise.
    #[must_use]
    pub fn source(&self, i: u64) -> Option<&str> {
        let meta = self.metas().get(usize::try_from(i).ok()?)?;
        self.sources.get(usize::from(meta.source)).map(String::as_str)
    }

    /// UTF-8 bytes of the documents' texts.
    #[must_use]
    pub fn bytes(&self) -> &[u32] {
        self.items(Section::DocBytes)
    }

    /// Names of the languages.
    #[must_use]
    pub fn language_names(&self) -> &[String] {
        &self.languages
    }

    /// Names of the sources.
    #[must_use]
    pub fn source_names(&self) -> &[String] {
        &self.sources
    }

    /// The blocks, in order.
    #[must_use]
    pub fn blocks(&self) -> impl ExactSizeIterator<Item = BlockSpan> + '_ {
        let blocks: &[Block] = self.items(Section::Blocks);
        blocks.iter().enumerate().map(|(i, block)| {
            let end =
                blocks.get(i + 1).map_or((self.header.documents, self.header.tokens), |next| {
                    (next.start_document, next.start_token)
                });
            BlockSpan {
                documents: block.start_document..end.0,
                tokens: block.start_token..end.1,
                hash: u128::from_be_bytes(block.hash),
            }
        })
    }

    /// Whether the payload holds the tokens of a block, by its hash; none past the last block.
    #[must_use]
    pub fn holds(&self, block: u64) -> Option<bool> {
        let block = self.blocks().nth(usize::try_from(block).ok()?)?;
        let at = |token: u64| usize::try_from(token * self.width.bytes()).ok();
        let bytes = self.bin.get(at(block.tokens.start)?..at(block.tokens.end)?)?;
        Some(hash128(bytes) == block.hash)
    }

    pub(crate) fn metas(&self) -> &[Meta] {
        self.items(Section::DocMeta)
    }

    /// The whole index.
    pub(crate) fn index_bytes(&self) -> &[u8] {
        &self.gdx
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn entry(&self, section: Section) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.kind == section.kind())
    }

    /// A section's bytes; `open` has seen that they are there.
    pub(crate) fn section(&self, entry: &Entry) -> &[u8] {
        let start = usize::try_from(entry.offset).ok();
        let end = usize::try_from(entry.offset + entry.bytes).ok();
        start.zip(end).and_then(|(start, end)| self.gdx.get(start..end)).unwrap_or_default()
    }

    fn items<T: Pod>(&self, section: Section) -> &[T] {
        let bytes = self.entry(section).map_or(&[][..], |entry| self.section(entry));
        bytemuck::try_cast_slice(bytes).unwrap_or_default()
    }

    fn names(&self, section: Section) -> Result<Vec<String>> {
        let offset = self.entry(section).map_or(0, |entry| entry.offset);
        let names = split_names(self.items(section));
        names.ok_or_else(|| Error::format(&self.gdx_path, offset, "other bytes", "lines of UTF-8"))
    }

    /// Every section of this version is there, once, with as many items as there are documents.
    fn check_sections(&self) -> Result<()> {
        for section in Section::ALL {
            let mut found = self.entries.iter().filter(|entry| entry.kind == section.kind());
            let (entry, second) = (found.next(), found.next());
            let Some(entry) = entry.filter(|_| second.is_none()) else {
                let count = if second.is_some() { "two sections" } else { "no section" };
                let name = section.name();
                return Err(self.format(
                    160,
                    format!("{count} {name}"),
                    format!("one section {name}"),
                ));
            };
            self.check_section(section, entry)?;
        }
        Ok(())
    }

    fn check_section(&self, section: Section, entry: &Entry) -> Result<()> {
        let item_bytes = u64::from(section.item_bytes());
        let per_document = matches!(
            section,
            Section::DocEnd | Section::DocMeta | Section::DocId | Section::DocBytes
        );
        let whole = entry.bytes.is_multiple_of(item_bytes);
        let right =
            if per_document { entry.bytes / item_bytes == self.header.documents } else { true };
        if u64::from(entry.item_bytes) == item_bytes && whole && right {
            return Ok(());
        }
        let found =
            format!("{} of {} bytes in items of {}", section.name(), entry.bytes, entry.item_bytes);
        let count =
            if per_document { self.header.documents.to_string() } else { "whole".to_owned() };
        Err(self.format(entry.offset, found, format!("{count} items of {item_bytes}")))
    }

    fn check_payload(&self) -> Result<()> {
        let expected = self.header.tokens.checked_mul(self.width.bytes());
        if expected != Some(self.bin.len() as u64) {
            let found = format!("{} bytes", self.bin.len());
            let expected = format!("{} tokens of {} bytes", self.header.tokens, self.width.bytes());
            let offset = self.bin.len() as u64;
            return Err(Error::format(&self.bin_path, offset, found, expected));
        }
        let last = self.ends().last().copied().unwrap_or(0);
        if last == self.header.tokens {
            return Ok(());
        }
        let offset =
            self.entry(Section::DocEnd).map_or(0, |e| (e.offset + e.bytes).saturating_sub(8));
        Err(self.format(
            offset,
            format!("documents that end at token {last}"),
            self.header.tokens.to_string(),
        ))
    }

    fn format(&self, offset: u64, found: impl Into<String>, expected: impl Into<String>) -> Error {
        Error::format(&self.gdx_path, offset, found, expected)
    }
}

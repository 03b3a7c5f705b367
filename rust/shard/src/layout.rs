//! The layout of a shard's index (`.gdx`), as `docs/format.md` writes it down.
//!
//! ```text
//! 0      160       header, below
//! 160    40 × S    section table: kind u32, item bytes u32, offset u64, bytes u64, xxh3-128 of the section (big-endian)
//! ..               sections, each at a multiple of 64, zeros between them; the file ends with the last section
//! ```
//! All integers little-endian; hashes and document ids are big-endian byte strings, as they are printed.

use bytemuck::{Pod, Zeroable};

pub(crate) const MAGIC: [u8; 8] = *b"GSHARD\0\0";
pub(crate) const VERSION: u32 = 1;
pub(crate) const HEADER_BYTES: usize = size_of::<Header>();
pub(crate) const ENTRY_BYTES: usize = size_of::<Entry>();
/// Every section begins at a multiple of this.
pub(crate) const ALIGNMENT: usize = 64;

/// Flag: every document ends with EOS, which occurs nowhere else.
pub(crate) const EOS_ENDS_DOCUMENTS: u32 = 1;

/// A block ends at the first document end at or after so many tokens.
pub(crate) const BLOCK_TOKENS: u64 = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Header {
    pub(crate) magic: [u8; 8],
    pub(crate) version: u32,
    /// Bytes of the header and the section table.
    pub(crate) head_bytes: u32,
    /// xxh3-128 of the bytes from 32 to `head_bytes`.
    pub(crate) head_hash: [u8; 16],
    pub(crate) payload_sha256: [u8; 32],
    pub(crate) tokenizer_sha256: [u8; 32],
    pub(crate) tokens: u64,
    pub(crate) documents: u64,
    /// UTF-8 bytes of all texts.
    pub(crate) bytes: u64,
    /// Bytes of the whole index.
    pub(crate) length: u64,
    pub(crate) vocab_size: u32,
    pub(crate) eos: u32,
    pub(crate) max_id: u32,
    /// Bytes of a token id: 2 or 4.
    pub(crate) width: u32,
    pub(crate) flags: u32,
    pub(crate) sections: u32,
    pub(crate) zero: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Entry {
    pub(crate) kind: u32,
    pub(crate) item_bytes: u32,
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) hash: [u8; 16],
}

/// The sections of version 1, in their order in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// u64 a document: tokens up to and with it.
    DocEnd = 1,
    /// [`Meta`] a document.
    DocMeta = 2,
    /// 16 bytes a document.
    DocId = 3,
    /// u32 a document: UTF-8 bytes of its text.
    DocBytes = 4,
    /// [`Block`] a block.
    Blocks = 5,
    /// Names of the languages, a line feed after each.
    Languages = 6,
    /// Names of the sources, likewise.
    Sources = 7,
}

impl Section {
    pub(crate) const ALL: [Self; 7] = [
        Self::DocEnd,
        Self::DocMeta,
        Self::DocId,
        Self::DocBytes,
        Self::Blocks,
        Self::Languages,
        Self::Sources,
    ];

    pub(crate) fn kind(self) -> u32 {
        self as u32
    }

    pub(crate) fn item_bytes(self) -> u32 {
        match self {
            Self::DocEnd => 8,
            Self::DocMeta | Self::DocBytes => 4,
            Self::DocId => 16,
            Self::Blocks => 32,
            Self::Languages | Self::Sources => 1,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DocEnd => "DOC_END",
            Self::DocMeta => "DOC_META",
            Self::DocId => "DOC_ID",
            Self::DocBytes => "DOC_BYTES",
            Self::Blocks => "BLOCK",
            Self::Languages => "LANGUAGES",
            Self::Sources => "SOURCES",
        }
    }
}

/// Source and language of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Meta {
    pub(crate) source: u16,
    pub(crate) language: u8,
    pub(crate) flags: u8,
}

/// A stretch of whole documents with a hash of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Block {
    pub(crate) start_document: u64,
    pub(crate) start_token: u64,
    /// xxh3-128 of the block's bytes in the payload.
    pub(crate) hash: [u8; 16],
}

/// Names as a section holds them.
pub(crate) fn join_names(names: &[String]) -> Vec<u8> {
    names.iter().flat_map(|name| name.bytes().chain([b'\n'])).collect()
}

/// The names in a section; none if it is not made of lines of UTF-8.
pub(crate) fn split_names(bytes: &[u8]) -> Option<Vec<String>> {
    let text = std::str::from_utf8(bytes).ok()?;
    (text.is_empty() || text.ends_with('\n'))
        .then(|| text.split_terminator('\n').map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_format() {
        assert_eq!((HEADER_BYTES, ENTRY_BYTES), (160, 40));
        assert_eq!((size_of::<Meta>(), size_of::<Block>()), (4, 32));
    }

    #[test]
    fn names_come_back() {
        let names = vec!["en".to_owned(), "日本\u{2028}\r".to_owned()];
        assert_eq!(split_names(&join_names(&names)), Some(names));
        assert_eq!(split_names(b""), Some(vec![]));
        assert_eq!(split_names(b"en"), None);
    }
}

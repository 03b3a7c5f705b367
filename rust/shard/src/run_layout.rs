//! The layout of a run file: header, directory of pools, records, tokens.
//!
//! ```text
//! 0      64        header: magic "GTOKRUN\0", version u32, token bytes u32, pools u64, documents u64, tokens u64,
//!                  length of the file u64, xxh3-128 of the directory (big-endian)
//! 64     64 × P    directory, by pool: pool u32, 0 u32, documents u64, tokens u64, text bytes u64,
//!                  xxh3-128 of the pool's records, xxh3-128 of its tokens' bytes (both big-endian)
//! ..     40 × D    records, by (pool, key, id): id 16 bytes big-endian, key u64, end u64 (tokens of the pool up to and
//!                  with this document), text bytes u32, source u16, language u8, 0 u8
//! ..               zeros up to a multiple of 64, then the tokens, in the order of the records
//! ```
//! All integers little-endian. Run files are intermediate: they may differ between runs of equal input.

use bytemuck::{Pod, Zeroable};

pub(crate) const MAGIC: [u8; 8] = *b"GTOKRUN\0";
pub(crate) const VERSION: u32 = 1;

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Header {
    pub(crate) magic: [u8; 8],
    pub(crate) version: u32,
    pub(crate) width: u32,
    pub(crate) pools: u64,
    pub(crate) documents: u64,
    pub(crate) tokens: u64,
    pub(crate) length: u64,
    pub(crate) directory_hash: [u8; 16],
}

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Entry {
    pub(crate) pool: u32,
    pub(crate) zero: u32,
    pub(crate) documents: u64,
    pub(crate) tokens: u64,
    pub(crate) bytes: u64,
    pub(crate) record_hash: [u8; 16],
    pub(crate) token_hash: [u8; 16],
}

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Record {
    pub(crate) id: [u8; 16],
    pub(crate) key: u64,
    pub(crate) end: u64,
    pub(crate) bytes: u32,
    pub(crate) source: u16,
    pub(crate) language: u8,
    pub(crate) zero: u8,
}

/// Where the parts of a file with so many pools, documents and tokens lie, in bytes; none past 2⁶⁴.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offsets {
    pub(crate) records: u64,
    pub(crate) tokens: u64,
    pub(crate) end: u64,
}

impl Offsets {
    pub(crate) fn of(pools: u64, documents: u64, token_bytes: u64) -> Option<Self> {
        let records = pools.checked_mul(64)?.checked_add(64)?;
        let tokens =
            documents.checked_mul(40)?.checked_add(records)?.checked_next_multiple_of(64)?;
        Some(Self { records, tokens, end: tokens.checked_add(token_bytes)? })
    }
}

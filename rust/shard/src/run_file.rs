//! One sorted run file, mapped: its pools and their documents.

use std::path::{Path, PathBuf};

use bytemuck::Pod;
use gamayun_text::DocId;
use gamayun_text::hash::hash128;
use memmap2::Mmap;

use crate::map::map;
use crate::run_layout::{Entry, Header, MAGIC, Offsets, Record, VERSION};
use crate::{DocumentMeta, Error, Result, TokenWidth, Tokens};

/// What a run file has of one pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct PoolCount {
    /// The pool.
    pub pool: u32,
    /// Its documents.
    pub documents: u64,
    /// Their tokens, EOS included.
    pub tokens: u64,
    /// UTF-8 bytes of their texts.
    pub bytes: u64,
}

impl From<&Entry> for PoolCount {
    fn from(entry: &Entry) -> Self {
        let &Entry { pool, documents, tokens, bytes, .. } = entry;
        Self { pool, documents, tokens, bytes }
    }
}

/// A document of a run file.
#[derive(Clone, Copy, Debug)]
pub struct RunDocument<'a> {
    /// What is known of it.
    pub meta: DocumentMeta,
    /// Its tokens.
    pub tokens: Tokens<'a>,
}

/// A run file, open.
#[derive(Debug)]
pub struct RunFile {
    path: PathBuf,
    map: Mmap,
    width: TokenWidth,
    pools: Vec<PoolCount>,
    offsets: Offsets,
}

/// The part of a run file that is one pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolSlice<'a> {
    pub(crate) pool: u32,
    pub(crate) records: &'a [Record],
    pub(crate) tokens: Tokens<'a>,
    pub(crate) record_hash: [u8; 16],
    pub(crate) token_hash: [u8; 16],
}

impl RunFile {
    /// Maps a run file and checks its header, directory and length; the rest is checked as it is read.
    pub fn open(path: &Path) -> Result<Self> {
        let map = map(path)?;
        let header = read_header(path, &map)?;
        let width = TokenWidth::from_bytes(header.width).ok_or_else(|| {
            Error::format(path, 12, header.width.to_string(), "a token width of 2 or 4 bytes")
        })?;
        let offsets = header
            .tokens
            .checked_mul(width.bytes())
            .and_then(|bytes| Offsets::of(header.pools, header.documents, bytes))
            .filter(|offsets| offsets.end == map.len() as u64 && offsets.end == header.length)
            .ok_or_else(|| {
                let found = format!("{} bytes", map.len());
                Error::format(path, map.len() as u64, found, format!("{} bytes", header.length))
            })?;
        let file = Self { path: path.to_owned(), map, width, pools: Vec::new(), offsets };
        let pools = file.read_pools(&header)?;
        Ok(Self { pools, ..file })
    }

    fn read_pools(&self, header: &Header) -> Result<Vec<PoolCount>> {
        let entries = self.entries();
        if hash128(bytemuck::cast_slice(entries)).to_be_bytes() != header.directory_hash {
            return Err(Error::format(
                &self.path,
                64,
                "a damaged directory",
                "the directory whose hash the header has",
            ));
        }
        let pools: Vec<_> = entries.iter().map(PoolCount::from).collect();
        let documents = pools.iter().try_fold(0_u64, |sum, pool| sum.checked_add(pool.documents));
        let tokens = pools.iter().try_fold(0_u64, |sum, pool| sum.checked_add(pool.tokens));
        if documents != Some(header.documents) || tokens != Some(header.tokens) {
            return Err(Error::format(
                &self.path,
                64,
                "pools of other sums",
                "the counts of the header",
            ));
        }
        Ok(pools)
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The width of its tokens.
    #[must_use]
    pub fn width(&self) -> TokenWidth {
        self.width
    }

    /// What it has of each pool, by pool.
    #[must_use]
    pub fn pools(&self) -> &[PoolCount] {
        &self.pools
    }

    /// The documents of a pool by (key, id); none if it has no such pool.
    pub fn documents(&self, pool: u32) -> impl Iterator<Item = RunDocument<'_>> {
        let slice = self.slice(pool);
        slice
            .into_iter()
            .flat_map(|slice| (0..slice.records.len()).filter_map(move |i| slice.document(i)))
    }

    /// The part of the file that is this pool.
    pub(crate) fn slice(&self, pool: u32) -> Option<PoolSlice<'_>> {
        let place = self.pools.iter().position(|count| count.pool == pool)?;
        let sum = |of: fn(&PoolCount) -> u64| self.pools[..place].iter().map(of).sum::<u64>();
        let (first_record, first_token) = (sum(|p| p.documents), sum(|p| p.tokens));
        let count = self.pools.get(place)?;
        let entry = self.entries().get(place)?;
        let records = self.cast(self.offsets.records + 40 * first_record, 40 * count.documents);
        let width = self.width.bytes();
        let bytes = self.bytes(self.offsets.tokens + width * first_token, width * count.tokens);
        let tokens = Tokens::of_bytes(bytes, self.width)?;
        let (record_hash, token_hash) = (entry.record_hash, entry.token_hash);
        Some(PoolSlice { pool, records, tokens, record_hash, token_hash })
    }

    fn entries(&self) -> &[Entry] {
        self.cast(64, self.offsets.records.saturating_sub(64))
    }

    fn cast<T: Pod>(&self, start: u64, length: u64) -> &[T] {
        bytemuck::try_cast_slice(self.bytes(start, length)).unwrap_or_default()
    }

    /// Bytes of the file; none where it has none, which `open` has ruled out.
    fn bytes(&self, start: u64, length: u64) -> &[u8] {
        let range =
            usize::try_from(start).ok().zip(usize::try_from(start.saturating_add(length)).ok());
        range.and_then(|(start, end)| self.map.get(start..end)).unwrap_or_default()
    }
}

impl<'a> PoolSlice<'a> {
    /// The `i`-th document; none past the end or if the records are damaged.
    pub(crate) fn document(&self, i: usize) -> Option<RunDocument<'a>> {
        let record = self.records.get(i)?;
        let start =
            i.checked_sub(1).and_then(|before| self.records.get(before)).map_or(0, |r| r.end);
        let range = usize::try_from(start).ok()?..usize::try_from(record.end).ok()?;
        let meta = DocumentMeta {
            id: DocId::from_bytes(record.id),
            pool: self.pool,
            language: record.language,
            source: record.source,
            bytes: record.bytes.into(),
            key: record.key,
        };
        Some(RunDocument { meta, tokens: self.tokens.slice(range)? })
    }
}

fn read_header(path: &Path, map: &[u8]) -> Result<Header> {
    let bytes = map.get(..64).ok_or_else(|| {
        Error::format(path, 0, format!("{} bytes", map.len()), "a run file of at least 64 bytes")
    })?;
    let header: Header = bytemuck::pod_read_unaligned(bytes);
    if header.magic != MAGIC {
        return Err(Error::format(path, 0, "other bytes", "the magic of a run file"));
    }
    if header.version != VERSION {
        return Err(Error::format(
            path,
            8,
            format!("version {}", header.version),
            format!("version {VERSION}"),
        ));
    }
    Ok(header)
}

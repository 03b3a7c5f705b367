//! The files that tasks hand to one another: blocks of bytes for numbered buckets, each with its own hash.
//!
//! Little-endian. The blocks, one behind the other; a directory of bucket, offset, length and xxh3-64 (u64 each) of each;
//! the number of blocks, the xxh3-64 of the directory, and the magic `GMYBLOCK`.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use gamayun_text::hash::hash64;

use crate::{Error, Result};

const MAGIC: &[u8; 8] = b"GMYBLOCK";
const ENTRY: usize = 32;
const FOOTER: usize = 24;

/// Writes a file of blocks: it is whole or absent.
#[derive(Debug)]
pub(crate) struct BlockWriter {
    path: PathBuf,
    partial: PathBuf,
    file: BufWriter<File>,
    blocks: Vec<Block>,
    at: u64,
}

/// Where a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) bucket: u64,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    hash: u64,
}

impl BlockWriter {
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let mut partial = path.to_owned().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = BufWriter::new(File::create(&partial).map_err(Error::io(&partial))?);
        Ok(Self { path: path.to_owned(), partial, file, blocks: Vec::new(), at: 0 })
    }

    /// Writes a block of a bucket, which may have others.
    pub(crate) fn block(&mut self, bucket: u64, bytes: &[u8]) -> Result<()> {
        let length = bytes.len() as u64;
        self.blocks.push(Block { bucket, offset: self.at, length, hash: hash64(bytes) });
        self.at += length;
        self.file.write_all(bytes).map_err(Error::io(&self.partial))
    }

    pub(crate) fn finish(mut self) -> Result<BlockFile> {
        let directory: Vec<u8> = self
            .blocks
            .iter()
            .flat_map(|block| [block.bucket, block.offset, block.length, block.hash])
            .flat_map(u64::to_le_bytes)
            .collect();
        let mut end = directory;
        let hash = hash64(&end);
        end.extend((self.blocks.len() as u64).to_le_bytes());
        end.extend(hash.to_le_bytes());
        end.extend(MAGIC);
        self.file
            .write_all(&end)
            .and_then(|()| self.file.flush())
            .map_err(Error::io(&self.partial))?;
        std::fs::rename(&self.partial, &self.path).map_err(Error::io(&self.path))?;
        let mut blocks = self.blocks;
        blocks.sort_by_key(|block| block.bucket); // stable
        Ok(BlockFile { path: self.path, blocks })
    }
}

/// A file of blocks.
#[derive(Clone, Debug)]
pub(crate) struct BlockFile {
    path: PathBuf,
    /// By bucket, those of a bucket in the order written.
    blocks: Vec<Block>,
}

impl BlockFile {
    /// The file, if there is one and all of it is as it was written.
    pub(crate) fn find(path: &Path) -> Option<Self> {
        let found = Self::open(path).ok()?;
        let mut bytes = Vec::new();
        found.blocks.iter().all(|block| found.read(block, &mut bytes).is_ok()).then_some(found)
    }

    fn open(path: &Path) -> Result<Self> {
        let damaged = || Error::damaged(path, "not a file of blocks");
        let mut file = File::open(path).map_err(Error::io(path))?;
        let length = file.metadata().map_err(Error::io(path))?.len();
        let at = length.checked_sub(FOOTER as u64).ok_or_else(damaged)?;
        let mut footer = [0; FOOTER];
        read_at(&mut file, at, &mut footer, path)?;
        let words = footer.as_chunks::<8>().0;
        let (count, hash) = (u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1]));
        let size =
            count.checked_mul(ENTRY as u64).filter(|size| *size <= at).ok_or_else(damaged)?;
        let mut directory = vec![0; usize::try_from(size).map_err(|_| damaged())?];
        read_at(&mut file, at - size, &mut directory, path)?;
        if &words[2] != MAGIC || hash64(&directory) != hash {
            return Err(damaged());
        }
        let blocks = directory.as_chunks::<ENTRY>().0.iter().map(|entry| {
            let words = entry.as_chunks::<8>().0;
            let [bucket, offset, length, hash] =
                std::array::from_fn(|i| u64::from_le_bytes(words[i]));
            Block { bucket, offset, length, hash }
        });
        let mut blocks: Vec<Block> = blocks.collect();
        blocks.sort_by_key(|block| block.bucket);
        Ok(Self { path: path.to_owned(), blocks })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The blocks of some buckets.
    pub(crate) fn blocks(&self, buckets: Range<u64>) -> &[Block] {
        let from = self.blocks.partition_point(|block| block.bucket < buckets.start);
        let to = self.blocks.partition_point(|block| block.bucket < buckets.end);
        &self.blocks[from..to.max(from)]
    }

    pub(crate) fn all(&self) -> &[Block] {
        &self.blocks
    }

    /// Puts the bytes of a block into `bytes`.
    pub(crate) fn read(&self, block: &Block, bytes: &mut Vec<u8>) -> Result<()> {
        let mut file = File::open(&self.path).map_err(Error::io(&self.path))?;
        // A block was in memory when it was written.
        bytes.resize(usize::try_from(block.length).unwrap_or(usize::MAX), 0);
        read_at(&mut file, block.offset, bytes, &self.path)?;
        if hash64(bytes) == block.hash {
            return Ok(());
        }
        Err(Error::damaged(
            &self.path,
            format!("the block at {} does not match its hash", block.offset),
        ))
    }
}

/// Fills `bytes` from this place of a file.
pub(crate) fn read_at(file: &mut File, at: u64, bytes: &mut [u8], path: &Path) -> Result<()> {
    file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(bytes)).map_err(Error::io(path))
}

/// Bytes on their way to the buckets of one file, written when they are many.
#[derive(Debug)]
pub(crate) struct Shuffler {
    writer: BlockWriter,
    /// Bytes that are gathered before they are written.
    limit: usize,
    room: Room,
}

/// What was gathered; a thread keeps it from file to file.
#[derive(Debug, Default)]
pub(crate) struct Room {
    bytes: Vec<u8>,
    /// The bucket of each piece, and its place.
    pieces: Vec<(u64, Range<usize>)>,
}

impl Shuffler {
    pub(crate) fn create(path: &Path, limit: u64, room: Room) -> Result<Self> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Self { writer: BlockWriter::create(path)?, limit, room })
    }

    /// Adds a piece, which `f` appends, to a bucket.
    pub(crate) fn push(&mut self, bucket: u64, f: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        let Room { bytes, pieces } = &mut self.room;
        let start = bytes.len();
        f(bytes);
        pieces.push((bucket, start..bytes.len()));
        if bytes.len() > self.limit { self.flush() } else { Ok(()) }
    }

    /// Writes what was gathered by bucket, blocks of at most [`BLOCK`] bytes or one piece.
    fn flush(&mut self) -> Result<()> {
        let Room { bytes, pieces } = &mut self.room;
        pieces.sort_by_key(|(bucket, _)| *bucket); // stable
        let mut block = Vec::new();
        for of_bucket in pieces.chunk_by(|a, b| a.0 == b.0) {
            for (bucket, range) in of_bucket {
                if !block.is_empty() && block.len() + range.len() > BLOCK {
                    self.writer.block(*bucket, &block)?;
                    block.clear();
                }
                block.extend_from_slice(&bytes[range.clone()]);
            }
            self.writer.block(of_bucket[0].0, &block)?;
            block.clear();
        }
        bytes.clear();
        pieces.clear();
        Ok(())
    }

    /// The file, and the room for the next one.
    pub(crate) fn finish(mut self) -> Result<(BlockFile, Room)> {
        self.flush()?;
        Ok((self.writer.finish()?, self.room))
    }
}

/// Bytes of a block, so that one is read with little memory.
pub(crate) const BLOCK: usize = 1 << 20;

//! Band keys on disk: one file a part, a column a band, sorted by key, so that a range of keys of all parts is read alone.
//!
//! Version 2. All numbers are little-endian. A header of 56 bytes: magic `GMYBANDS`, version (u32), bands, rows, shingle
//! (u32 each), seed, documents, documents with shingles, and a hash of the header before and the directory behind (u64
//! each). Then the directory: of each band, and of the contents as one more column, a fence for each slice (end, counted
//! in entries, u32; xxh3-64 of its bytes), then an xxh3-64 each of the shingle counts and the content hashes. Then the
//! columns: entries of 7 bytes, sorted; shingle counts of 4 and content hashes of 16 by row.
//!
//! An entry is a key of 46 bits with its row behind. A part of up to 2^r documents, `r` at least 10, has `2^(r-10)` slices
//! a column; the slice tells the top `r - 10` bits of the key, which leaves `56 - r` for the entry beside the `r` of the
//! row. The column of contents has the low 46 bits of each content hash. `7 × (bands + 1) + 20` bytes a document, 125 at
//! 14 bands, and at most 0.4 for the directory from a thousand documents on. Documents without shingles are in the column
//! of contents only.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use gamayun_text::hash::hash64;

use crate::bands::{BandLayout, Bands, KEY_BITS, PART_DOCUMENTS};
use crate::{Error, Result};

const MAGIC: &[u8; 8] = b"GMYBANDS";
const VERSION: u32 = 2;
const HEADER: usize = 56;
/// Bytes of an entry.
pub(crate) const KEY: usize = 7;
const FENCE: usize = 12;
const COUNT: u64 = 4;
const CONTENT: u64 = 16;

/// What the header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) layout: BandLayout,
    pub(crate) documents: u64,
    /// Documents with shingles.
    pub(crate) signed: u64,
}

impl Shape {
    /// Bits of a row in an entry.
    pub(crate) fn row_bits(self) -> u32 {
        (64 - self.documents.saturating_sub(1).leading_zeros()).max(10)
    }

    /// Slices of a column.
    pub(crate) fn fences(self) -> u64 {
        1 << (self.row_bits() - 10)
    }

    /// Which slice a key is in.
    pub(crate) fn fence_of(self, key: u64) -> u64 {
        key >> self.stored_bits()
    }

    fn stored_bits(self) -> u32 {
        KEY_BITS + 10 - self.row_bits()
    }

    /// The bits of a key that an entry holds.
    pub(crate) fn stored_mask(self) -> u64 {
        (1 << self.stored_bits()) - 1
    }

    fn columns(self) -> u64 {
        u64::from(self.layout.bands) + 1
    }

    fn directory(self) -> u64 {
        self.columns() * self.fences() * FENCE as u64 + 16
    }

    /// Where an entry of a column is.
    fn entry(self, column: u64, entry: u64) -> u64 {
        HEADER as u64 + self.directory() + (column * self.signed + entry) * KEY as u64
    }

    /// Where the shingle counts are, the contents, and the end.
    fn rows(self) -> [u64; 3] {
        let counts = self.entry(self.columns() - 1, self.documents);
        let contents = counts + self.documents * COUNT;
        [counts, contents, contents + self.documents * CONTENT]
    }
}

/// Where a slice ends, and the hash of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    pub(crate) end: u64,
    pub(crate) hash: u64,
}

impl Fence {
    /// Appends the bytes of the directory; an end is below 2^18.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        out.extend(u32::try_from(self.end).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(self.hash.to_le_bytes());
    }
}

/// The header of this shape and directory.
pub(crate) fn header(shape: Shape, directory: &[u8]) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEADER);
    head.extend(MAGIC);
    for number in [VERSION, shape.layout.bands, shape.layout.rows, shape.layout.shingle] {
        head.extend(number.to_le_bytes());
    }
    for number in [shape.layout.seed, shape.documents, shape.signed] {
        head.extend(number.to_le_bytes());
    }
    head.extend(hash64(&[&head[..], directory].concat()).to_le_bytes());
    head
}

/// The band keys of one part on disk; fences and slices are read and checked when they are asked for, so that files may be
/// many.
#[derive(Clone, Debug)]
pub struct BandFile {
    path: PathBuf,
    shape: Shape,
    fingerprint: u64,
    hashes: [u64; 2],
}

impl BandFile {
    /// The version that is written and read: it is raised when keys are made in another way.
    pub const VERSION: u32 = VERSION;

    /// Reads the header and the directory, and checks them and the length of the file.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let mut file = File::open(&path).map_err(Error::io(&path))?;
        let length = file.metadata().map_err(Error::io(&path))?.len();
        let mut head = [0; HEADER];
        read_exactly(&mut file, &mut head, &path)?;
        let shape = parse(&head, &path)?;
        let mut directory = vec![0; usize::try_from(shape.directory()).unwrap_or(0)]; // at most 3 MiB
        read_exactly(&mut file, &mut directory, &path)?;
        let fingerprint = number(&head[HEADER - 8..]);
        if hash64(&[&head[..HEADER - 8], &directory].concat()) != fingerprint {
            return Err(Error::damaged(&path, "the header does not match its hash"));
        }
        if shape.rows()[2] != length {
            let documents = shape.documents;
            return Err(Error::damaged(
                &path,
                format!("{length} bytes are not those of {documents} documents"),
            ));
        }
        let (_, hashes) = directory.split_at(directory.len() - 16);
        let hashes = [number(&hashes[..8]), number(&hashes[8..])];
        Ok(Self { path, shape, fingerprint, hashes })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A hash of all that it holds.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Columns of keys: the bands, and then the contents.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.shape.layout.bands as usize + 1
    }

    /// Gives the (key, row) entries of a column whose keys are in the range to `f`, by key and then by row.
    ///
    /// # Errors
    /// The file cannot be read; a slice is not what was written.
    pub fn read_slice(
        &self,
        column: usize,
        keys: Range<u64>,
        f: &mut impl FnMut(u64, u64),
    ) -> Result<()> {
        self.read_slice_with(column, &keys, &mut Vec::new(), f)
    }

    /// [`Self::read_slice`] with room for its bytes that the caller keeps.
    pub(crate) fn read_slice_with(
        &self,
        column: usize,
        keys: &Range<u64>,
        bytes: &mut Vec<u8>,
        f: &mut impl FnMut(u64, u64),
    ) -> Result<()> {
        let shape = self.shape;
        if keys.is_empty() || shape.documents == 0 {
            return Ok(());
        }
        let first = shape.fence_of(keys.start);
        let last = shape.fence_of(keys.end - 1).min(shape.fences() - 1);
        let mut file = File::open(&self.path).map_err(Error::io(&self.path))?;
        let (start, fences) = self.fences(&mut file, column as u64, first..last + 1)?;
        let damaged = || Error::damaged(&self.path, format!("the directory of column {column}"));
        let end = fences.last().map_or(start, |fence| fence.end);
        let length =
            end.checked_sub(start).filter(|_| end <= shape.documents).ok_or_else(damaged)?;
        bytes.resize(place(length) * KEY, 0);
        self.fill_from(&mut file, shape.entry(column as u64, start), bytes)?;
        let (mut rest, mut before) = (&bytes[..], start);
        for (number, fence) in (first..).zip(fences) {
            let entries = fence.end.checked_sub(before).ok_or_else(damaged)?;
            let (slice, later) = rest.split_at_checked(place(entries) * KEY).ok_or_else(damaged)?;
            (rest, before) = (later, fence.end);
            if hash64(slice) != fence.hash {
                let problem = format!("slice {number} of column {column} does not match its hash");
                return Err(Error::damaged(&self.path, problem));
            }
            let (top, rows) = (number << shape.stored_bits(), shape.row_bits());
            let entries = slice.as_chunks::<KEY>().0.iter().map(|&[a, b, c, d, e, g, h]| {
                let entry = u64::from_le_bytes([a, b, c, d, e, g, h, 0]);
                (top | entry >> rows, entry & ((1 << rows) - 1))
            });
            entries.filter(|(key, _)| keys.contains(key)).for_each(|(key, row)| f(key, row));
        }
        Ok(())
    }

    /// Slices that a column can be read in.
    pub(crate) fn slices(&self) -> u64 {
        self.shape.fences()
    }

    /// Where the first of some slices of a column begins, and their fences.
    fn fences(
        &self,
        file: &mut File,
        column: u64,
        slices: Range<u64>,
    ) -> Result<(u64, Vec<Fence>)> {
        let before = slices.start.saturating_sub(1); // its end is where the first begins
        let mut bytes = vec![0; place(slices.end - before) * FENCE];
        let at = (column * self.shape.fences() + before) * FENCE as u64;
        self.fill_from(file, HEADER as u64 + at, &mut bytes)?;
        let fence = |bytes: &[u8]| Fence { end: number(&bytes[..4]), hash: number(&bytes[4..]) };
        let mut fences: Vec<Fence> = bytes.chunks_exact(FENCE).map(fence).collect();
        let start = if slices.start == 0 { 0 } else { fences.remove(0).end };
        Ok((start, fences))
    }

    fn fill_from(&self, file: &mut File, at: u64, bytes: &mut [u8]) -> Result<()> {
        file.seek(SeekFrom::Start(at)).map_err(Error::io(&self.path))?;
        read_exactly(file, bytes, &self.path)
    }

    /// The bytes of a column by row: 0 the counts, 1 the contents.
    fn read_rows(&self, column: usize) -> Result<Vec<u8>> {
        let places = self.shape.rows();
        let length = usize::try_from(places[column + 1] - places[column]).unwrap_or(0); // at most 4 MiB
        let mut bytes = vec![0; length];
        let mut file = File::open(&self.path).map_err(Error::io(&self.path))?;
        self.fill_from(&mut file, places[column], &mut bytes)?;
        if hash64(&bytes) == self.hashes[column] {
            return Ok(bytes);
        }
        let name = ["shingle counts", "content hashes"][column];
        Err(Error::damaged(&self.path, format!("the {name} do not match their hash")))
    }
}

/// A number of entries or fences of one part, which are below 2^18.
fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn parse(head: &[u8; HEADER], path: &Path) -> Result<Shape> {
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    if &head[..8] != MAGIC {
        return Err(Error::damaged(path, "not a file of band keys"));
    }
    let version = word(8);
    if version != VERSION {
        return Err(Error::damaged(
            path,
            format!("version {version} of band keys: expected {VERSION}"),
        ));
    }
    let seed = number(&head[24..32]);
    let layout = BandLayout { bands: word(12), rows: word(16), shingle: word(20), seed };
    let shape = Shape { layout, documents: number(&head[32..40]), signed: number(&head[40..48]) };
    if layout.bands > 1024 {
        return Err(Error::damaged(path, format!("{} bands: expected 1024 at most", layout.bands)));
    }
    if shape.documents > PART_DOCUMENTS || shape.signed > shape.documents {
        let problem = format!("{} documents: expected at most {PART_DOCUMENTS}", shape.documents);
        return Err(Error::damaged(path, problem));
    }
    Ok(shape)
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn read_exactly(file: &mut File, bytes: &mut [u8], path: &Path) -> Result<()> {
    file.read_exact(bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Error::damaged(path, "the file ends early"),
        _ => Error::io(path)(error),
    })
}

impl Bands for BandFile {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn layout(&self) -> BandLayout {
        self.shape.layout
    }

    fn documents(&self) -> u64 {
        self.shape.documents
    }

    fn read_band(&self, band: usize, out: &mut Vec<u64>) -> Result<()> {
        let mut entries = Vec::new();
        self.read_slice(band, 0..1 << KEY_BITS, &mut |key, row| entries.push((key, row)))?;
        out.clear();
        out.resize(usize::try_from(self.shape.documents).unwrap_or(0), 0);
        for (key, row) in entries {
            match usize::try_from(row).ok().and_then(|row| out.get_mut(row)) {
                Some(place) => *place = key,
                None => return Err(Error::damaged(&self.path, format!("there is no row {row}"))),
            }
        }
        Ok(())
    }

    fn read_shingles(&self, out: &mut Vec<u32>) -> Result<()> {
        let bytes = self.read_rows(0)?;
        out.clear();
        out.extend(bytes.as_chunks().0.iter().map(|chunk| u32::from_le_bytes(*chunk)));
        Ok(())
    }

    fn read_contents(&self, out: &mut Vec<u128>) -> Result<()> {
        let bytes = self.read_rows(1)?;
        out.clear();
        out.extend(bytes.as_chunks().0.iter().map(|chunk| u128::from_le_bytes(*chunk)));
        Ok(())
    }
}

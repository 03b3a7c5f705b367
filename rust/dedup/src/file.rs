//! Band keys on disk: one file a part, one column after another, so that a band of all parts is read alone.
//!
//! All numbers are little-endian. 48 bytes of header: magic `GMYBANDS`, version (u32), bands, rows, shingle (u32 each),
//! seed, documents, and a hash of what is in the header before and of the column hashes behind it (u64 each). Then an
//! xxh3-64 of each column (u64 each): the bands in order, shingle counts, contents. Then the columns: keys of 7 bytes,
//! counts of 4, content hashes of 16: `7 × bands + 20` bytes a document, 118 at 14 bands.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use gamayun_text::hash::hash64;

use crate::bands::{BandLayout, BandTable, Bands};
use crate::{DedupParams, Error, Result};

const MAGIC: &[u8; 8] = b"GMYBANDS";
const VERSION: u32 = 1;
const HEADER: usize = 48;
const KEY: usize = 7;
const COUNT: usize = 4;
const CONTENT: usize = 16;

/// Gathers the band keys of one part and writes them when it is complete.
///
/// Holds the part in memory, [`BandTable`] says how large; a part is bounded by its rows.
#[derive(Debug)]
pub struct BandFileWriter {
    path: PathBuf,
    table: BandTable,
}

impl BandFileWriter {
    /// A writer of the file at `path`; nothing is written before [`Self::finish`].
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, params: &DedupParams) -> Self {
        Self { path: path.into(), table: BandTable::new(params) }
    }

    /// Adds the next document of the part, as [`BandTable::push`] does.
    pub fn push(&mut self, keys: &[u64], shingles: u32, content: u128) {
        self.table.push(keys, shingles, content);
    }

    /// Writes the file under another name, flushes it to the disk and renames it: it is whole or absent.
    pub fn finish(self) -> Result<BandFile> {
        let mut partial = self.path.clone().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        self.write(&partial).map_err(Error::io(&partial))?;
        std::fs::rename(&partial, &self.path).map_err(Error::io(&self.path))?;
        BandFile::open(&self.path)
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        let columns = columns(&self.table);
        let hashes: Vec<u8> =
            columns.iter().flat_map(|column| hash64(column).to_le_bytes()).collect();
        let mut head = header(self.table.layout(), self.table.documents());
        head.extend(hash64(&[&head[..], &hashes].concat()).to_le_bytes());
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(&head)?;
        file.write_all(&hashes)?;
        for column in &columns {
            file.write_all(column)?;
        }
        file.into_inner()?.sync_all()
    }
}

/// The header without its hash.
fn header(layout: BandLayout, documents: u64) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEADER);
    head.extend(MAGIC);
    for number in [VERSION, layout.bands, layout.rows, layout.shingle] {
        head.extend(number.to_le_bytes());
    }
    head.extend(layout.seed.to_le_bytes());
    head.extend(documents.to_le_bytes());
    head
}

fn columns(table: &BandTable) -> Vec<Vec<u8>> {
    let band = |keys: &Vec<u64>| {
        keys.iter()
            .flat_map(|key| *key.to_le_bytes().first_chunk::<KEY>().unwrap_or(&[0; KEY]))
            .collect()
    };
    let mut columns: Vec<Vec<u8>> = table.keys.iter().map(band).collect();
    columns.push(table.shingles.iter().flat_map(|count| count.to_le_bytes()).collect());
    columns.push(table.contents.iter().flat_map(|content| content.to_le_bytes()).collect());
    columns
}

/// The band keys of one part on disk; columns are read and checked when they are asked for.
#[derive(Clone, Debug)]
pub struct BandFile {
    path: PathBuf,
    layout: BandLayout,
    documents: u64,
    hashes: Vec<u64>,
}

impl BandFile {
    /// Reads the header, and checks it and the length of the file.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let mut file = File::open(&path).map_err(Error::io(&path))?;
        let length = file.metadata().map_err(Error::io(&path))?.len();
        let mut head = [0; HEADER];
        read_exactly(&mut file, &mut head, &path)?;
        let (bands, layout, documents) = parse(&head, &path)?;
        let mut hashes = vec![0; (bands + 2) * 8];
        read_exactly(&mut file, &mut hashes, &path)?;
        if hash64(&[&head[..HEADER - 8], &hashes].concat()) != number(&head[HEADER - 8..]) {
            return Err(Error::damaged(&path, "the header does not match its hash"));
        }
        let hashes = hashes.chunks_exact(8).map(number).collect();
        let file = Self { path, layout, documents, hashes };
        if file.end() != Some(length) {
            return Err(Error::damaged(
                &file.path,
                format!("{length} bytes are not those of {documents} documents"),
            ));
        }
        Ok(file)
    }

    fn widths(&self) -> impl Iterator<Item = usize> {
        std::iter::repeat_n(KEY, self.hashes.len() - 2).chain([COUNT, CONTENT])
    }

    /// The length of the file, if it is a number at all.
    fn end(&self) -> Option<u64> {
        let row = self.widths().sum::<usize>() as u64;
        let start = (HEADER + self.hashes.len() * 8) as u64;
        self.documents.checked_mul(row)?.checked_add(start)
    }

    /// The bytes of a column, as they were written or not at all.
    fn column(&self, column: usize) -> Result<Vec<u8>> {
        let mut file = File::open(&self.path).map_err(Error::io(&self.path))?;
        let before = self.widths().take(column).sum::<usize>() as u64 * self.documents;
        let start = (HEADER + self.hashes.len() * 8) as u64 + before;
        file.seek(SeekFrom::Start(start)).map_err(Error::io(&self.path))?;
        let width = self.widths().nth(column).unwrap_or(0) as u64;
        let length = usize::try_from(width * self.documents)
            .map_err(|_| Error::damaged(&self.path, "too large for this machine"))?;
        let mut bytes = vec![0; length];
        read_exactly(&mut file, &mut bytes, &self.path)?;
        if self.hashes.get(column) != Some(&hash64(&bytes)) {
            return Err(Error::damaged(
                &self.path,
                format!("column {column} does not match its hash"),
            ));
        }
        Ok(bytes)
    }
}

fn parse(head: &[u8; HEADER], path: &Path) -> Result<(usize, BandLayout, u64)> {
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    if &head[..8] != MAGIC {
        return Err(Error::damaged(path, "not a file of band keys"));
    }
    if word(8) != VERSION {
        let version = word(8);
        return Err(Error::damaged(
            path,
            format!("version {version} of band keys: expected {VERSION}"),
        ));
    }
    let layout = BandLayout {
        bands: word(12),
        rows: word(16),
        shingle: word(20),
        seed: number(&head[24..32]),
    };
    if !(1..=1024).contains(&layout.bands) {
        return Err(Error::damaged(path, format!("{} bands: expected 1 to 1024", layout.bands)));
    }
    Ok((layout.bands as usize, layout, number(&head[32..40])))
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
        self.layout
    }

    fn documents(&self) -> u64 {
        self.documents
    }

    fn read_band(&self, band: usize, out: &mut Vec<u64>) -> Result<()> {
        let bytes = self.column(band)?;
        out.clear();
        out.extend(
            bytes
                .as_chunks::<KEY>()
                .0
                .iter()
                .map(|&[a, b, c, d, e, f, g]| u64::from_le_bytes([a, b, c, d, e, f, g, 0])),
        );
        Ok(())
    }

    fn read_shingles(&self, out: &mut Vec<u32>) -> Result<()> {
        let bytes = self.column(self.hashes.len() - 2)?;
        out.clear();
        out.extend(bytes.as_chunks().0.iter().map(|chunk| u32::from_le_bytes(*chunk)));
        Ok(())
    }

    fn read_contents(&self, out: &mut Vec<u128>) -> Result<()> {
        let bytes = self.column(self.hashes.len() - 1)?;
        out.clear();
        out.extend(bytes.as_chunks().0.iter().map(|chunk| u128::from_le_bytes(*chunk)));
        Ok(())
    }
}

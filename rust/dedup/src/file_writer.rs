//! Writes the band file of a part: every column sorted by key, so that a range of keys is a slice of it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use gamayun_text::hash::hash64;

use crate::band_rows::BandRow;
use crate::bands::{BandLayout, BandTable, Bands, KEY_BITS, PART_DOCUMENTS};
use crate::entry_sort::EntrySorter;
use crate::file::{BandFile, Fence, KEY, Shape, header};
use crate::{DedupParams, Error, Result};

/// Gathers the band keys of one part and writes them when it is complete.
///
/// Holds the part in memory, [`BandTable`] says how large; a part has at most [`PART_DOCUMENTS`] documents.
#[derive(Debug)]
pub struct BandFileWriter {
    path: PathBuf,
    table: BandTable,
    synced: bool,
}

/// Bits of an entry that tell the row, while it is sorted.
const ROW_BITS: u32 = PART_DOCUMENTS.trailing_zeros();

impl BandFileWriter {
    /// A writer of the file at `path`; nothing is written before [`Self::finish`].
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, params: &DedupParams) -> Self {
        Self { path: path.into(), table: BandTable::new(params), synced: true }
    }

    /// A writer of documents that other files of this layout have.
    #[must_use]
    pub fn of_layout(path: impl Into<PathBuf>, layout: BandLayout) -> Self {
        Self { path: path.into(), table: BandTable::of(layout), synced: true }
    }

    /// Leaves it to the system when the file comes to the disk: one that only a power cut may take.
    #[must_use]
    pub fn unsynced(self) -> Self {
        Self { synced: false, ..self }
    }

    /// Adds a document of another file, without hashing it again.
    pub fn copy(&mut self, row: BandRow<'_>) {
        self.table.copy(row);
    }

    /// Documents so far.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.table.documents()
    }

    /// Adds the next document of the part, as [`BandTable::push`] does.
    pub fn push(&mut self, keys: &[u64], shingles: u32, content: u128) {
        self.table.push(keys, shingles, content);
    }

    /// Writes the file under another name, flushes it to the disk and renames it: it is whole or absent.
    ///
    /// # Errors
    /// More documents than a part may have; the file cannot be written.
    pub fn finish(self) -> Result<BandFile> {
        let documents = self.table.documents();
        if documents > PART_DOCUMENTS {
            let limit = PART_DOCUMENTS;
            return Err(Error::PartTooLarge { path: self.path, documents, limit });
        }
        let mut partial = self.path.clone().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        self.write(&partial).map_err(Error::io(&partial))?;
        std::fs::rename(&partial, &self.path).map_err(Error::io(&self.path))?;
        BandFile::open(&self.path)
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        let table = &self.table;
        let signed = table.shingles.iter().filter(|count| **count > 0).count() as u64;
        let shape = Shape { layout: table.layout(), documents: table.documents(), signed };
        let mut columns = Columns::of(shape);
        for column in &table.keys {
            let keys = (0u64..).zip(column.iter().zip(&table.shingles));
            columns.append(
                keys.filter(|(_, (_, count))| **count > 0).map(|(row, (key, _))| (*key, row)),
            );
        }
        columns.append((0u64..).zip(&table.contents).map(|(row, hash)| (content_key(*hash), row)));
        let Columns { mut directory, data, .. } = columns;
        let counts: Vec<u8> = table.shingles.iter().flat_map(|count| count.to_le_bytes()).collect();
        let contents: Vec<u8> =
            table.contents.iter().flat_map(|content| content.to_le_bytes()).collect();
        directory.extend(hash64(&counts).to_le_bytes());
        directory.extend(hash64(&contents).to_le_bytes());
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(&header(shape, &directory))?;
        file.write_all(&directory)?;
        for bytes in [&data, &counts, &contents] {
            file.write_all(bytes)?;
        }
        let file = file.into_inner()?;
        if self.synced { file.sync_all() } else { Ok(()) }
    }
}

/// The key of the column of contents: the low bits of the hash.
pub(crate) fn content_key(content: u128) -> u64 {
    u64::try_from(content & ((1 << KEY_BITS) - 1)).unwrap_or(0) // 46 bits fit
}

/// The columns of a file and its directory as they grow.
struct Columns {
    shape: Shape,
    directory: Vec<u8>,
    data: Vec<u8>,
    entries: Vec<u64>,
    sorter: EntrySorter,
}

impl Columns {
    fn of(shape: Shape) -> Self {
        let bytes = shape.documents.saturating_mul(u64::from(shape.layout.bands) + 1) * KEY as u64;
        Self {
            shape,
            directory: Vec::new(),
            data: Vec::with_capacity(usize::try_from(bytes).unwrap_or(0)),
            entries: Vec::new(),
            sorter: EntrySorter::default(),
        }
    }

    /// Sorts entries of a key of 46 bits and its row, and appends them and their fences.
    fn append(&mut self, entries: impl Iterator<Item = (u64, u64)>) {
        self.entries.clear();
        self.entries.extend(entries.map(|(key, row)| key << ROW_BITS | row));
        self.sorter.sort(&mut self.entries);
        let mut rest = &self.entries[..];
        let mut end = 0;
        for fence in 0..self.shape.fences() {
            let fence_of = |entry: &u64| self.shape.fence_of(entry >> ROW_BITS);
            let (slice, later) = rest.split_at(rest.partition_point(|e| fence_of(e) <= fence));
            rest = later;
            end += slice.len() as u64;
            let start = self.data.len();
            write_entries(self.shape, slice, &mut self.data);
            Fence { end, hash: hash64(&self.data[start..]) }.write(&mut self.directory);
        }
    }
}

/// Appends entries as the file has them: 7 bytes each, without the bits that their slice tells.
fn write_entries(shape: Shape, entries: &[u64], data: &mut Vec<u8>) {
    let (rows, mask, start) = (shape.row_bits(), shape.stored_mask(), data.len());
    data.resize(start + entries.len() * KEY, 0);
    let places = data[start..].as_chunks_mut::<KEY>().0;
    for (place, entry) in places.iter_mut().zip(entries) {
        let row = entry & ((1 << ROW_BITS) - 1);
        let bytes = ((entry >> ROW_BITS & mask) << rows | row).to_le_bytes();
        *place = bytes.first_chunk().copied().unwrap_or_default();
    }
}

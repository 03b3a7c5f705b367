//! Writes the band file of a part: every column sorted by key, so that a range of keys is a slice of it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use gamayun_text::hash::hash64;

use crate::band_rows::BandRow;
use crate::bands::{BandLayout, BandTable, Bands, KEY_BITS, PART_DOCUMENTS};
use crate::file::{BandFile, Fence, KEY, Shape, header};
use crate::{DedupParams, Error, Result};

/// Gathers the band keys of one part and writes them when it is complete.
///
/// Holds the part in memory, [`BandTable`] says how large; a part has at most [`PART_DOCUMENTS`] documents.
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

    /// A writer of documents that other files of this layout have.
    #[must_use]
    pub fn of_layout(path: impl Into<PathBuf>, layout: BandLayout) -> Self {
        Self { path: path.into(), table: BandTable::of(layout) }
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
        let (mut directory, mut data) = (Vec::new(), Vec::new());
        for column in &table.keys {
            let keys = (0u64..).zip(column.iter().zip(&table.shingles));
            let entries =
                keys.filter(|(_, (_, count))| **count > 0).map(|(row, (key, _))| (*key, row));
            append_column(shape, entries.collect(), &mut directory, &mut data);
        }
        let entries =
            (0u64..).zip(&table.contents).map(|(row, content)| (content_key(*content), row));
        append_column(shape, entries.collect(), &mut directory, &mut data);
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
        file.into_inner()?.sync_all()
    }
}

/// The key of the column of contents: the low bits of the hash.
pub(crate) fn content_key(content: u128) -> u64 {
    u64::try_from(content & ((1 << KEY_BITS) - 1)).unwrap_or(0) // 46 bits fit
}

/// Sorts the (key, row) entries and appends them to `data`, and their fences to `directory`.
fn append_column(
    shape: Shape,
    mut entries: Vec<(u64, u64)>,
    directory: &mut Vec<u8>,
    data: &mut Vec<u8>,
) {
    entries.sort_unstable();
    let (rows, fences) = (shape.row_bits(), shape.fences());
    let mut rest = &entries[..];
    let mut end = 0;
    for fence in 0..fences {
        let count = rest.partition_point(|(key, _)| shape.fence_of(*key) <= fence);
        let (slice, later) = rest.split_at(count);
        rest = later;
        end += count as u64;
        let start = data.len();
        for (key, row) in slice {
            let entry = (key & shape.stored_mask()) << rows | row;
            data.extend_from_slice(entry.to_le_bytes().first_chunk::<KEY>().unwrap_or(&[0; KEY]));
        }
        Fence { end, hash: hash64(&data[start..]) }.write(directory);
    }
}

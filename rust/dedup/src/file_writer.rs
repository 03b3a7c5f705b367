//! Writes the band file of a part: every column sorted by key, so that a range of keys is a slice of it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    threads: usize,
}

/// Documents of a part that one thread sorts as fast as several.
const FEW: u64 = 1 << 13;
/// Bits of an entry that tell the row, while it is sorted.
const ROW_BITS: u32 = PART_DOCUMENTS.trailing_zeros();

impl BandFileWriter {
    /// A writer of the file at `path`; nothing is written before [`Self::finish`].
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, params: &DedupParams) -> Self {
        Self { path: path.into(), table: BandTable::new(params), synced: true, threads: 1 }
    }

    /// A writer of documents that other files of this layout have.
    #[must_use]
    pub fn of_layout(path: impl Into<PathBuf>, layout: BandLayout) -> Self {
        Self { path: path.into(), table: BandTable::of(layout), synced: true, threads: 1 }
    }

    /// Leaves it to the system when the file comes to the disk: one that only a power cut may take.
    #[must_use]
    pub fn unsynced(self) -> Self {
        Self { synced: false, ..self }
    }

    /// Sorts columns side by side on so many threads, where there is much to sort; the file is the same.
    #[must_use]
    pub fn on_threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
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

    /// All columns, in order: those of the bands, and that of the contents.
    fn columns(&self, shape: Shape) -> Vec<Column> {
        let places: Vec<OnceLock<Column>> =
            (0..=self.table.keys.len()).map(|_| OnceLock::new()).collect();
        let next = AtomicUsize::new(0);
        let worker = || {
            let mut sorting = Sorting::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(place) = places.get(number) else { return };
                place.get_or_init(|| self.column(number, shape, &mut sorting));
            }
        };
        let threads = if shape.documents < FEW { 1 } else { self.threads.min(places.len()) };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(worker);
            }
            worker();
        });
        places.into_iter().filter_map(OnceLock::into_inner).collect()
    }

    /// The column of a band, or behind the last the one of the contents.
    fn column(&self, number: usize, shape: Shape, sorting: &mut Sorting) -> Column {
        let Sorting { entries, sorter } = sorting;
        entries.clear();
        let entry = |key: u64, row: u64| key << ROW_BITS | row;
        let table = &self.table;
        if let Some(keys) = table.keys.get(number) {
            let rows = (0u64..).zip(keys.iter().zip(&table.shingles));
            let signed = rows.filter(|(_, (_, count))| **count > 0);
            entries.extend(signed.map(|(row, (key, _))| entry(*key, row)));
        } else {
            let rows = (0u64..).zip(&table.contents);
            entries.extend(rows.map(|(row, hash)| entry(content_key(*hash), row)));
        }
        sorter.sort(entries);
        Column::of(shape, entries)
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        let table = &self.table;
        let signed = table.shingles.iter().filter(|count| **count > 0).count() as u64;
        let shape = Shape { layout: table.layout(), documents: table.documents(), signed };
        let columns = self.columns(shape);
        let mut directory: Vec<u8> =
            columns.iter().flat_map(|column| column.directory.iter().copied()).collect();
        let counts: Vec<u8> = table.shingles.iter().flat_map(|count| count.to_le_bytes()).collect();
        let contents: Vec<u8> =
            table.contents.iter().flat_map(|content| content.to_le_bytes()).collect();
        directory.extend(hash64(&counts).to_le_bytes());
        directory.extend(hash64(&contents).to_le_bytes());
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(&header(shape, &directory))?;
        file.write_all(&directory)?;
        for bytes in columns.iter().map(|column| &column.data).chain([&counts, &contents]) {
            file.write_all(bytes)?;
        }
        let file = file.into_inner()?;
        if self.synced { file.sync_all() } else { Ok(()) }
    }
}

/// What a thread sorts with, from column to column.
#[derive(Default)]
struct Sorting {
    entries: Vec<u64>,
    sorter: EntrySorter,
}

/// The key of the column of contents: the low bits of the hash.
pub(crate) fn content_key(content: u128) -> u64 {
    u64::try_from(content & ((1 << KEY_BITS) - 1)).unwrap_or(0) // 46 bits fit
}

/// A column of a file, and its fences.
struct Column {
    directory: Vec<u8>,
    data: Vec<u8>,
}

impl Column {
    /// The column of entries, which are sorted.
    fn of(shape: Shape, entries: &[u64]) -> Self {
        let mut column = Self { directory: Vec::new(), data: vec![0; entries.len() * KEY] };
        let (mut rest, mut place) = (entries, &mut column.data[..]);
        let mut end = 0;
        for fence in 0..shape.fences() {
            let fence_of = |entry: &u64| shape.fence_of(entry >> ROW_BITS);
            let (slice, later) = rest.split_at(rest.partition_point(|e| fence_of(e) <= fence));
            let (bytes, behind) = place.split_at_mut(slice.len() * KEY);
            (rest, place) = (later, behind);
            end += slice.len() as u64;
            write_entries(shape, slice, bytes);
            Fence { end, hash: hash64(bytes) }.write(&mut column.directory);
        }
        column
    }
}

/// Writes entries as the file has them: 7 bytes each, without the bits that their slice tells.
fn write_entries(shape: Shape, entries: &[u64], data: &mut [u8]) {
    let (rows, mask) = (shape.row_bits(), shape.stored_mask());
    let places = data.as_chunks_mut::<KEY>().0;
    for (place, entry) in places.iter_mut().zip(entries) {
        let row = entry & ((1 << ROW_BITS) - 1);
        let bytes = ((entry >> ROW_BITS & mask) << rows | row).to_le_bytes();
        *place = bytes.first_chunk().copied().unwrap_or_default();
    }
}

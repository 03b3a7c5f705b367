//! Writes the parts of a range of ids: entries in order to band files and tables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{FixedSizeBinaryBuilder, StringBuilder};
use gamayun_dedup::{BandFileWriter, BandLayout, BandRow};
use gamayun_io::TableWriter;
use gamayun_text::DocId;

use super::entry::Entry;
use super::manifest::{IndexFile, IndexPart};
use super::{BANDS, DOCUMENTS};
use crate::error::{Error, Result};
use crate::tables::{self, ID_BYTES};

/// Documents of a part, at most, so that its keys can be held by row.
const PART_DOCUMENTS: u64 = 1 << 17;
/// Bytes of text after which a part ends.
const PART_BYTES: u64 = 256 << 20;
/// Bytes of text in a batch of the table.
const BATCH_BYTES: u64 = 4 << 20;

/// The parts of a range, and how many documents of each source they hold.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub parts: Vec<IndexPart>,
    pub sources: BTreeMap<String, u64>,
}

impl Written {
    pub(crate) fn add(&mut self, other: Self) {
        self.parts.extend(other.parts);
        for (source, count) in other.sources {
            *self.sources.entry(source).or_default() += count;
        }
    }
}

/// A writer of the parts of one range.
pub(crate) struct PartsWriter<'a> {
    root: &'a Path,
    layout: BandLayout,
    range: usize,
    open: Option<Open>,
    written: Written,
    keys: Vec<u64>,
}

struct Open {
    name: String,
    documents: u64,
    text_bytes: u64,
    first: DocId,
    last: DocId,
    bands: BandFileWriter,
    table: TableWriter,
    table_path: PathBuf,
    rows: Rows,
}

impl<'a> PartsWriter<'a> {
    /// Of the `range`-th range of ids, in the index at `root`.
    pub(crate) fn new(root: &'a Path, layout: BandLayout, range: usize) -> Self {
        Self { root, layout, range, open: None, written: Written::default(), keys: Vec::new() }
    }

    /// Adds the next entry; entries ascend.
    pub(crate) fn push(&mut self, entry: &Entry<'_>) -> Result<()> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin(entry.doc_id)?,
        };
        let band = BandRow::read(&mut &*entry.band, self.layout.bands as usize, &mut self.keys)
            .ok_or_else(|| Error::damaged(self.root, "an entry without keys"))?;
        open.bands.copy(band);
        open.push(entry)?;
        match self.written.sources.get_mut(entry.source) {
            Some(count) => *count += 1,
            None => {
                self.written.sources.insert(entry.source.to_owned(), 1);
            }
        }
        if open.documents >= PART_DOCUMENTS || open.text_bytes >= PART_BYTES {
            return self.close(open);
        }
        self.open = Some(open);
        Ok(())
    }

    fn begin(&self, first: DocId) -> Result<Open> {
        let name = format!("part-{:05}-{:05}", self.range, self.written.parts.len());
        let table_path = self.root.join(DOCUMENTS).join(format!("{name}.parquet"));
        let bands = self.root.join(BANDS).join(format!("{name}.bands"));
        Ok(Open {
            name,
            documents: 0,
            text_bytes: 0,
            first,
            last: first,
            bands: BandFileWriter::of_layout(bands, self.layout),
            table: TableWriter::create(&table_path, tables::index())?,
            table_path,
            rows: Rows::new(),
        })
    }

    fn close(&mut self, open: Open) -> Result<()> {
        self.written.parts.push(open.finish()?);
        Ok(())
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> Result<Written> {
        if let Some(open) = self.open.take() {
            self.close(open)?;
        }
        Ok(self.written)
    }
}

impl Open {
    fn push(&mut self, entry: &Entry<'_>) -> Result<()> {
        self.rows.push(entry);
        self.documents += 1;
        self.text_bytes += entry.text.len() as u64;
        self.last = entry.doc_id;
        if self.rows.bytes >= BATCH_BYTES {
            let rows = std::mem::replace(&mut self.rows, Rows::new());
            rows.write(&mut self.table)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<IndexPart> {
        self.rows.write(&mut self.table)?;
        self.table.finish()?;
        let bands = self.bands.finish()?;
        Ok(IndexPart {
            name: self.name,
            documents: self.documents,
            text_bytes: self.text_bytes,
            first: self.first.to_string(),
            last: self.last.to_string(),
            bands: IndexFile::of(bands.path())?,
            table: IndexFile::of(&self.table_path)?,
        })
    }
}

/// A batch as it grows.
struct Rows {
    bytes: u64,
    doc_id: FixedSizeBinaryBuilder,
    strings: [StringBuilder; 3],
}

impl Rows {
    fn new() -> Self {
        let doc_id = FixedSizeBinaryBuilder::new(ID_BYTES);
        Self { bytes: 0, doc_id, strings: std::array::from_fn(|_| StringBuilder::new()) }
    }

    fn push(&mut self, entry: &Entry<'_>) {
        // The width is a constant of the schema, so this cannot fail.
        let _ = self.doc_id.append_value(entry.doc_id.to_bytes());
        let values = [Some(entry.source), entry.id, Some(entry.text)];
        self.strings
            .iter_mut()
            .zip(values)
            .for_each(|(builder, value)| builder.append_option(value));
        self.bytes += entry.text.len() as u64;
    }

    fn write(mut self, table: &mut TableWriter) -> Result<()> {
        let mut columns: Vec<ArrayRef> = vec![Arc::new(self.doc_id.finish())];
        columns.extend(self.strings.iter_mut().map(|builder| Arc::new(builder.finish()) as _));
        Ok(table.write(&tables::batch(tables::index(), columns)?)?)
    }
}

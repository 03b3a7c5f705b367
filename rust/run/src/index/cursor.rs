//! Reads an index in order: the entries of a range of ids, one part and one batch at a time.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::{Path, PathBuf};

use arrow_array::{FixedSizeBinaryArray, StringArray};
use gamayun_dedup::BandRows;
use gamayun_io::TableReader;
use gamayun_text::DocId;

use super::build::check_text;
use super::entry::Entry;
use super::manifest::{IndexManifest, IndexPart};
use crate::error::{Error, Result};
use crate::tables::{Rows, for_each_batch, id_at, string_at};

/// The place of the next entry.
pub(crate) struct Cursor<'a> {
    root: &'a Path,
    parts: VecDeque<&'a IndexPart>,
    ids: (DocId, DocId),
    open: Option<OpenPart>,
    last: Option<(DocId, u128)>,
}

/// A part, as far as it is in the range.
struct OpenPart {
    path: PathBuf,
    keys: BandRows,
    table: TableReader,
    batch: Option<Batch>,
    /// The row of the next batch.
    next: usize,
    /// The bytes of the keys of the entry.
    band: Vec<u8>,
}

/// Some rows.
struct Batch {
    first: usize,
    at: usize,
    length: usize,
    doc_ids: FixedSizeBinaryArray,
    sources: StringArray,
    ids: StringArray,
    texts: StringArray,
}

impl<'a> Cursor<'a> {
    /// The entries from the first of the ids on, up to the second and with it.
    pub(crate) fn open(
        root: &'a Path,
        index: &'a IndexManifest,
        ids: (DocId, DocId),
    ) -> Result<Self> {
        let (from, to) = (ids.0.to_string(), ids.1.to_string());
        let parts = index.parts.iter().filter(|part| part.last >= from && part.first <= to);
        let mut cursor = Self { root, parts: parts.collect(), ids, open: None, last: None };
        cursor.settle()?;
        Ok(cursor)
    }

    /// The next entry, if there is one.
    pub(crate) fn entry(&self) -> Option<Entry<'_>> {
        let open = self.open.as_ref()?;
        let batch = open.batch.as_ref()?;
        Some(Entry {
            doc_id: id_at(&batch.doc_ids, batch.at),
            band: &open.band,
            source: batch.sources.value(batch.at),
            id: string_at(&batch.ids, batch.at),
            text: batch.texts.value(batch.at),
        })
    }

    /// Goes to the entry after the next one.
    pub(crate) fn advance(&mut self) -> Result<()> {
        if let Some(batch) = self.open.as_mut().and_then(|open| open.batch.as_mut()) {
            batch.at += 1;
        }
        self.settle()
    }

    /// Goes on to a row that is there, and checks it.
    fn settle(&mut self) -> Result<()> {
        loop {
            let Some(open) = &mut self.open else {
                let Some(part) = self.parts.pop_front() else { return Ok(()) };
                self.open = Some(OpenPart::open(self.root, part, self.ids)?);
                continue;
            };
            if open.settle()? {
                break;
            }
            self.open = None;
        }
        let key = self.entry().map(|entry| entry.key());
        if self.last >= key {
            let path = self.open.as_ref().map(|open| open.path.clone()).unwrap_or_default();
            return Err(Error::damaged(path, "its documents are not in the order of their ids"));
        }
        self.last = key;
        Ok(())
    }
}

impl OpenPart {
    fn open(root: &Path, part: &IndexPart, ids: (DocId, DocId)) -> Result<Self> {
        let path = part.table_path(root);
        let keys = BandRows::read(&part.open_bands(root)?)?;
        let rows = rows_in(&path, ids)?;
        let wanted: Vec<u64> = rows.clone().map(|row| row as u64).collect();
        let columns = ["doc_id", "source", "id", "text"];
        let table = gamayun_io::read_rows(&path, Some(&columns), &wanted)?;
        Ok(Self { path, keys, table, batch: None, next: rows.start, band: Vec::new() })
    }

    /// Makes the next row ready; false if there is none.
    fn settle(&mut self) -> Result<bool> {
        while self.batch.as_ref().is_none_or(|batch| batch.at == batch.length) {
            let Some(batch) = self.table.next() else { return Ok(false) };
            let batch = Batch::new(&Rows::new(batch?, &self.path), self.next)?;
            self.next += batch.length;
            self.batch = Some(batch);
        }
        let Some(batch) = &self.batch else { return Ok(false) };
        let keys = self
            .keys
            .get(batch.first + batch.at)
            .ok_or_else(|| Error::damaged(&self.path, "more rows than its band file has"))?;
        let (doc_id, text) = (id_at(&batch.doc_ids, batch.at), batch.texts.value(batch.at));
        check_text(&self.path, doc_id, text, keys.content)?;
        self.band.clear();
        keys.write(&mut self.band);
        Ok(true)
    }
}

impl Batch {
    fn new(rows: &Rows<'_>, first: usize) -> Result<Self> {
        Ok(Self {
            first,
            at: 0,
            length: rows.len(),
            doc_ids: rows.ids("doc_id")?.clone(),
            sources: rows.strings("source")?.clone(),
            ids: rows.strings("id")?.clone(),
            texts: rows.strings("text")?.clone(),
        })
    }
}

/// The rows of a table whose ids are in a range; ids ascend.
fn rows_in(path: &Path, (from, to): (DocId, DocId)) -> Result<Range<usize>> {
    let mut rows = 0..0;
    for_each_batch(path, &["doc_id"], |_, batch| {
        let ids = batch.ids("doc_id")?;
        for row in 0..batch.len() {
            let id = id_at(ids, row);
            rows.start += usize::from(id < from);
            rows.end += usize::from(id <= to);
        }
        Ok(())
    })?;
    Ok(rows)
}

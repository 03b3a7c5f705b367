//! Writes the parts of an input: tables, band file and rejected records side by side.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use gamayun_dedup::{BandFileWriter, DedupParams};
use gamayun_io::{RejectedLine, TableWriter};

use crate::annotator::Annotated;
use crate::cleaning::{CLEANING, add_counts};
use crate::error::{Error, Result};
use crate::language_rows::SEGMENTS;
use crate::layout::Layout;
use crate::listing::{Kept, Shelf};
use crate::part::{
    InputIdentity, PartReceipt, part_stem, receipt_path, write_json, write_unsynced_json,
};

/// Bytes of text in a part: what a killed run may lose per open input.
const PART_BYTES: u64 = 256 << 20;
/// Documents in a part.
const PART_DOCUMENTS: u64 = 1 << 18;

/// Threads that sort the columns of a part: other parts are written meanwhile.
const SIDE_BY_SIDE: usize = 4;

/// Writes the parts of one task; a part is committed by its receipt, which is written last.
pub(crate) struct PartWriter {
    layout: Layout,
    task: usize,
    pub(crate) number: u32,
    dedup: DedupParams,
    threads: usize,
    receipt: PartReceipt,
    open: Option<OpenPart>,
    /// Where the shingles of whole parts are kept.
    shelf: Option<Arc<Shelf>>,
}

struct OpenPart {
    documents: TableWriter,
    annotations: TableWriter,
    cleaning: Option<TableWriter>,
    segments: Option<TableWriter>,
    bands: BandFileWriter,
    rejected: Vec<RejectedLine>,
    /// The shingles of all its documents so far; none once some were not kept.
    kept: Option<Vec<Kept>>,
}

impl PartWriter {
    pub(crate) fn new(
        layout: &Layout,
        task: usize,
        number: u32,
        input: &InputIdentity,
        dedup: &DedupParams,
        threads: usize,
        shelf: Option<Arc<Shelf>>,
    ) -> Self {
        Self {
            layout: layout.clone(),
            task,
            number,
            dedup: dedup.clone(),
            threads: threads.min(SIDE_BY_SIDE),
            receipt: PartReceipt::new(input.clone()),
            open: None,
            shelf,
        }
    }

    fn path(&self, folder: &str, end: &str) -> PathBuf {
        self.layout.path(format!("{folder}/{}.{end}", part_stem(self.task, self.number)))
    }

    /// The parts are removed when the list of removals is made from them: nothing waits until they are on the disk.
    fn is_passing(&self) -> bool {
        self.shelf.is_some()
    }

    fn table(&self, folder: &str, schema: SchemaRef) -> Result<TableWriter> {
        let table = TableWriter::create(&self.path(folder, "parquet"), schema)?;
        Ok(if self.is_passing() { table.unsynced() } else { table })
    }

    fn optional(&self, folder: &str, rows: Option<&RecordBatch>) -> Result<Option<TableWriter>> {
        rows.map(|rows| self.table(folder, rows.schema())).transpose()
    }

    fn open(&mut self, done: &Annotated) -> Result<&mut OpenPart> {
        if self.open.is_none() {
            let bands = BandFileWriter::new(self.path("bands", "bands"), &self.dedup)
                .on_threads(self.threads);
            self.open = Some(OpenPart {
                documents: self.table("documents", done.documents.schema())?,
                annotations: self.table("annotations", done.annotations.schema())?,
                cleaning: self.optional(CLEANING, done.cleaning.as_ref())?,
                segments: self.optional(SEGMENTS, done.segments.as_ref())?,
                bands: if self.is_passing() { bands.unsynced() } else { bands },
                rejected: Vec::new(),
                kept: Some(Vec::new()),
            });
        }
        self.open.as_mut().ok_or(Error::Interrupted)
    }

    pub(crate) fn write(&mut self, mut done: Annotated) -> Result<()> {
        if done.documents.num_rows() == 0 && done.rejected.is_empty() {
            return Ok(());
        }
        let source = self.receipt.input.source.clone();
        let open = self.open(&done)?;
        open.documents.write(&done.documents)?;
        open.annotations.write(&done.annotations)?;
        for (table, rows) in
            [(&mut open.cleaning, &done.cleaning), (&mut open.segments, &done.segments)]
        {
            if let (Some(table), Some(rows)) = (table, rows) {
                table.write(rows)?;
            }
        }
        for signed in &done.signed {
            open.bands.push(&signed.keys, signed.shingles, signed.content);
        }
        open.rejected
            .extend(done.rejected.iter().map(|rejected| RejectedLine::new(&source, rejected)));
        match (&mut open.kept, done.kept.take()) {
            (Some(kept), Some(shingles)) => kept.push(shingles),
            (kept, _) => *kept = None,
        }
        self.note(&done);
        if self.receipt.text_bytes >= PART_BYTES || self.receipt.documents >= PART_DOCUMENTS {
            self.commit()?;
        }
        Ok(())
    }

    fn note(&mut self, done: &Annotated) {
        let receipt = &mut self.receipt;
        receipt.through = receipt.through.max(done.through);
        receipt.documents += done.documents.num_rows() as u64;
        receipt.text_bytes += done.text_bytes;
        for (name, count) in &done.normalised {
            *receipt.normalised.entry((*name).to_owned()).or_default() += count;
        }
        add_counts(&mut receipt.cleaned, &done.cleaned);
        for rejected in &done.rejected {
            // A tail of unknown length is not a record that was read and rejected.
            if rejected.tail_unknown {
                receipt.unknown_tail = Some(rejected.to_string());
            } else {
                *receipt.rejected.entry(rejected.reason.name().to_owned()).or_default() += 1;
            }
        }
    }

    pub(crate) fn commit(&mut self) -> Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        open.documents.finish()?;
        open.annotations.finish()?;
        open.cleaning.map(TableWriter::finish).transpose()?;
        open.segments.map(TableWriter::finish).transpose()?;
        open.bands.finish()?;
        let rejected = self.path("documents", "rejected.jsonl");
        let lines = |out: &mut dyn Write| {
            for line in &open.rejected {
                serde_json::to_writer(&mut *out, line)?;
                out.write_all(b"\n")?;
            }
            Ok(())
        };
        let stem = part_stem(self.task, self.number);
        let receipt = receipt_path(&self.layout, &stem);
        if self.is_passing() {
            gamayun_io::write_unsynced(&rejected, lines)?;
            write_unsynced_json(&receipt, &self.receipt)?;
        } else {
            gamayun_io::write_atomic(&rejected, lines)?;
            write_json(&receipt, &self.receipt)?;
        }
        if let (Some(shelf), Some(kept)) = (&self.shelf, open.kept) {
            shelf.put(stem, kept);
        }
        let input = self.receipt.input.clone();
        self.number += 1;
        self.receipt = PartReceipt::new(input);
        Ok(())
    }
}

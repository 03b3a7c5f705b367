//! Where cleaned records go: lines of a file, beside it rejected records and a table of changes, and counts.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use gamayun_io::{LinesWriter, Rejected, RejectedLine, TableWriter};

use crate::clean_files::{CleanedFiles, CleanedRow};
use crate::cleaning::{self, KindCounts, Rows, add_counts};
use crate::error::{Error, Result};
use crate::tables;

/// The language of texts whose language nobody asks for.
const ANY: &str = "und";

/// The files beside the output.
pub(crate) struct Sides<'p> {
    pub rejected: Option<&'p Path>,
    pub changes: Option<&'p Path>,
}

/// Files being written; none is there before all are finished.
pub(crate) struct CleanedSink {
    lines: LinesWriter,
    rejected: Option<LinesWriter>,
    changes: Option<TableWriter>,
    /// Lines and bytes of text that were written.
    documents: u64,
    bytes: u64,
    /// Documents with a change, and bytes of texts before.
    changed: u64,
    bytes_before: u64,
    kinds: KindCounts,
}

impl CleanedSink {
    pub(crate) fn create(output: &Path, sides: &Sides<'_>) -> Result<Self> {
        let table = |path| TableWriter::create(path, schema());
        Ok(Self {
            lines: LinesWriter::create(output)?,
            rejected: sides.rejected.map(LinesWriter::create).transpose()?,
            changes: sides.changes.map(table).transpose()?,
            documents: 0,
            bytes: 0,
            changed: 0,
            bytes_before: 0,
            kinds: KindCounts::new(),
        })
    }

    pub(crate) fn reject(&mut self, rejected: &[Rejected]) -> Result<()> {
        let Some(out) = &mut self.rejected else { return Ok(()) };
        for one in rejected {
            let line = RejectedLine::new("files", one);
            let mut line = serde_json::to_vec(&line)
                .map_err(|error| Error::damaged(&one.path, error.to_string()))?;
            line.push(b'\n');
            out.write(&line)?;
        }
        Ok(())
    }

    pub(crate) fn write(&mut self, written: &[CleanedRow]) -> Result<()> {
        let mut rows = Rows::new(written.len());
        for row in written {
            self.lines.write(row.line.as_bytes())?;
            self.documents += 1;
            self.bytes += row.bytes;
            self.bytes_before += row.bytes_before;
            self.changed += u64::from(!row.edits.is_empty());
            rows.push(ANY, row.bytes_before, &row.edits);
        }
        add_counts(&mut self.kinds, &rows.kinds);
        match &mut self.changes {
            Some(table) if !written.is_empty() => Ok(table.write(&batch(written, rows)?)?),
            _ => Ok(()),
        }
    }

    /// What was written, as the files have it.
    pub(crate) fn count(&self, counts: &mut CleanedFiles) {
        counts.documents = self.documents;
        counts.changed = self.changed;
        (counts.bytes_before, counts.bytes) = (self.bytes_before, self.bytes);
        counts.kinds = self.kinds.get(ANY).cloned().unwrap_or_default();
        counts.removed_bytes = counts.kinds.values().map(|kind| kind.removed_bytes).sum();
        counts.added_bytes = counts.kinds.values().map(|kind| kind.added_bytes).sum();
    }

    /// Gives all files their names, the output last: where it is, the others are.
    pub(crate) fn finish(self) -> Result<()> {
        self.changes.map(TableWriter::finish).transpose()?;
        self.rejected.map(LinesWriter::finish).transpose()?;
        self.lines.finish()?;
        Ok(())
    }
}

/// The place and the id of a record, the bytes of its text before, and its changes.
fn schema() -> SchemaRef {
    let mut fields = vec![
        Arc::new(Field::new("id", DataType::Utf8, true)),
        Arc::new(Field::new("input", DataType::Utf8, false)),
        Arc::new(Field::new("record", DataType::UInt64, false)),
        Arc::new(Field::new("text_bytes_before", DataType::UInt64, false)),
    ];
    fields.extend(cleaning::schema().fields().iter().cloned());
    Arc::new(Schema::new(fields))
}

fn batch(written: &[CleanedRow], rows: Rows) -> Result<RecordBatch> {
    let ids: StringArray = written.iter().map(|row| row.id.as_deref()).collect();
    let inputs = StringArray::from_iter_values(written.iter().map(|row| &row.input));
    let numbers = UInt64Array::from_iter_values(written.iter().map(|row| row.number));
    let before = UInt64Array::from_iter_values(written.iter().map(|row| row.bytes_before));
    let mut columns: Vec<ArrayRef> =
        vec![Arc::new(ids), Arc::new(inputs), Arc::new(numbers), Arc::new(before)];
    columns.extend(rows.finish()?.columns().iter().cloned());
    tables::batch(schema(), columns)
}

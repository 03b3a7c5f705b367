//! Parquet: a row a record, a row group an input.

mod columns;
mod loose;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::RowGroupMetaData;

use self::columns::Columns;
use crate::cell::{bytes_at, write_cell};
use crate::reader::Source;
use crate::record::{RejectReason, Rejected};
use crate::table::{batch_rows, load};
use crate::{Batch, Error, Input, ReadParams, Record, Result, json};

/// Rows decoded at a time, at most: equal texts are stored once and so take more room than it seems.
const BATCH_ROWS: usize = 1024;

/// What is wrong with a row.
type Fault = (RejectReason, String);

/// The compressed bytes of each row group of a file.
pub(crate) fn row_group_bytes(path: &Path) -> Result<Vec<u64>> {
    let (_, metadata) = load(path)?;
    let groups = metadata.metadata().row_groups().iter();
    Ok(groups.map(|group| u64::try_from(group.compressed_size()).unwrap_or(0)).collect())
}

/// Opens a row group, or a whole file.
pub(crate) fn open(input: &Input, params: &ReadParams) -> Result<Box<dyn Source>> {
    if input.is_stdin() {
        let detail = "Parquet cannot be read from a pipe; save it to a file first".to_owned();
        return Err(Error::Unsupported { path: input.name.clone(), detail });
    }
    if input.bytes == 0 && input.path.metadata().is_ok_and(|metadata| metadata.len() == 0) {
        return Ok(Box::new(Nothing));
    }
    Ok(Box::new(Rows::open(input, params)?))
}

/// An empty file, which no program writes as Parquet but an interrupted download leaves.
struct Nothing;

impl Source for Nothing {
    fn fill(&mut self, _: &mut Batch, _: usize, _: usize) -> Result<bool> {
        Ok(false)
    }

    fn position(&self) -> u64 {
        0
    }

    fn fingerprint(&self) -> Option<u128> {
        None
    }
}

/// Rows on the way to records.
struct Rows {
    path: PathBuf,
    name: String,
    file: File,
    metadata: ArrowReaderMetadata,
    groups: Vec<usize>,
    columns: Columns,
    max_bytes: u64,
    /// Bytes and rows of this input, and rows of the file before it.
    bytes: u64,
    count: u64,
    before: u64,
    /// Rows decoded so far; those of `current` included.
    decoded: u64,
    batches: ParquetRecordBatchReader,
    batch_size: usize,
    /// The columns of strings that are read as bytes; empty while there is no need to.
    loose: Vec<bool>,
    current: Option<(RecordBatch, usize)>,
}

impl Rows {
    fn open(input: &Input, params: &ReadParams) -> Result<Self> {
        let (file, metadata) = load(&input.path)?;
        let counts = metadata.metadata().row_groups().iter().map(RowGroupMetaData::num_rows);
        let counts: Vec<u64> = counts.map(|rows| u64::try_from(rows).unwrap_or(0)).collect();
        let groups = groups(input, counts.len())?;
        let columns = Columns::find(&input.path, metadata.schema(), params)?;
        let batch_size = batch_rows(&metadata).min(BATCH_ROWS);
        let batches = build(&input.path, &file, &metadata, &groups, 0, batch_size)?;
        Ok(Self {
            path: input.path.clone(),
            name: input.name.clone(),
            file,
            columns,
            max_bytes: params.max_document_bytes,
            bytes: input.bytes,
            count: groups.iter().map(|&group| counts[group]).sum(),
            before: counts[..groups.first().copied().unwrap_or(0)].iter().sum(),
            decoded: 0,
            batches,
            batch_size,
            loose: Vec::new(),
            current: None,
            metadata,
            groups,
        })
    }

    /// Decodes more rows; false at the end. What cannot be decoded goes to the rejected.
    fn decode(&mut self, rejected: &mut Vec<Rejected>) -> Result<bool> {
        loop {
            match self.batches.next() {
                None => return Ok(false),
                Some(Ok(batch)) => {
                    self.decoded += batch.num_rows() as u64;
                    self.current = Some((batch, 0));
                    return Ok(true);
                }
                Some(Err(error)) if self.loose.is_empty() && loose::is_utf8_error(&error) => {
                    self.loosen()?;
                }
                Some(Err(error)) => {
                    rejected.push(self.lost(&error));
                    return Ok(false);
                }
            }
        }
    }

    /// Goes on from here with strings read as bytes, so that each row can be checked alone.
    fn loosen(&mut self) -> Result<()> {
        let wrong = |e| Error::reading_parquet(&self.path, e);
        let schema = loose::without_strings(self.metadata.parquet_schema()).map_err(wrong)?;
        let options = ArrowReaderOptions::new()
            .with_parquet_schema(Arc::new(schema))
            .with_skip_arrow_metadata(true);
        let metadata = ArrowReaderMetadata::load(&self.file, options).map_err(wrong)?;
        self.loose = loose::columns(self.metadata.schema(), metadata.schema());
        self.metadata = metadata;
        let (path, rows) = (&self.path, self.batch_size);
        self.batches = build(path, &self.file, &self.metadata, &self.groups, self.decoded, rows)?;
        Ok(())
    }

    fn lost(&self, error: &ArrowError) -> Rejected {
        let left = self.count - self.decoded;
        let detail = format!("this and the {left} rows from here on cannot be decoded: {error}");
        let number = self.before + self.decoded + 1;
        Rejected { tail_unknown: true, ..self.reject(number, (RejectReason::Corrupt, detail)) }
    }

    fn reject(&self, number: u64, (reason, detail): Fault) -> Rejected {
        let path = self.name.clone();
        Rejected { path, record: Some(number), reason, detail, tail_unknown: false }
    }

    fn record(
        &self,
        rows: &RecordBatch,
        row: usize,
        number: u64,
    ) -> std::result::Result<Record, Fault> {
        let text = self.text(rows, row)?.to_owned();
        let id = self.columns.id.map(|id| id_at(rows.column(id), row)).transpose()?.flatten();
        let metadata = self.metadata(rows, row)?;
        Ok(Record { number, id: id.filter(|id| !id.is_empty()), text, metadata })
    }

    fn text<'a>(&self, rows: &'a RecordBatch, row: usize) -> std::result::Result<&'a str, Fault> {
        let name = &self.columns.text_name;
        let Some(bytes) = bytes_at(rows.column(self.columns.text), row) else {
            return Err((RejectReason::MissingText, format!("{name} is null")));
        };
        if bytes.len() as u64 > self.max_bytes {
            return Err(super::too_large(bytes.len() as u64, self.max_bytes));
        }
        utf8(bytes, name)
    }

    fn metadata(&self, rows: &RecordBatch, row: usize) -> std::result::Result<String, Fault> {
        let mut out = String::from("{");
        for (i, (key, column)) in self.columns.others.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            out.push_str(key);
            let values = rows.column(*column);
            match bytes_at(values, row) {
                Some(bytes) if self.loose.get(*column) == Some(&true) => {
                    let name = rows.schema_ref().field(*column).name();
                    json::write_string(utf8(bytes, name)?, &mut out);
                }
                _ => write_cell(values, row, &mut out),
            }
        }
        out.push('}');
        Ok(out)
    }
}

fn groups(input: &Input, count: usize) -> Result<Vec<usize>> {
    match input.row_group {
        None => Ok((0..count).collect()),
        Some(group) if group < count => Ok(vec![group]),
        Some(group) => Err(Error::Corrupt {
            path: input.name.clone(),
            detail: format!("no row group {group}, it has {count}"),
        }),
    }
}

fn build(
    path: &Path,
    file: &File,
    metadata: &ArrowReaderMetadata,
    groups: &[usize],
    offset: u64,
    batch_size: usize,
) -> Result<ParquetRecordBatchReader> {
    let file = file.try_clone().map_err(|e| Error::reading(path, e))?;
    ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
        .with_row_groups(groups.to_vec())
        .with_offset(usize::try_from(offset).unwrap_or(usize::MAX))
        .with_batch_size(batch_size)
        .build()
        .map_err(|e| Error::reading_parquet(path, e))
}

fn utf8<'a>(bytes: &'a [u8], name: &str) -> std::result::Result<&'a str, Fault> {
    simdutf8::compat::from_utf8(bytes).map_err(|e| {
        (RejectReason::InvalidUtf8, format!("{name} is not UTF-8 at byte {}", e.valid_up_to()))
    })
}

/// A string or an integer as a string, `None` for null.
fn id_at(column: &ArrayRef, row: usize) -> std::result::Result<Option<String>, Fault> {
    if column.data_type().is_integer() && column.is_valid(row) {
        let mut id = String::new();
        write_cell(column, row, &mut id);
        return Ok(Some(id));
    }
    bytes_at(column, row).map(|bytes| utf8(bytes, "the id").map(str::to_owned)).transpose()
}

impl Source for Rows {
    fn fill(&mut self, batch: &mut Batch, max_bytes: usize, max_records: usize) -> Result<bool> {
        while !batch.is_full(max_bytes, max_records) {
            let Some((rows, row)) = self.current.take() else {
                if !self.decode(&mut batch.rejected)? {
                    return Ok(false);
                }
                continue;
            };
            if row == rows.num_rows() {
                continue;
            }
            let left = (rows.num_rows() - row) as u64;
            let number = self.before + self.decoded - left + 1;
            match self.record(&rows, row, number) {
                Ok(record) => batch.push(record),
                Err(fault) => batch.rejected.push(self.reject(number, fault)),
            }
            self.current = Some((rows, row + 1));
        }
        Ok(true)
    }

    fn position(&self) -> u64 {
        let share = u128::from(self.bytes) * u128::from(self.decoded);
        u64::try_from(share / u128::from(self.count.max(1))).unwrap_or(self.bytes)
    }

    fn fingerprint(&self) -> Option<u128> {
        None
    }
}

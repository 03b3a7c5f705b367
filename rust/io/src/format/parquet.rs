//! Parquet: a row a record, a row group an input.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::{Array, ArrayRef, RecordBatch, cast::AsArray};
use arrow_schema::{ArrowError, DataType, Schema};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use crate::cell::{dictionary_value, write_cell};
use crate::json;
use crate::reader::Source;
use crate::record::{RejectReason, Rejected};
use crate::table::{batch_rows, column, load};
use crate::{Batch, Error, Input, ReadParams, Record, Result};

/// Rows decoded at a time, at most: equal texts are stored once and so take more room than it seems.
const BATCH_ROWS: usize = 1024;

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
    let (file, metadata) = load(&input.path)?;
    Ok(Box::new(Rows::new(file, metadata, input, params)?))
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
    rows: u64,
    before: u64,
    /// Rows decoded so far; those of `current` included.
    decoded: u64,
    batches: ParquetRecordBatchReader,
    batch_rows: usize,
    full_batch_rows: usize,
    current: Option<(RecordBatch, usize)>,
}

/// Which columns are what.
struct Columns {
    text: usize,
    text_name: String,
    id: Option<usize>,
    /// The others: the key as JSON, with its colon, and the column; sorted by key.
    others: Vec<(String, usize)>,
}

impl Columns {
    fn find(path: &Path, schema: &Schema, params: &ReadParams) -> Result<Self> {
        let names = &params.columns;
        let text = column(path, schema, &names.text)?;
        check(path, schema, text, is_text, "strings")?;
        let id = names.id.as_ref().and_then(|id| schema.index_of(id).ok());
        if let Some(id) = id {
            check(path, schema, id, is_id, "strings or integers")?;
        }
        let mut others: Vec<_> = (0..schema.fields().len()).collect();
        others.retain(|&i| i != text && Some(i) != id);
        others.sort_by_key(|&i| schema.field(i).name());
        let others = others.into_iter().map(|i| (key(schema.field(i).name()), i)).collect();
        Ok(Self { text, text_name: names.text.clone(), id, others })
    }
}

fn key(name: &str) -> String {
    let mut key = String::new();
    json::write_string(name, &mut key);
    key.push(':');
    key
}

fn check(
    path: &Path,
    schema: &Schema,
    i: usize,
    fits: fn(&DataType) -> bool,
    expected: &'static str,
) -> Result<()> {
    let field = schema.field(i);
    if fits(field.data_type()) {
        return Ok(());
    }
    Err(Error::ColumnType {
        path: path.display().to_string(),
        column: field.name().clone(),
        found: field.data_type().to_string(),
        expected,
    })
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_text(values),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => true,
        other => other.is_string() || other.is_null(),
    }
}

fn is_id(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_id(values),
        other => is_text(other) || other.is_integer(),
    }
}

impl Rows {
    fn new(
        file: File,
        metadata: ArrowReaderMetadata,
        input: &Input,
        params: &ReadParams,
    ) -> Result<Self> {
        let counts: Vec<u64> = metadata
            .metadata()
            .row_groups()
            .iter()
            .map(|group| u64::try_from(group.num_rows()).unwrap_or(0))
            .collect();
        let groups = groups(input, counts.len())?;
        let columns = Columns::find(&input.path, metadata.schema(), params)?;
        let batch_rows = batch_rows(&metadata).min(BATCH_ROWS);
        let batches = build(&input.path, &file, &metadata, &groups, 0, batch_rows)?;
        Ok(Self {
            path: input.path.clone(),
            name: input.name.clone(),
            file,
            columns,
            max_bytes: params.max_document_bytes,
            bytes: input.bytes,
            rows: groups.iter().map(|&group| counts[group]).sum(),
            before: counts[..groups.first().copied().unwrap_or(0)].iter().sum(),
            decoded: 0,
            batches,
            batch_rows,
            full_batch_rows: batch_rows,
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
                Some(Err(error)) if is_utf8_error(&error) => self.narrow(rejected)?,
                Some(Err(error)) => {
                    rejected.push(self.lost(&error));
                    return Ok(false);
                }
            }
        }
    }

    /// Goes on with fewer rows at a time, down to the one that is not UTF-8, which is rejected.
    fn narrow(&mut self, rejected: &mut Vec<Rejected>) -> Result<()> {
        if self.batch_rows > 1 {
            self.batch_rows = (self.batch_rows / 8).max(1);
        } else {
            let detail = "a string that is not UTF-8".to_owned();
            rejected.push(self.reject(
                self.before + self.decoded + 1,
                RejectReason::InvalidUtf8,
                detail,
            ));
            self.decoded += 1;
            self.batch_rows = self.full_batch_rows;
        }
        let (path, size) = (&self.path, self.batch_rows);
        self.batches = build(path, &self.file, &self.metadata, &self.groups, self.decoded, size)?;
        Ok(())
    }

    fn reject(&self, number: u64, reason: RejectReason, detail: String) -> Rejected {
        let path = self.name.clone();
        Rejected { path, record: Some(number), reason, detail, tail_unknown: false }
    }

    fn lost(&self, error: &ArrowError) -> Rejected {
        let left = self.rows - self.decoded;
        let detail = format!("this and the {left} rows from here on cannot be decoded: {error}");
        let number = self.before + self.decoded + 1;
        Rejected { tail_unknown: true, ..self.reject(number, RejectReason::Corrupt, detail) }
    }

    fn record(
        &self,
        rows: &RecordBatch,
        row: usize,
        number: u64,
    ) -> std::result::Result<Record, Rejected> {
        let reject = |(reason, detail)| self.reject(number, reason, detail);
        let text = self.text(rows, row).map_err(reject)?;
        let id = self.columns.id.map(|id| id_at(rows.column(id), row)).transpose();
        let id = id.map_err(|detail| self.reject(number, RejectReason::InvalidId, detail))?;
        Ok(Record {
            number,
            id: id.flatten().filter(|id| !id.is_empty()),
            text: text.to_owned(),
            metadata: self.metadata(rows, row),
        })
    }

    fn text<'a>(
        &self,
        rows: &'a RecordBatch,
        row: usize,
    ) -> std::result::Result<&'a str, (RejectReason, String)> {
        let name = &self.columns.text_name;
        let Some(bytes) = bytes_at(rows.column(self.columns.text), row) else {
            return Err((RejectReason::MissingText, format!("{name} is null")));
        };
        if bytes.len() as u64 > self.max_bytes {
            return Err(super::too_large(bytes.len() as u64, self.max_bytes));
        }
        simdutf8::compat::from_utf8(bytes).map_err(|e| {
            (RejectReason::InvalidUtf8, format!("{name} is not UTF-8 at byte {}", e.valid_up_to()))
        })
    }

    fn metadata(&self, rows: &RecordBatch, row: usize) -> String {
        let mut out = String::from("{");
        for (i, (key, column)) in self.columns.others.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            out.push_str(key);
            write_cell(rows.column(*column), row, &mut out);
        }
        out.push('}');
        out
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
    batch_rows: usize,
) -> Result<ParquetRecordBatchReader> {
    let file = file.try_clone().map_err(|e| Error::reading(path, e))?;
    ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
        .with_row_groups(groups.to_vec())
        .with_offset(usize::try_from(offset).unwrap_or(usize::MAX))
        .with_batch_size(batch_rows)
        .build()
        .map_err(|e| Error::reading_parquet(path, e))
}

/// The Parquet reader checks the strings of a batch at once and says so in words only.
fn is_utf8_error(error: &ArrowError) -> bool {
    let message = error.to_string().to_lowercase();
    message.contains("utf-8") || message.contains("utf8")
}

/// The bytes of a string, `None` for null.
fn bytes_at(column: &ArrayRef, row: usize) -> Option<&[u8]> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(row).as_bytes()),
        DataType::LargeUtf8 => Some(column.as_string::<i64>().value(row).as_bytes()),
        DataType::Utf8View => Some(column.as_string_view().value(row).as_bytes()),
        DataType::Binary => Some(column.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Some(column.as_binary::<i64>().value(row)),
        DataType::BinaryView => Some(column.as_binary_view().value(row)),
        DataType::Dictionary(..) => {
            let (values, row) = dictionary_value(column, row)?;
            bytes_at(values, row)
        }
        _ => None,
    }
}

/// A string or an integer as a string, `None` for null.
fn id_at(column: &ArrayRef, row: usize) -> std::result::Result<Option<String>, String> {
    if column.is_null(row) {
        return Ok(None);
    }
    if column.data_type().is_integer() {
        let mut id = String::new();
        write_cell(column, row, &mut id);
        return Ok(Some(id));
    }
    let bytes = bytes_at(column, row).map(<[u8]>::to_vec);
    bytes.map(String::from_utf8).transpose().map_err(|e| format!("an id that is not UTF-8: {e}"))
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
            match self.record(&rows, row, self.before + self.decoded - left + 1) {
                Ok(record) => batch.push(record),
                Err(rejected) => batch.rejected.push(rejected),
            }
            self.current = Some((rows, row + 1));
        }
        Ok(true)
    }

    fn position(&self) -> u64 {
        let share = u128::from(self.bytes) * u128::from(self.decoded);
        u64::try_from(share / u128::from(self.rows.max(1))).unwrap_or(self.bytes)
    }

    fn fingerprint(&self) -> Option<u128> {
        None
    }
}

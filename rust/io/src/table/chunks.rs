//! Cutting rows into chunks whose borders depend on the rows alone, not on the batches they came in.

use arrow_array::{Array, ArrayRef, OffsetSizeTrait, RecordBatch, cast::AsArray};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use arrow_select::concat::concat_batches;

/// Rows of a chunk, at most.
const CHUNK_ROWS: usize = 8192;

/// Bytes of a chunk before compression: a chunk ends with the row that reaches this.
const CHUNK_BYTES: u64 = 4 << 20;

/// Rows on their way into chunks.
#[derive(Debug)]
pub(crate) struct Chunks {
    schema: SchemaRef,
    pending: Vec<RecordBatch>,
    rows: usize,
    bytes: u64,
}

/// Some rows and their bytes before compression.
pub(crate) type Chunk = (RecordBatch, u64);

impl Chunks {
    pub(crate) fn new(schema: SchemaRef) -> Self {
        Self { schema, pending: Vec::new(), rows: 0, bytes: 0 }
    }

    /// Takes a batch; gives the chunks that it fills.
    pub(crate) fn add(&mut self, batch: &RecordBatch) -> Result<Vec<Chunk>, ArrowError> {
        let mut full = Vec::new();
        let mut start = 0;
        for (row, bytes) in row_bytes(batch).into_iter().enumerate() {
            self.rows += 1;
            self.bytes += bytes;
            if self.rows == CHUNK_ROWS || self.bytes >= CHUNK_BYTES {
                self.pending.push(batch.slice(start, row + 1 - start));
                start = row + 1;
                full.extend(self.rest()?);
            }
        }
        if start < batch.num_rows() {
            self.pending.push(batch.slice(start, batch.num_rows() - start));
        }
        Ok(full)
    }

    /// The rows that are left, if any.
    pub(crate) fn rest(&mut self) -> Result<Option<Chunk>, ArrowError> {
        let bytes = std::mem::take(&mut self.bytes);
        self.rows = 0;
        let pending = std::mem::take(&mut self.pending);
        match pending.len() {
            0 => Ok(None),
            _ => Ok(Some((concat_batches(&self.schema, &pending)?, bytes))),
        }
    }
}

/// The bytes of each row, counted the same whatever the batch; nested values by a plain estimate.
fn row_bytes(batch: &RecordBatch) -> Vec<u64> {
    let mut bytes = vec![0; batch.num_rows()];
    for column in batch.columns() {
        add_bytes(column, &mut bytes);
    }
    bytes
}

fn add_bytes(column: &ArrayRef, bytes: &mut [u64]) {
    match column.data_type() {
        DataType::Utf8 => add_spans(column, column.as_string::<i32>().value_offsets(), bytes),
        DataType::Binary => add_spans(column, column.as_binary::<i32>().value_offsets(), bytes),
        DataType::LargeUtf8 => add_spans(column, column.as_string::<i64>().value_offsets(), bytes),
        DataType::LargeBinary => {
            add_spans(column, column.as_binary::<i64>().value_offsets(), bytes);
        }
        DataType::Utf8View => add(column, |row| column.as_string_view().value(row).len(), bytes),
        DataType::BinaryView => add(column, |row| column.as_binary_view().value(row).len(), bytes),
        DataType::FixedSizeBinary(width) => {
            add(column, |_| usize::try_from(*width).unwrap_or(0), bytes);
        }
        DataType::List(item) if item.data_type().is_primitive() => {
            let width = item.data_type().primitive_width().unwrap_or(1);
            let lists = column.as_list::<i32>();
            add(column, |row| usize::try_from(lists.value_length(row)).unwrap_or(0) * width, bytes);
        }
        other => add(column, |_| other.primitive_width().unwrap_or(16), bytes),
    }
}

fn add_spans<O: OffsetSizeTrait>(column: &ArrayRef, offsets: &[O], bytes: &mut [u64]) {
    add(column, |row| (offsets[row + 1] - offsets[row]).as_usize(), bytes);
}

/// Adds the length of each value; what lies behind a null is not counted, as it may be anything.
fn add(column: &ArrayRef, length: impl Fn(usize) -> usize, bytes: &mut [u64]) {
    for (row, total) in bytes.iter_mut().enumerate() {
        *total += 4 + if column.is_valid(row) { length(row) as u64 } else { 0 };
    }
}

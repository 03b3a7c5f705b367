//! Writing a table: Parquet with zstd, whose bytes are a function of its rows.

use std::fmt;
use std::fs::File;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowRowGroupWriterFactory;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::chunks::{Chunk, Chunks};
use super::columns::Columns;
use crate::atomic::Unfinished;
use crate::{Error, Result};

/// Bytes of a row group before compression: what a reader of one row group must be ready for.
const GROUP_BYTES: u64 = 64 << 20;

/// Rows of a row group, at most.
const GROUP_ROWS: u64 = 1 << 20;

/// Strings that hardly repeat, in all tables of a run.
const PLAIN_NAMES: [&str; 3] = ["id", "metadata", "text"];

/// A table being written; removed when dropped unfinished.
///
/// The same rows give the same bytes, however they were cut into batches: pages and row groups end
/// where the rows say, and neither time nor version is written. Columns of `LargeUtf8`,
/// `LargeBinary`, fixed-size binary and floats, and those named `id`, `metadata` or `text`, are
/// stored plain, all others with a dictionary.
pub struct TableWriter {
    file: SerializedFileWriter<File>,
    factory: ArrowRowGroupWriterFactory,
    /// Those of the row group that is being written.
    columns: Option<Columns>,
    threads: usize,
    unfinished: Unfinished,
    schema: SchemaRef,
    chunks: Chunks,
    group_bytes: u64,
    group_rows: u64,
}

impl fmt::Debug for TableWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableWriter").field("path", &self.unfinished.path()).finish_non_exhaustive()
    }
}

impl TableWriter {
    /// Begins a table beside its place, as `PATH.tmp-…`.
    pub fn create(path: &Path, schema: SchemaRef) -> Result<Self> {
        let (unfinished, file) = Unfinished::create(path)?;
        let properties = properties(&schema);
        let (file, factory) = ArrowWriter::try_new(file, schema.clone(), Some(properties))
            .and_then(ArrowWriter::into_serialized_writer)
            .map_err(|e| Error::writing_parquet(path, e))?;
        Ok(Self {
            file,
            factory,
            columns: None,
            threads: 1,
            unfinished,
            chunks: Chunks::new(schema.clone()),
            schema,
            group_bytes: 0,
            group_rows: 0,
        })
    }

    /// Encodes columns side by side on so many threads; the bytes are the same.
    #[must_use]
    pub fn on_threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
    }

    /// Leaves it to the system when the table comes to the disk: one that only a power cut may take.
    #[must_use]
    pub fn unsynced(mut self) -> Self {
        self.unfinished.synced = false;
        self
    }

    /// Adds rows; their columns must be those of the table.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.schema_ref().fields() != self.schema.fields() {
            let detail = format!("its columns are {:?}", names(batch.schema_ref()));
            return Err(Error::BadBatch { path: self.unfinished.path().to_owned(), detail });
        }
        let full = self.chunks.add(batch).map_err(|e| self.bad_batch(&e))?;
        full.into_iter().try_for_each(|chunk| self.write_chunk(chunk))
    }

    /// Writes what is left, syncs unless that was not wanted, and renames; gives the file's size in bytes.
    pub fn finish(mut self) -> Result<u64> {
        if let Some(chunk) = self.chunks.rest().map_err(|e| self.bad_batch(&e))? {
            self.write_chunk(chunk)?;
        }
        let path = self.unfinished.path().to_owned();
        self.close_group().map_err(|e| self.failed(e))?;
        let file = self.file.into_inner().map_err(|e| Error::writing_parquet(&path, e))?;
        self.unfinished.finish(&file)
    }

    fn write_chunk(&mut self, (rows, bytes): Chunk) -> Result<()> {
        self.encode(&rows).map_err(|e| self.failed(e))?;
        self.group_bytes += bytes;
        self.group_rows += rows.num_rows() as u64;
        if self.group_bytes >= GROUP_BYTES || self.group_rows >= GROUP_ROWS {
            self.close_group().map_err(|e| self.failed(e))?;
            self.group_bytes = 0;
            self.group_rows = 0;
        }
        Ok(())
    }

    fn encode(&mut self, rows: &RecordBatch) -> parquet::errors::Result<()> {
        let mut columns = match self.columns.take() {
            Some(columns) => columns,
            None => Columns {
                writers: self
                    .factory
                    .create_column_writers(self.file.flushed_row_groups().len())?,
                threads: self.threads,
            },
        };
        columns.write(&self.schema, rows)?;
        self.columns = Some(columns);
        Ok(())
    }

    fn close_group(&mut self) -> parquet::errors::Result<()> {
        let Some(columns) = self.columns.take() else { return Ok(()) };
        let columns = columns.close()?;
        let mut group = self.file.next_row_group()?;
        for column in columns {
            column.append_to_row_group(&mut group)?;
        }
        group.close().map(drop)
    }

    fn failed(&self, error: ParquetError) -> Error {
        Error::writing_parquet(self.unfinished.path(), error)
    }

    fn bad_batch(&self, error: &ArrowError) -> Error {
        Error::BadBatch { path: self.unfinished.path().to_owned(), detail: error.to_string() }
    }
}

fn names(schema: &Schema) -> Vec<&str> {
    schema.fields().iter().map(|field| field.name().as_str()).collect()
}

fn properties(schema: &Schema) -> WriterProperties {
    let level = ZstdLevel::try_new(3).unwrap_or_default();
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_created_by("gamayun-data".to_owned())
        .set_statistics_enabled(EnabledStatistics::Chunk)
        // Row groups end where `write_chunk` says.
        .set_max_row_group_row_count(None)
        .set_data_page_size_limit(1 << 20);
    for field in schema.fields() {
        let path = ColumnPath::from(field.name().as_str());
        if is_plain(field) {
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_statistics_enabled(path, EnabledStatistics::None);
        }
    }
    properties.build()
}

/// Columns whose values hardly repeat: a dictionary would cost time and no bound of theirs helps.
fn is_plain(field: &Field) -> bool {
    use DataType::{FixedSizeBinary, Float16, Float32, Float64, LargeBinary, LargeUtf8};
    matches!(
        field.data_type(),
        Float16 | Float32 | Float64 | LargeBinary | LargeUtf8 | FixedSizeBinary(_)
    ) || PLAIN_NAMES.contains(&field.name().as_str())
}

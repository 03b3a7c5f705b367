//! Reading a table: chosen columns, all rows or some.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::PageIndexPolicy;

use crate::names::nearest;
use crate::{Error, Result};

/// Bytes of a batch before compression, about.
const BATCH_BYTES: i64 = 8 << 20;

/// Rows of a batch, at most.
const BATCH_ROWS: i64 = 8192;

/// The batches of a table.
pub struct TableReader {
    path: PathBuf,
    batches: ParquetRecordBatchReader,
    schema: SchemaRef,
    /// Where each column that was asked for lies in what the file gives.
    order: Option<Vec<usize>>,
}

impl fmt::Debug for TableReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableReader").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Reads a table from its first row to its last; `columns` in the order that they are named in.
///
/// ```
/// # use std::sync::Arc;
/// # use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("part.parquet");
/// let numbers: ArrayRef = Arc::new(UInt64Array::from(vec![1, 2, 3]));
/// let batch = RecordBatch::try_from_iter([("n", numbers)])?;
/// let mut table = gamayun_io::TableWriter::create(&path, batch.schema())?;
/// table.write(&batch)?;
/// table.finish()?;
/// assert_eq!(gamayun_io::table_rows(&path)?, 3);
/// for read in gamayun_io::read_table(&path, Some(&["n"]))? {
///     assert_eq!(read?, batch);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_table(path: &Path, columns: Option<&[&str]>) -> Result<TableReader> {
    open(path, columns, &Which::All)
}

/// Reads these rows, which ascend, in that order; pages that hold none of them are not read.
pub fn read_rows(path: &Path, columns: Option<&[&str]>, rows: &[u64]) -> Result<TableReader> {
    open(path, columns, &Which::Rows(rows))
}

/// Reads the rows of these row groups, in the order given.
pub fn read_row_groups(
    path: &Path,
    columns: Option<&[&str]>,
    row_groups: &[usize],
) -> Result<TableReader> {
    open(path, columns, &Which::Groups(row_groups))
}

/// The number of rows of a table, from its footer.
pub fn table_rows(path: &Path) -> Result<u64> {
    Ok(table_row_groups(path)?.into_iter().sum())
}

/// The number of rows of each row group of a table, from its footer.
pub fn table_row_groups(path: &Path) -> Result<Vec<u64>> {
    let (_, metadata) = load(path)?;
    let groups = metadata.metadata().row_groups().iter();
    Ok(groups.map(|group| u64::try_from(group.num_rows()).unwrap_or(0)).collect())
}

/// Opens a Parquet file and reads its footer.
pub(crate) fn load(path: &Path) -> Result<(File, ArrowReaderMetadata)> {
    load_with(path, ArrowReaderOptions::new())
}

fn load_with(path: &Path, options: ArrowReaderOptions) -> Result<(File, ArrowReaderMetadata)> {
    let file = File::open(path).map_err(|e| Error::reading(path, e))?;
    let metadata =
        ArrowReaderMetadata::load(&file, options).map_err(|e| Error::reading_parquet(path, e))?;
    Ok((file, metadata))
}

/// The rows that are read.
enum Which<'a> {
    All,
    Groups(&'a [usize]),
    Rows(&'a [u64]),
}

fn open(path: &Path, columns: Option<&[&str]>, which: &Which<'_>) -> Result<TableReader> {
    // Where the pages lie is needed only to leave some out.
    let options = match which {
        Which::Rows(_) => {
            ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional)
        }
        Which::All | Which::Groups(_) => ArrowReaderOptions::new(),
    };
    let (file, metadata) = load_with(path, options)?;
    let rows = batch_rows(&metadata);
    let roots = columns.map(|names| roots(path, metadata.schema(), names)).transpose()?;
    let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
    if let Some(roots) = &roots {
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots.iter().copied());
        builder = builder.with_projection(mask);
    }
    builder = match which {
        Which::All => builder,
        Which::Groups(groups) => {
            let count = builder.metadata().num_row_groups();
            builder.with_row_groups(check_groups(path, count, groups.to_vec())?)
        }
        Which::Rows(wanted) => {
            let total = builder.metadata().file_metadata().num_rows();
            builder.with_row_selection(selection(path, wanted, total)?)
        }
    };
    let batches =
        builder.with_batch_size(rows).build().map_err(|e| Error::reading_parquet(path, e))?;
    let order = roots.map(|roots| ranks(&roots));
    let read = arrow_array::RecordBatchReader::schema(&batches);
    let schema = match &order {
        Some(order) => {
            let schema = read.project(order).map_err(|e| corrupt(path, &e.to_string()))?;
            SchemaRef::new(schema)
        }
        None => read,
    };
    Ok(TableReader { path: path.to_owned(), batches, schema, order })
}

/// Rows a batch so that it stays small whatever the rows hold.
pub(crate) fn batch_rows(metadata: &ArrowReaderMetadata) -> usize {
    let groups = metadata.metadata().row_groups();
    let widest = groups.iter().map(|group| group.total_byte_size() / group.num_rows().max(1)).max();
    let rows = (BATCH_BYTES / widest.unwrap_or(0).max(1)).clamp(1, BATCH_ROWS);
    usize::try_from(rows).unwrap_or(1)
}

fn roots(path: &Path, schema: &Schema, names: &[&str]) -> Result<Vec<usize>> {
    names.iter().map(|name| column(path, schema, name)).collect()
}

/// The place of a column, or an error that names those there are.
pub(crate) fn column(path: &Path, schema: &Schema, name: &str) -> Result<usize> {
    schema.index_of(name).map_err(|_| {
        let names: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
        let nearest = nearest(name, &names);
        Error::ColumnMissing {
            path: path.display().to_string(),
            column: name.to_owned(),
            names,
            nearest,
        }
    })
}

fn check_groups(path: &Path, count: usize, asked: Vec<usize>) -> Result<Vec<usize>> {
    match asked.iter().find(|&&group| group >= count) {
        Some(group) => Err(corrupt(path, &format!("no row group {group}, it has {count}"))),
        None => Ok(asked),
    }
}

/// These rows of so many.
fn selection(path: &Path, rows: &[u64], total: i64) -> Result<RowSelection> {
    let total = u64::try_from(total).unwrap_or(0);
    if !rows.is_sorted_by(|a, b| a < b) {
        let detail = "rows can be read in ascending order only".to_owned();
        return Err(Error::Unsupported { path: path.display().to_string(), detail });
    }
    if let Some(row) = rows.last().filter(|row| **row >= total) {
        return Err(corrupt(path, &format!("no row {row}, it has {total}")));
    }
    // Rows of a file fit.
    let place = |row: u64| usize::try_from(row).unwrap_or(usize::MAX);
    let runs =
        rows.chunk_by(|a, b| a + 1 == *b).map(|run| place(run[0])..place(run[0]) + run.len());
    Ok(RowSelection::from_consecutive_ranges(runs, place(total)))
}

fn corrupt(path: &Path, detail: &str) -> Error {
    Error::Corrupt { path: path.display().to_string(), detail: detail.to_owned() }
}

/// Where each root comes among the distinct roots in ascending order, as the file gives them.
fn ranks(roots: &[usize]) -> Vec<usize> {
    let distinct: BTreeSet<usize> = roots.iter().copied().collect();
    roots.iter().map(|&root| distinct.range(..root).count()).collect()
}

impl TableReader {
    /// The columns of the batches.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

impl Iterator for TableReader {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?.and_then(|batch| match &self.order {
            Some(order) => batch.project(order),
            None => Ok(batch),
        });
        Some(batch.map_err(|e| corrupt(&self.path, &e.to_string())))
    }
}

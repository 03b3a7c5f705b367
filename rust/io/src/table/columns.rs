//! The columns of a row group on their way to a file, encoded side by side.

use std::sync::{Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};
use parquet::errors::{ParquetError, Result};

/// A writer for each column. What they write does not depend on the threads.
pub(crate) struct Columns {
    pub(crate) writers: Vec<ArrowColumnWriter>,
    pub(crate) threads: usize,
}

impl Columns {
    /// Adds rows, whose columns are those of the schema.
    pub(crate) fn write(&mut self, schema: &Schema, rows: &RecordBatch) -> Result<()> {
        let mut leaves = Vec::new();
        for (field, column) in schema.fields().iter().zip(rows.columns()) {
            leaves.extend(compute_leaves(field, column)?);
        }
        let work = self.writers.iter_mut().zip(leaves).collect();
        side_by_side(work, self.threads, |(writer, leaf)| writer.write(&leaf)).map(drop)
    }

    /// The encoded columns, in order.
    pub(crate) fn close(self) -> Result<Vec<ArrowColumnChunk>> {
        side_by_side(self.writers, self.threads, ArrowColumnWriter::close)
    }
}

/// What `work` makes of each item, in their order.
fn side_by_side<T: Send, R: Send>(
    items: Vec<T>,
    threads: usize,
    work: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let threads = threads.min(items.len());
    if threads <= 1 {
        return items.into_iter().map(work).collect();
    }
    let rest = Mutex::new(items.into_iter().enumerate());
    let next = || rest.lock().unwrap_or_else(PoisonError::into_inner).next();
    let some = || -> Result<Vec<(usize, R)>> {
        let mut done = Vec::new();
        while let Some((number, item)) = next() {
            done.push((number, work(item)?));
        }
        Ok(done)
    };
    let mut all = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(some)).collect();
        let mut all = some()?;
        for other in others {
            let panicked = |_| ParquetError::General("a column's encoder panicked".to_owned());
            all.extend(other.join().map_err(panicked)??);
        }
        Ok::<_, ParquetError>(all)
    })?;
    all.sort_unstable_by_key(|(number, _)| *number);
    Ok(all.into_iter().map(|(_, made)| made).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_errors_come_back() {
        for threads in [0, 1, 2, 5, 99] {
            let doubled = side_by_side((0..20).collect(), threads, |n| Ok(2 * n)).unwrap();
            assert_eq!(doubled, (0..20).map(|n| 2 * n).collect::<Vec<_>>());
            let odd = |n| if n == 13 { Err(ParquetError::General("13".into())) } else { Ok(n) };
            assert!(side_by_side((0..20).collect(), threads, odd).is_err());
        }
    }
}

//! Tables: what is written is read, equal rows give equal bytes, and nothing half-written stays.

mod common;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, LargeStringArray, RecordBatch, StringArray, UInt64Array,
};
use arrow_select::concat::concat_batches;
use common::{Files, Outcome};
use gamayun_io::{
    Error, TableWriter, file_xxh3, read_row_groups, read_rows, read_table, remove_unfinished,
    table_row_groups, table_rows, write_atomic, write_unsynced,
};
use proptest::prelude::*;

fn rows(count: usize, width: usize) -> Result<RecordBatch, Box<dyn std::error::Error>> {
    let texts = (0..count).map(|i| Some(format!("{i:>0$}", (i * 7919) % (width + 1))));
    let languages = (0..count).map(|i| (i % 5 > 0).then(|| ["en", "ru", "zh"][i % 3]));
    let scores = (0..9_u32).cycle().take(count).map(|i| (i > 0).then(|| f64::from(i) / 7.0));
    let columns: [(&str, ArrayRef); 4] = [
        ("n", Arc::new((0..count as u64).map(Some).collect::<UInt64Array>())),
        ("text", Arc::new(texts.collect::<LargeStringArray>())),
        ("language", Arc::new(languages.collect::<StringArray>())),
        ("score", Arc::new(scores.collect::<Float64Array>())),
    ];
    Ok(RecordBatch::try_from_iter_with_nullable(
        columns.map(|(name, column)| (name, column, true)),
    )?)
}

fn write(path: &Path, batch: &RecordBatch, cuts: &[usize]) -> gamayun_io::Result<u64> {
    write_on(1, path, batch, cuts)
}

fn write_on(
    threads: usize,
    path: &Path,
    batch: &RecordBatch,
    cuts: &[usize],
) -> gamayun_io::Result<u64> {
    let mut table = TableWriter::create(path, batch.schema())?.on_threads(threads);
    let mut start = 0;
    for &length in cuts.iter().cycle() {
        let length = length.min(batch.num_rows() - start);
        table.write(&batch.slice(start, length))?;
        start += length;
        if start == batch.num_rows() {
            break;
        }
    }
    table.finish()
}

fn read(path: &Path, columns: Option<&[&str]>) -> Result<RecordBatch, Box<dyn std::error::Error>> {
    let table = read_table(path, columns)?;
    let schema = table.schema();
    let batches = table.collect::<gamayun_io::Result<Vec<_>>>()?;
    Ok(concat_batches(&schema, &batches)?)
}

fn cuts_do_not_matter(count: usize, cuts: &[usize]) -> Outcome {
    let files = Files::new()?;
    let batch = rows(count, 900)?;
    let (whole, cut) = (files.path("whole.parquet"), files.path("cut.parquet"));
    let bytes = write(&whole, &batch, &[count.max(1)])?;
    assert_eq!(bytes, fs::metadata(&whole)?.len());
    write(&cut, &batch, cuts)?;
    assert_eq!(file_xxh3(&whole)?, file_xxh3(&cut)?);
    for threads in [2, 9] {
        let path = files.path("threads.parquet");
        write_on(threads, &path, &batch, cuts)?;
        assert_eq!(file_xxh3(&whole)?, file_xxh3(&path)?, "{threads} threads");
    }
    assert_eq!(table_rows(&cut)?, count as u64);
    assert_eq!(read(&cut, None)?, batch);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() })]

    #[test]
    fn bytes_depend_on_rows_alone(count in 0..25_000_usize, cuts in prop::collection::vec(1..9000_usize, 1..5)) {
        cuts_do_not_matter(count, &cuts).map_err(|e| TestCaseError::fail(e.to_string()))?;
    }
}

#[test]
fn row_groups_are_bounded_by_bytes_and_can_be_read_alone() -> Outcome {
    let files = Files::new()?;
    let batch = rows(9000, 40_000)?;
    let path = files.path("t.parquet");
    write(&path, &batch, &[1000])?;
    let groups = table_row_groups(&path)?;
    assert!(groups.len() > 2, "{groups:?}");
    assert_eq!(groups.iter().sum::<u64>(), 9000);
    let first = usize::try_from(groups[0])?;
    let second = read_row_groups(&path, Some(&["n"]), &[1])?.next().ok_or("no rows")??;
    assert_eq!(second.column(0).as_ref(), batch.column(0).slice(first, second.num_rows()).as_ref());
    assert!(read_row_groups(&path, None, &[99]).is_err());
    Ok(())
}

#[test]
fn rows_can_be_read_alone_and_pages_without_them_are_not_read() -> Outcome {
    let files = Files::new()?;
    let batch = rows(9000, 40_000)?;
    let path = files.path("t.parquet");
    write(&path, &batch, &[1000])?;
    let all = |wanted: &[u64],
               columns: Option<&[&str]>|
     -> Result<RecordBatch, Box<dyn std::error::Error>> {
        let table = read_rows(&path, columns, wanted)?;
        let schema = table.schema();
        Ok(concat_batches(&schema, &table.collect::<gamayun_io::Result<Vec<_>>>()?)?)
    };
    for wanted in
        [vec![], vec![0], vec![8999], vec![3, 4, 5, 4000, 8000, 8001], (0..9000).collect()]
    {
        let places: UInt64Array = wanted.clone().into();
        let expected = arrow_select::take::take_record_batch(&batch, &places)?;
        assert_eq!(all(&wanted, None)?, expected);
        assert_eq!(all(&wanted, Some(&["text", "n"]))?, expected.project(&[1, 0])?);
    }
    for refused in [vec![9000], vec![5, 3], vec![3, 3]] {
        assert!(read_rows(&path, None, &refused).is_err());
    }
    // The first and last megabytes of a file of many hold other rows.
    let mut bytes = fs::read(&path)?;
    let middle = bytes.len() / 2;
    bytes[middle - 1000..middle + 1000].fill(0x5A);
    fs::write(&path, bytes)?;
    assert!(read(&path, Some(&["text"])).is_err());
    assert_eq!(all(&[0, 8999], Some(&["n", "text"]))?.num_rows(), 2);
    Ok(())
}

#[test]
fn columns_come_in_the_order_asked_for() -> Outcome {
    let files = Files::new()?;
    let batch = rows(10, 5)?;
    let path = files.path("t.parquet");
    write(&path, &batch, &[3])?;
    assert_eq!(read(&path, Some(&["score", "n"]))?, batch.project(&[3, 0])?);
    let error = read_table(&path, Some(&["scores"])).err().ok_or("read")?.to_string();
    assert!(error.ends_with(r#"no column "scores"; its columns are n, text, language, score (did you mean "score"?)"#), "{error}");
    Ok(())
}

#[test]
fn a_table_of_no_rows_has_its_columns() -> Outcome {
    let files = Files::new()?;
    let path = files.path("t.parquet");
    let schema = rows(1, 1)?.schema();
    TableWriter::create(&path, schema.clone())?.finish()?;
    assert_eq!(table_rows(&path)?, 0);
    assert_eq!(read_table(&path, None)?.schema(), schema);
    assert_eq!(read_table(&path, None)?.count(), 0);
    Ok(())
}

#[test]
fn an_unfinished_table_leaves_nothing() -> Outcome {
    let files = Files::new()?;
    let path = files.path("t.parquet");
    let mut table = TableWriter::create(&path, rows(1, 1)?.schema())?;
    table.write(&rows(100, 10)?)?;
    assert_eq!(fs::read_dir(files.root())?.count(), 1, "a temporary file");
    assert!(!path.exists());
    drop(table);
    assert_eq!(fs::read_dir(files.root())?.count(), 0);
    Ok(())
}

#[test]
fn a_batch_of_other_columns_is_refused() -> Outcome {
    let files = Files::new()?;
    let batch = rows(3, 3)?;
    let mut table = TableWriter::create(&files.path("t.parquet"), batch.schema())?;
    let error = table.write(&batch.project(&[0, 1])?).err().ok_or("written")?;
    assert!(matches!(error, Error::BadBatch { .. }));
    assert!(error.to_string().contains("t.parquet: a batch does not fit the table"), "{error}");
    Ok(())
}

#[test]
fn a_table_in_no_directory_is_an_error_with_its_path() -> Outcome {
    let path = Path::new("/nowhere/t.parquet");
    let error = TableWriter::create(path, rows(1, 1)?.schema()).err().ok_or("created")?;
    assert!(matches!(error, Error::Unwritable { .. }));
    assert!(error.to_string().starts_with("/nowhere/t.parquet: cannot write: "), "{error}");
    assert!(matches!(read_table(path, None).err(), Some(Error::NotFound { .. })));
    Ok(())
}

#[test]
fn an_atomic_file_is_whole_or_what_it_was() -> Outcome {
    let files = Files::new()?;
    let path = files.path("step.json");
    write_atomic(&path, |out| out.write_all(b"one"))?;
    let full = |out: &mut dyn io::Write| {
        out.write_all(b"half")?;
        Err(io::Error::from(ErrorKind::StorageFull))
    };
    for error in [write_atomic(&path, full), write_unsynced(&path, full)].map(Result::err) {
        let error = error.ok_or("written")?;
        assert!(
            matches!(&error, Error::Unwritable { source, .. } if source.kind() == ErrorKind::StorageFull)
        );
        assert!(error.to_string().contains("step.json: cannot write: no storage space"), "{error}");
    }
    assert_eq!(fs::read(&path)?, b"one");
    assert_eq!(fs::read_dir(files.root())?.count(), 1);
    write_atomic(&path, |out| out.write_all(b"two"))?;
    assert_eq!(fs::read(&path)?, b"two");
    write_unsynced(&path, |out| out.write_all(b"three"))?;
    assert_eq!(fs::read(&path)?, b"three");
    write_unsynced(&path, |out| out.write_all(b"two"))?;
    assert_eq!(fs::read_dir(files.root())?.count(), 1);
    assert_eq!(file_xxh3(&path)?, gamayun_text::hash::hash128(b"two"));
    Ok(())
}

#[test]
fn what_a_killed_process_left_is_removed_and_nothing_else() -> Outcome {
    let files = Files::new()?;
    for name in ["a.parquet.tmp-123", "b.json.tmp-9", "c.parquet", "d.tmp-x", "e.tmp-"] {
        files.add(name, "x")?;
    }
    assert_eq!(remove_unfinished(files.root())?, 2);
    assert_eq!(fs::read_dir(files.root())?.count(), 3);
    assert!(remove_unfinished(&files.path("gone")).is_err());
    Ok(())
}

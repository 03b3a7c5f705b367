//! Who passed: the one place that tells, for a part, which documents the steps before dedup let through.

use std::path::{Path, PathBuf};

use arrow_array::Array;
use gamayun_text::DocId;

use crate::edits::EDITS;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::part::Part;
use crate::part::index;
use crate::tables::{for_each_batch, id_at};

/// Where the verdicts of decontamination lie, if it is part of the run.
pub(crate) const CONTAMINATION: &str = "contamination";

/// Where the scores of documents lie, if they are scored in the run.
pub(crate) const QUALITY: &str = "quality";

/// The file of a part in a folder of row-aligned tables.
pub(crate) fn table(layout: &Layout, folder: &str, part: &Part) -> PathBuf {
    layout.path(format!("{folder}/{}.parquet", part.stem))
}

/// For each document of a part, whether it passed the rules and was not dropped as contaminated.
pub(crate) fn passed(layout: &Layout, part: &Part) -> Result<Vec<bool>> {
    let mut passed = passed_rules(layout, part)?;
    let path = table(layout, CONTAMINATION, part);
    if layout.path(CONTAMINATION).is_dir() {
        let rows = for_each_batch(&path, &["dropped"], |first, rows| {
            let dropped = rows.booleans("dropped")?;
            for (row, passed) in passed.iter_mut().skip(first).take(rows.len()).enumerate() {
                *passed &= !dropped.value(row);
            }
            Ok(())
        })?;
        check(&path, rows, part)?;
    }
    Ok(passed)
}

/// For each document of a part, whether it passed language and rules.
pub(crate) fn passed_rules(layout: &Layout, part: &Part) -> Result<Vec<bool>> {
    let path = table(layout, "decisions", part);
    let mut passed = Vec::with_capacity(index(part.documents));
    let rows = for_each_batch(&path, &["passed"], |_, rows| {
        let column = rows.booleans("passed")?;
        passed.extend((0..rows.len()).map(|row| column.value(row)));
        Ok(())
    })?;
    check(&path, rows, part)?;
    Ok(passed)
}

/// For each document of a part of a finished run, its id if it was selected.
pub(crate) fn selected(layout: &Layout, part: &Part) -> Result<Vec<Option<DocId>>> {
    let passed = passed(layout, part)?;
    let mut selected: Vec<Option<DocId>> = Vec::with_capacity(passed.len());
    let path = table(layout, "dedup", part);
    let rows = for_each_batch(&path, &["doc_id", "kept_id"], |first, rows| {
        let (ids, kept) = (rows.ids("doc_id")?, rows.ids("kept_id")?);
        selected.extend((0..rows.len()).map(|row| {
            let stays = passed.get(first + row).is_some_and(|passed| *passed) && kept.is_null(row);
            stays.then(|| id_at(ids, row))
        }));
        Ok(())
    })?;
    check(&path, rows, part)?;
    if layout.path(EDITS).is_dir() {
        let path = table(layout, EDITS, part);
        let rows = for_each_batch(&path, &["dropped"], |first, rows| {
            let dropped = rows.booleans("dropped")?;
            let those = selected.iter_mut().skip(first).take(rows.len());
            those.enumerate().filter(|(row, _)| dropped.value(*row)).for_each(|(_, id)| *id = None);
            Ok(())
        })?;
        check(&path, rows, part)?;
    }
    Ok(selected)
}

fn check(path: &Path, rows: usize, part: &Part) -> Result<()> {
    if rows == index(part.documents) {
        return Ok(());
    }
    Err(Error::damaged(path, format!("{rows} rows for {} documents", part.documents)))
}

//! The verdicts of decide, with those that scores change.

use arrow_array::builder::{BooleanBuilder, Float64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef};
use gamayun_io::TableWriter;
use std::sync::Arc;

use crate::error::Result;
use crate::fate;
use crate::layout::Layout;
use crate::part::Part;
use crate::tables::{self, Rows, for_each_batch, string_at};

/// The step that is named for a document that its score drops.
const STEP: &str = "quality";

/// For each document of a part, if it is dropped: its combined score, and the threshold.
pub(crate) type Drops = Vec<Option<(f64, f64)>>;

/// Writes a part of `decisions/` again, with these documents dropped.
pub(crate) fn rewrite(layout: &Layout, part: &Part, drops: &Drops, reason: &str) -> Result<()> {
    if drops.iter().all(Option::is_none) {
        return Ok(());
    }
    let path = fate::table(layout, "decisions", part);
    let mut batches = Vec::new();
    let columns: Vec<String> =
        tables::decisions().fields().iter().map(|field| field.name().clone()).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    for_each_batch(&path, &columns, |first, rows| {
        batches.push(batch(rows, drops.get(first..).unwrap_or_default(), reason)?);
        Ok(())
    })?;
    let mut writer = TableWriter::create(&path, tables::decisions())?;
    for batch in &batches {
        writer.write(batch)?;
    }
    writer.finish()?;
    Ok(())
}

fn batch(
    rows: &Rows<'_>,
    drops: &[Option<(f64, f64)>],
    reason: &str,
) -> Result<arrow_array::RecordBatch> {
    let passed = rows.booleans("passed")?;
    let texts = [("step", STEP), ("reason", reason), ("measurement", "quality")];
    let mut now_passed = BooleanBuilder::new();
    let mut strings: [StringBuilder; 3] = std::array::from_fn(|_| StringBuilder::new());
    let mut numbers: [Float64Builder; 2] = std::array::from_fn(|_| Float64Builder::new());
    for row in 0..rows.len() {
        let drop = drops.get(row).copied().flatten();
        now_passed.append_value(passed.value(row) && drop.is_none());
        for ((name, now), builder) in texts.iter().zip(&mut strings) {
            let before = string_at(rows.strings(name)?, row);
            builder.append_option(drop.map_or(before, |_| Some(*now)));
        }
        let now = drop.map(|(value, threshold)| [value, threshold]);
        for (n, (name, builder)) in ["value", "threshold"].iter().zip(&mut numbers).enumerate() {
            let before = rows.f64s(name)?;
            let before = before.is_valid(row).then(|| before.value(row));
            builder.append_option(now.map_or(before, |now| Some(now[n])));
        }
    }
    let mut columns: Vec<ArrayRef> =
        vec![rows.column("passed_language")?.clone(), Arc::new(now_passed.finish())];
    for builder in &mut strings {
        columns.push(Arc::new(builder.finish()));
    }
    for builder in &mut numbers {
        columns.push(Arc::new(builder.finish()));
    }
    tables::batch(tables::decisions(), columns)
}

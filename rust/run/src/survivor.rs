//! What dedup holds of every document, and the order in which documents survive.

use std::collections::BTreeMap;

use arrow_array::Array;
use gamayun_text::{DocId, Monitor};

use crate::annotator::Source;
use crate::error::{Error, Result};
use crate::fate;
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::part::Part;
use crate::preference::{KEYS, Offered, Order, Preference};
use crate::tables::{for_each_batch, id_at};

/// A global row as an index in memory; there are no more rows than memory holds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "64-bit machines only, and the row is in memory"
)]
pub(crate) fn index(row: u64) -> usize {
    row as usize
}

/// What is held of each document.
pub(crate) struct Row {
    pub(crate) id: DocId,
    pub(crate) tie: u128,
    pub(crate) preference: Preference,
    pub(crate) eligible: bool,
    pub(crate) passed: bool,
}

/// All rows, and how many of each field that the order asks for are absent.
pub(crate) fn load(
    layout: &Layout,
    sources: &[Source],
    order: &Order<'_>,
    threads: usize,
    parts: &[Part],
    monitor: &mut dyn Monitor,
) -> Result<(Vec<Row>, BTreeMap<String, u64>)> {
    let tally = Tally::of(parts.iter().map(|part| part.documents).sum());
    let loaded = parallel::map(parts.len(), threads, &tally, monitor, |number| {
        tally.check()?;
        let part = &parts[number];
        let source = sources.iter().find(|source| source.name == part.receipt.input.source);
        let found = load_part(layout, part, order, source.map_or(0, |source| source.priority))?;
        tally.add(part.documents, part.documents, 0);
        Ok(found)
    })?;
    let mut absent: BTreeMap<String, u64> =
        order.fields().map(|field| (field.to_owned(), 0)).collect();
    let mut rows = Vec::new();
    for (mut loaded, counts) in loaded {
        rows.append(&mut loaded);
        for (field, count) in order.fields().zip(counts) {
            *absent.entry(field.to_owned()).or_default() += count;
        }
    }
    Ok((rows, absent))
}

fn load_part(
    layout: &Layout,
    part: &Part,
    order: &Order<'_>,
    priority: i32,
) -> Result<(Vec<Row>, [u64; KEYS])> {
    let mut loaded: Vec<Row> = Vec::with_capacity(index(part.documents));
    let metadata = if order.needs_metadata() { metadata(layout, part)? } else { Vec::new() };
    let mut absent = [0; KEYS];
    let annotations = layout.path(format!("annotations/{}.parquet", part.stem));
    for_each_batch(
        &annotations,
        &["doc_id", "tie_hash", "text_bytes", "language_score"],
        |first, rows| {
            let (ids, ties) = (rows.ids("doc_id")?, rows.ids("tie_hash")?);
            let (bytes, scores) = (rows.u64s("text_bytes")?, rows.f32s("language_score")?);
            loaded.extend((0..rows.len()).map(|row| {
                let offered = Offered {
                    priority,
                    language_score: scores.is_valid(row).then(|| scores.value(row)),
                    bytes: bytes.value(row),
                    metadata: metadata.get(first + row).map(String::as_str),
                };
                Row {
                    id: id_at(ids, row),
                    tie: id_at(ties, row).0,
                    preference: order.place(&offered, &mut absent),
                    eligible: false,
                    passed: false,
                }
            }));
            Ok(())
        },
    )?;
    let passed = fate::passed(layout, part)?;
    let decisions = fate::table(layout, "decisions", part);
    let decided = for_each_batch(&decisions, &["passed_language"], |first, rows| {
        let language = rows.booleans("passed_language")?;
        for (row, known) in loaded.iter_mut().skip(first).take(rows.len()).enumerate() {
            known.eligible = language.value(row);
            known.passed = passed[first + row];
        }
        Ok(())
    })?;
    if decided != loaded.len() {
        let what = format!("{decided} decisions for {} annotations", loaded.len());
        return Err(Error::damaged(decisions, what));
    }
    Ok((loaded, absent))
}

/// The other fields of each record of a part, as JSON objects.
fn metadata(layout: &Layout, part: &Part) -> Result<Vec<String>> {
    let mut found = Vec::with_capacity(index(part.documents));
    let path = layout.path(format!("documents/{}.parquet", part.stem));
    for_each_batch(&path, &["metadata"], |_, rows| {
        let metadata = rows.strings("metadata")?;
        found.extend((0..rows.len()).map(|row| metadata.value(row).to_owned()));
        Ok(())
    })?;
    Ok(found)
}

/// Ids that are unique: those that several documents share are numbered in the order of the hash of all they hold.
pub(crate) fn numbered_ids(rows: &[Row]) -> Vec<DocId> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by_key(|&row| (rows[row].id, rows[row].tie));
    let mut ids: Vec<DocId> = rows.iter().map(|row| row.id).collect();
    let mut repeat = 0;
    for pair in order.windows(2) {
        repeat = if rows[pair[0]].id == rows[pair[1]].id { repeat + 1 } else { 0 };
        ids[pair[1]] = rows[pair[1]].id.numbered(repeat);
    }
    ids
}

/// The place of each document in the survivor order: total, and the same whatever the order of rows.
pub(crate) fn ranks(rows: &[Row], ids: &[DocId]) -> Vec<u64> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by_key(|&row| (rows[row].preference, ids[row]));
    let mut ranks = vec![0; rows.len()];
    for (rank, row) in (0..).zip(order) {
        ranks[row] = rank;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, tie: u128, preference: u64) -> Row {
        Row {
            id: DocId::of_name("s", name),
            tie,
            preference: [preference, 0, 0, 0, 0, 0],
            eligible: true,
            passed: true,
        }
    }

    #[test]
    fn shared_ids_are_numbered_whatever_the_order_of_rows() {
        let rows = [row("a", 2, 0), row("b", 0, 0), row("a", 1, 0)];
        let ids = numbered_ids(&rows);
        assert_eq!(ids[2], rows[2].id);
        assert_eq!(ids[0], rows[0].id.numbered(1));
        assert_eq!(ids[1], rows[1].id);
    }

    #[test]
    fn ranks_follow_the_preference_and_then_the_id() {
        let rows = [row("a", 0, 2), row("b", 0, 1), row("c", 0, 1)];
        let ids = numbered_ids(&rows);
        let ranks = ranks(&rows, &ids);
        assert_eq!(ranks[0], 2);
        assert_eq!(ranks[1] < ranks[2], ids[1] < ids[2]);
    }
}

//! What dedup holds of every document, and the order in which documents survive.

use arrow_array::Array;
use gamayun_text::{DocId, Monitor};

use crate::annotator::Source;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::part::Part;
use crate::tables::{for_each_batch, id_at};

/// What makes a document preferred among duplicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SurvivorKey {
    /// The source of the smaller priority number.
    Priority,
    /// The higher quality score: the language score, as long as no quality classifier is run.
    Quality,
    /// The longer text, in bytes.
    Longest,
    /// The smaller document id; always the last key, which makes the order total.
    Id,
}

impl std::str::FromStr for SurvivorKey {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "priority" => Ok(Self::Priority),
            "quality" => Ok(Self::Quality),
            "longest" => Ok(Self::Longest),
            "id" => Ok(Self::Id),
            other => Err(Error::Parameter {
                parameter: "keep".into(),
                found: other.into(),
                expected: "priority, quality, longest or id".into(),
            }),
        }
    }
}

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
    pub(crate) bytes: u64,
    pub(crate) quality: f32,
    pub(crate) priority: i32,
    pub(crate) eligible: bool,
    pub(crate) passed: bool,
}

pub(crate) fn load(
    layout: &Layout,
    sources: &[Source],
    threads: usize,
    parts: &[Part],
    monitor: &mut dyn Monitor,
) -> Result<Vec<Row>> {
    let tally = Tally::of(parts.iter().map(|part| part.documents).sum());
    let loaded = parallel::map(parts.len(), threads, &tally, monitor, |number| {
        tally.check()?;
        let part = &parts[number];
        let source = sources.iter().find(|source| source.name == part.receipt.input.source);
        let rows = load_part(layout, part, source.map_or(0, |source| source.priority))?;
        tally.add(part.documents, part.documents, 0);
        Ok(rows)
    })?;
    Ok(loaded.into_iter().flatten().collect())
}

fn load_part(layout: &Layout, part: &Part, priority: i32) -> Result<Vec<Row>> {
    let mut loaded: Vec<Row> = Vec::with_capacity(index(part.documents));
    let annotations = layout.path(format!("annotations/{}.parquet", part.stem));
    for_each_batch(
        &annotations,
        &["doc_id", "tie_hash", "text_bytes", "language_score"],
        |_, rows| {
            let (ids, ties) = (rows.ids("doc_id")?, rows.ids("tie_hash")?);
            let (bytes, scores) = (rows.u64s("text_bytes")?, rows.f32s("language_score")?);
            loaded.extend((0..rows.len()).map(|row| Row {
                id: id_at(ids, row),
                tie: id_at(ties, row).0,
                bytes: bytes.value(row),
                quality: if scores.is_valid(row) { scores.value(row) } else { 0.0 },
                priority,
                eligible: false,
                passed: false,
            }));
            Ok(())
        },
    )?;
    let decisions = layout.path(format!("decisions/{}.parquet", part.stem));
    let decided = for_each_batch(&decisions, &["passed_language", "passed"], |first, rows| {
        let (language, passed) = (rows.booleans("passed_language")?, rows.booleans("passed")?);
        for (row, known) in loaded.iter_mut().skip(first).take(rows.len()).enumerate() {
            known.eligible = language.value(row);
            known.passed = passed.value(row);
        }
        Ok(())
    })?;
    if decided != loaded.len() || decided != index(part.documents) {
        let what = format!("{decided} decisions for {} annotations", loaded.len());
        return Err(Error::damaged(decisions, what));
    }
    Ok(loaded)
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
pub(crate) fn ranks(rows: &[Row], ids: &[DocId], keep: &[SurvivorKey]) -> Vec<u64> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by(|&a, &b| {
        let (left, right) = (&rows[a], &rows[b]);
        keep.iter()
            .map(|key| match key {
                SurvivorKey::Priority => left.priority.cmp(&right.priority),
                SurvivorKey::Quality => right.quality.total_cmp(&left.quality),
                SurvivorKey::Longest => right.bytes.cmp(&left.bytes),
                SurvivorKey::Id => ids[a].cmp(&ids[b]),
            })
            .find(|ordering| ordering.is_ne())
            .unwrap_or_else(|| ids[a].cmp(&ids[b]))
    });
    let mut ranks = vec![0; rows.len()];
    for (rank, row) in (0..).zip(order) {
        ranks[row] = rank;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, tie: u128, bytes: u64, quality: f32, priority: i32) -> Row {
        Row {
            id: DocId::of_name("s", name),
            tie,
            bytes,
            quality,
            priority,
            eligible: true,
            passed: true,
        }
    }

    #[test]
    fn shared_ids_are_numbered_whatever_the_order_of_rows() {
        let rows = [row("a", 2, 0, 0.0, 0), row("b", 0, 0, 0.0, 0), row("a", 1, 0, 0.0, 0)];
        let ids = numbered_ids(&rows);
        assert_eq!(ids[2], rows[2].id);
        assert_eq!(ids[0], rows[0].id.numbered(1));
        assert_eq!(ids[1], rows[1].id);
    }

    #[test]
    fn the_survivor_order_follows_its_keys() {
        use SurvivorKey::{Id, Longest, Priority, Quality};
        let rows = [row("a", 0, 5, 0.9, 2), row("b", 0, 9, 0.5, 1), row("c", 0, 7, 0.9, 1)];
        let ids = numbered_ids(&rows);
        let first =
            |keep: &[SurvivorKey]| ranks(&rows, &ids, keep).iter().position(|&rank| rank == 0);
        assert_eq!(first(&[Priority, Quality, Longest, Id]), Some(2));
        assert_eq!(first(&[Longest]), Some(1));
        assert_eq!(first(&[Quality, Longest]), Some(2));
        let least = (0..3).min_by_key(|&n| ids[n]);
        assert_eq!(first(&[Id]), least);
    }
}

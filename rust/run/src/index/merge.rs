//! Several indexes to one: their documents in order, and what two of them hold once.

use std::path::{Path, PathBuf};

use gamayun_dedup::{BandLayout, Bands, Sorter};
use gamayun_text::{DocId, Monitor};
use serde::Serialize;

use super::build::{IndexParams, SCRATCH, begin, check_memory, finish};
use super::cursor::Cursor;
use super::manifest::IndexManifest;
use super::partitions;
use super::writer::{PartsWriter, Written};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::parallel::{self, Tally};

/// What was found while indexes were merged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MergeCounts {
    /// Documents of the merged index.
    pub documents: u64,
    /// Those of the indexes that went in.
    pub read: u64,
    /// Documents, of equal id and text, that another index holds too: written once.
    pub repeated: u64,
    /// Documents with the id of one before them and another text: written, as they are two versions.
    pub same_id: u64,
    /// Documents with the text of one before them, under another id: written, as their users may look for either.
    pub same_text: u64,
}

/// Writes the index of all documents of some indexes to a folder, emptied of what an earlier try left there.
///
/// The order in which they are named changes nothing.
///
/// # Errors
/// An index is damaged, or made with other parameters than the first; more memory is needed than allowed; files cannot
/// be written; the monitor.
pub fn merge_indexes(
    indexes: &[PathBuf],
    output: &Path,
    params: IndexParams,
    monitor: &mut dyn Monitor,
) -> Result<(IndexManifest, MergeCounts)> {
    let opened = indexes
        .iter()
        .map(|root| Ok((root.as_path(), IndexManifest::open(root)?)))
        .collect::<Result<Vec<_>>>()?;
    let layout = same_layout(&opened)?;
    let text_bytes = opened.iter().map(|(_, index)| index.text_bytes).sum();
    let ranges = partitions(text_bytes);
    check_memory("index merge", params, opened.len() as u64 * (96 << 20))?;
    let folder = begin(output)?;
    let tally = Tally::of(text_bytes);
    let merged = parallel::map(
        usize::try_from(ranges).unwrap_or(1),
        params.threads,
        &tally,
        monitor,
        |n| merge_range(&opened, output, layout, (n, ranges), &tally),
    )?;
    let mut counts = MergeCounts::default();
    let mut written = Vec::with_capacity(merged.len());
    for (some, found) in merged {
        counts.repeated += found.repeated;
        counts.same_id += found.same_id;
        written.push(some);
    }
    let index = finish(output, layout, written)?;
    counts.documents = index.documents;
    counts.read = opened.iter().map(|(_, index)| index.documents).sum();
    counts.same_text = same_text(&index, output, &folder, params, monitor)?;
    Ok((index, counts))
}

fn same_layout(opened: &[(&Path, IndexManifest)]) -> Result<BandLayout> {
    let Some((first, index)) = opened.first() else {
        return Err(Error::Parameter {
            parameter: "indexes".into(),
            found: "none".into(),
            expected: "at least one".into(),
        });
    };
    for (root, other) in opened {
        if let Some((name, found, expected)) = other.layout().difference(index.layout()) {
            return Err(Error::Parameter {
                parameter: format!("{}: {name}", root.display()),
                found: found.to_string(),
                expected: format!("{expected}, as in {}", first.display()),
            });
        }
    }
    Ok(index.layout())
}

/// The ids of the `n`-th of so many ranges: from the first on, up to the second and with it.
fn ids_of((n, ranges): (usize, u64)) -> (DocId, DocId) {
    let shift = 128 - ranges.trailing_zeros();
    let first = (n as u128).checked_shl(shift).unwrap_or(0);
    let width = 1_u128.checked_shl(shift).unwrap_or(0);
    (DocId(first), DocId(first.wrapping_add(width).wrapping_sub(1)))
}

fn merge_range(
    opened: &[(&Path, IndexManifest)],
    output: &Path,
    layout: BandLayout,
    range: (usize, u64),
    tally: &Tally,
) -> Result<(Written, MergeCounts)> {
    let mut cursors = opened
        .iter()
        .map(|(root, index)| Cursor::open(root, index, ids_of(range)))
        .collect::<Result<Vec<_>>>()?;
    let (mut counts, mut last) = (MergeCounts::default(), None);
    let mut writer = PartsWriter::new(output, layout, range.0);
    loop {
        let heads = cursors.iter().enumerate();
        let next = heads.filter_map(|(n, cursor)| Some((cursor.entry()?.key(), n))).min();
        let Some((key, number)) = next else { break };
        tally.check()?;
        if let Some(entry) = cursors[number].entry() {
            if last == Some(key) {
                counts.repeated += 1;
            } else {
                counts.same_id += u64::from(last.is_some_and(|(id, _)| id == key.0));
                writer.push(&entry)?;
            }
            tally.add(entry.text.len() as u64, 1, entry.text.len() as u64);
        }
        last = Some(key);
        cursors[number].advance()?;
    }
    Ok((writer.finish()?, counts))
}

/// Documents whose text another document of the index has.
fn same_text(
    index: &IndexManifest,
    root: &Path,
    folder: &Layout,
    params: IndexParams,
    monitor: &mut dyn Monitor,
) -> Result<u64> {
    let scratch = folder.folder(SCRATCH)?;
    let mut sorter = Sorter::<2>::new(&scratch, params.memory / 4, 1)?;
    let tally = Tally::of(0);
    let mut contents = Vec::new();
    for part in &index.parts {
        monitor.advance(tally.progress()).map_err(|_| Error::Interrupted)?;
        part.open_bands(root)?.read_contents(&mut contents)?;
        for content in &contents {
            sorter.push(halves(*content))?;
        }
    }
    let ordered = sorter.finish()?;
    let (mut last, mut same) = (None, 0);
    for (number, content) in ordered.read()?.enumerate() {
        if number.is_multiple_of(1 << 20) {
            monitor.advance(tally.progress()).map_err(|_| Error::Interrupted)?;
        }
        let content = content?;
        same += u64::from(last.replace(content) == Some(content));
    }
    drop(ordered);
    folder.remove_folder(SCRATCH)?;
    Ok(same)
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
fn halves(value: u128) -> [u64; 2] {
    [(value >> 64) as u64, value as u64]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_every_id_once() {
        assert_eq!(ids_of((0, 1)), (DocId(0), DocId(u128::MAX)));
        let ranges: Vec<_> = (0..4).map(|n| ids_of((n, 4))).collect();
        assert_eq!((ranges[0].0, ranges[3].1), (DocId(0), DocId(u128::MAX)));
        assert!(ranges.windows(2).all(|pair| pair[0].1.0 + 1 == pair[1].0.0));
    }
}

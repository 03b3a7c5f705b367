//! The table of the passages that were removed from most documents: `passages/removed.parquet`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::ArrayRef;
use arrow_array::builder::{FixedSizeBinaryBuilder, StringBuilder, UInt64Builder};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use gamayun_dedup::{PassageKind, passages};
use gamayun_io::TableWriter;
use gamayun_text::Monitor;
use gamayun_text::hash::hash128;

use crate::edits::Level;
use crate::error::Result;
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::part::{Part, first_rows};
use crate::passages::for_each_text;
use crate::tables::{self, ID_BYTES};

/// Rows of the table for each level, at most; the rest is told by the evidence of the spans alone.
const LISTED: usize = 100_000;
/// Characters of a passage that the table shows, at most.
const SHOWN: usize = 1000;

/// A passage that is removed; ordered by how many documents have it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub documents: u64,
    pub hash: u128,
    pub occurrences: u64,
    /// Occurrences that stay.
    pub kept: u64,
    /// A document that has it.
    pub row: u64,
    /// Numbers of the languages of those documents.
    pub languages: Vec<u64>,
}

/// The most frequent of the passages of a level, and how many there are in all.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub passages: u64,
    pub names: Vec<String>,
    found: BinaryHeap<Reverse<Found>>,
}

impl Listed {
    pub(crate) fn add(&mut self, found: Found) {
        self.passages += 1;
        self.found.push(Reverse(found));
        if self.found.len() > LISTED {
            self.found.pop();
        }
    }
}

/// Numbers for the names of languages, in the order in which they are met: nothing written depends on them.
#[derive(Debug, Default)]
pub(crate) struct Names(Mutex<BTreeMap<String, u64>>);

impl Names {
    pub(crate) fn number(&self, name: &str) -> u64 {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&number) = names.get(name) {
            return number;
        }
        let number = names.len() as u64;
        names.insert(name.to_owned(), number);
        number
    }

    /// The names, each at its number.
    pub(crate) fn into_vec(self) -> Vec<String> {
        let names = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut names: Vec<(u64, String)> =
            names.into_iter().map(|(name, number)| (number, name)).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }
}

fn schema() -> SchemaRef {
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    Arc::new(Schema::new(vec![
        field("level", DataType::Utf8),
        field("passage", DataType::FixedSizeBinary(ID_BYTES)),
        field("documents", DataType::UInt64),
        field("occurrences", DataType::UInt64),
        field("removed_bytes", DataType::UInt64),
        field("languages", DataType::Utf8),
        field("text", DataType::Utf8),
    ]))
}

/// Writes the table: levels in order, the passages of most documents first.
pub(crate) fn write(
    layout: &Layout,
    parts: &[Part],
    levels: Vec<(Level, Listed)>,
    monitor: &mut dyn Monitor,
) -> Result<()> {
    let mut writer = TableWriter::create(&layout.path("passages/removed.parquet"), schema())?;
    for (level, listed) in levels {
        let found: Vec<Found> =
            listed.found.into_sorted_vec().into_iter().map(|Reverse(found)| found).collect();
        let texts = texts(layout, parts, level, &found, monitor)?;
        let mut passage = FixedSizeBinaryBuilder::new(ID_BYTES);
        let mut numbers: [UInt64Builder; 3] = std::array::from_fn(|_| UInt64Builder::new());
        let mut strings: [StringBuilder; 3] = std::array::from_fn(|_| StringBuilder::new());
        for found in &found {
            let (text, bytes) = texts.get(&found.hash).cloned().unwrap_or_default();
            // The width is a constant of the schema, so this cannot fail.
            let _ = passage.append_value(found.hash.to_be_bytes());
            let removed = bytes * (found.occurrences - found.kept);
            for (builder, value) in
                numbers.iter_mut().zip([found.documents, found.occurrences, removed])
            {
                builder.append_value(value);
            }
            let mut names: Vec<&str> = found
                .languages
                .iter()
                .filter_map(|&number| listed.names.get(crate::part::index(number)))
                .map(String::as_str)
                .collect();
            names.sort_unstable();
            for (builder, value) in strings.iter_mut().zip([level.name(), &names.join(" "), &text])
            {
                builder.append_value(value);
            }
        }
        let [mut documents, mut occurrences, mut bytes] = numbers;
        let [mut level, mut languages, mut text] = strings;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(level.finish()),
            Arc::new(passage.finish()),
            Arc::new(documents.finish()),
            Arc::new(occurrences.finish()),
            Arc::new(bytes.finish()),
            Arc::new(languages.finish()),
            Arc::new(text.finish()),
        ];
        writer.write(&tables::batch(schema(), columns)?)?;
    }
    writer.finish()?;
    Ok(())
}

/// The beginning of each passage and its bytes, read again from a document that has it.
fn texts(
    layout: &Layout,
    parts: &[Part],
    level: Level,
    found: &[Found],
    monitor: &mut dyn Monitor,
) -> Result<BTreeMap<u128, (String, u64)>> {
    let kind = if level == Level::Line { PassageKind::Line } else { PassageKind::Paragraph };
    let mut wanted: BTreeMap<u64, Vec<u128>> = BTreeMap::new();
    for found in found {
        wanted.entry(found.row).or_default().push(found.hash);
    }
    let (first, _) = first_rows(parts);
    let tally = Tally::of(0);
    let read = parallel::map(parts.len(), 1, &tally, monitor, |number| {
        let mut read = Vec::new();
        let (from, to) = (first[number], first[number] + parts[number].documents);
        if wanted.range(from..to).next().is_none() {
            return Ok(read);
        }
        for_each_text(layout, &parts[number], &tally, |row, text| {
            let Some(hashes) = wanted.get(&(from + row as u64)) else { return Ok(()) };
            for passage in passages(text, kind) {
                let piece = &text[passage];
                let hash = hash128(piece.as_bytes());
                if hashes.contains(&hash) {
                    read.push((hash, (piece.chars().take(SHOWN).collect(), piece.len() as u64)));
                }
            }
            Ok(())
        })?;
        Ok(read)
    })?;
    Ok(read.into_iter().flatten().collect())
}

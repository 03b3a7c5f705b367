//! The third step: band files to clusters, survivors, and the proof of every removal.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, Float64Builder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use gamayun_dedup::{
    BandFile, Candidate, Corpus, CorpusError, DedupParams, Evidence, Limits, Outcome,
    candidate_components, memory_needed, resolve, sorted_set,
};
use gamayun_io::TableWriter;
use gamayun_text::shingle::{ShingleScratch, shingles};
use gamayun_text::{DocId, Interrupted, Monitor, Progress};
use serde::Serialize;

use crate::annotator::Source;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::part::{self, Part, first_rows};
use crate::preference::{Order, SurvivorKey};
use crate::survivor::{Row, index, load, numbered_ids, ranks};
use crate::tables::{self, ID_BYTES, for_each_batch};

/// Bytes a document that this step holds beside those of the engine: ids, tie hash, order, verdict.
const BYTES_PER_DOCUMENT: u64 = 144;
/// Rows in a batch of the table that is written.
const BATCH_ROWS: usize = 1 << 14;

/// How duplicates are found and who survives.
#[derive(Debug)]
pub struct DedupStepParams {
    /// The sources, for their priorities.
    pub sources: Vec<Source>,
    /// The parameters that the band files were made with, and the threshold.
    pub dedup: DedupParams,
    /// The survivor order, the most important key first.
    pub keep: Vec<SurvivorKey>,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that the step may use.
    pub memory: u64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DedupCounts {
    /// Documents that passed language, over which clusters form.
    pub eligible: u64,
    /// Documents that share a bucket or their text with another.
    pub candidates: u64,
    /// Clusters of two or more.
    pub clusters: u64,
    /// Removed because the text is that of the kept document.
    pub removed_exact: u64,
    /// Removed because enough shingles are those of the kept document.
    pub removed_near: u64,
    /// Documents in clusters of which no member passed the rules.
    pub in_clusters_without_survivor: u64,
    /// Documents whose id another of the same source has too; they are numbered.
    pub repeated_ids: u64,
    /// Documents that lack a field which the survivor order asks for, or hold there what cannot be read, by field.
    pub lacking: BTreeMap<String, u64>,
    /// Removed documents that had passed the rules, by language and then `exact` or `near`.
    pub removed_by_language: BTreeMap<String, BTreeMap<String, u64>>,
    /// Removed documents that had passed the rules, by source.
    pub removed_by_source: BTreeMap<String, u64>,
    /// Documents that had passed the rules, by source.
    pub passed_by_source: BTreeMap<String, u64>,
    /// The largest clusters of two or more, the largest first.
    pub largest: Vec<LargeCluster>,
}

/// A cluster that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LargeCluster {
    /// Its documents.
    pub documents: u64,
    /// The id of the document that it is named after.
    pub cluster: String,
}

/// Clusters that are named in the counts.
const LARGEST: usize = 10;

/// Clusters the documents that passed language and writes `dedup/`, row-aligned.
pub fn dedup(
    layout: &Layout,
    params: &DedupStepParams,
    monitor: &mut dyn Monitor,
) -> Result<DedupCounts> {
    let parts = part::parts(layout)?;
    let (first, documents) = first_rows(&parts);
    check_memory(params, documents)?;
    let order = Order::new(&params.keep)?;
    let (rows, absent) = load(layout, &params.sources, &order, params.threads, &parts, monitor)?;
    let files: Vec<BandFile> = parts
        .iter()
        .map(|part| Ok(BandFile::open(layout.path(format!("bands/{}.bands", part.stem)))?))
        .collect::<Result<_>>()?;
    let ids = numbered_ids(&rows);
    let rank = ranks(&rows, &ids);
    let eligible = |row: u64| rows[index(row)].eligible;
    let components = candidate_components(&files, &eligible, params.threads, monitor)?;
    let shared = RefCell::new(monitor);
    let texts = PartReader { layout, params, parts: &parts, first: &first };
    let corpus = PartTexts { texts, monitor: &shared };
    let candidate = |row: u64| Candidate { passed: rows[index(row)].passed, key: rank[index(row)] };
    let limits = Limits {
        threads: params.threads,
        memory: params.memory.saturating_sub(documents * BYTES_PER_DOCUMENT).max(1 << 20),
    };
    let outcomes = resolve(
        &components,
        &candidate,
        &corpus,
        &params.dedup,
        limits,
        &mut SharedMonitor(&shared),
    )?;
    let mut counts = count(&rows, &outcomes);
    counts.lacking = absent;
    counts.passed_by_source = passed_by_source(&parts, &first, &rows);
    counts.largest = largest(&outcomes, &ids);
    counts.candidates = components.candidates();
    counts.repeated_ids = ids.iter().zip(&rows).filter(|(id, row)| **id != row.id).count() as u64;
    let written = Written { parts: &parts, first: &first, ids: &ids, outcomes: &outcomes };
    write(layout, params.threads, &written, &mut SharedMonitor(&shared))?;
    by_language(layout, &parts, &first, &rows, &outcomes, &mut counts)?;
    Ok(counts)
}

fn check_memory(params: &DedupStepParams, documents: u64) -> Result<()> {
    let need = memory_needed(documents) + documents * BYTES_PER_DOCUMENT;
    if need > params.memory {
        return Err(Error::MemoryTooSmall {
            step: "dedup",
            need,
            budget: params.memory,
            documents,
        });
    }
    Ok(())
}

/// Reads candidate texts from the parts again, each part once a call.
struct PartTexts<'a, 'm> {
    texts: PartReader<'a>,
    monitor: &'a RefCell<&'m mut (dyn Monitor + 'm)>,
}

#[derive(Clone, Copy)]
struct PartReader<'a> {
    layout: &'a Layout,
    params: &'a DedupStepParams,
    parts: &'a [Part],
    first: &'a [u64],
}

impl Corpus for PartTexts<'_, '_> {
    fn shingle_sets(
        &self,
        documents: &[u64],
        f: &mut dyn FnMut(usize, Vec<u64>),
    ) -> std::result::Result<(), CorpusError> {
        let texts = self.texts;
        let wanted = texts.places(documents);
        let tally = Tally::of(documents.len() as u64);
        let mut monitor = self.monitor.borrow_mut();
        let sets =
            parallel::map(wanted.len(), texts.params.threads, &tally, &mut **monitor, |number| {
                let (part, range) = &wanted[number];
                let sets = texts.part(*part, &documents[range.clone()], &tally)?;
                tally.add(sets.len() as u64, 0, 0);
                Ok(sets)
            })?;
        for (place, set) in sets.into_iter().flatten().enumerate() {
            f(place, set);
        }
        Ok(())
    }
}

impl PartReader<'_> {
    /// The parts that hold some of these documents, and which of them.
    fn places(&self, documents: &[u64]) -> Vec<(usize, std::ops::Range<usize>)> {
        (0..self.parts.len())
            .map(|part| {
                let end = self.first[part] + self.parts[part].documents;
                let from = documents.partition_point(|&row| row < self.first[part]);
                (part, from..documents.partition_point(|&row| row < end))
            })
            .filter(|(_, range)| !range.is_empty())
            .collect()
    }

    /// The sets of these documents of a part, in order.
    fn part(&self, part: usize, documents: &[u64], tally: &Tally) -> Result<Vec<Vec<u64>>> {
        let path = self.layout.path(format!("documents/{}.parquet", self.parts[part].stem));
        let mut wanted = documents.iter().map(|&row| index(row - self.first[part])).peekable();
        let mut scratch = ShingleScratch::default();
        let mut sets = Vec::with_capacity(documents.len());
        for_each_batch(&path, &["text"], |first, rows| {
            tally.check()?;
            let texts = rows.strings("text")?;
            while let Some(row) = wanted.next_if(|&row| row < first + rows.len()) {
                let mut set = Vec::new();
                shingles(
                    texts.value(row - first),
                    self.params.dedup.shingle(),
                    &mut scratch,
                    &mut set,
                );
                sets.push(sorted_set(set));
            }
            Ok(())
        })?;
        if sets.len() != documents.len() {
            return Err(Error::damaged(path, "fewer rows than its receipt says"));
        }
        Ok(sets)
    }
}

struct SharedMonitor<'a, 'm>(&'a RefCell<&'m mut (dyn Monitor + 'm)>);

impl Monitor for SharedMonitor<'_, '_> {
    fn advance(&mut self, progress: Progress) -> std::result::Result<(), Interrupted> {
        // The phases of this step count different things, so their speeds say nothing.
        self.0.borrow_mut().advance(Progress { documents: 0, bytes: 0, ..progress })
    }
}

/// How a removed document is counted.
fn kind(outcome: &Outcome) -> &'static str {
    if outcome.evidence == Evidence::Exact { "exact" } else { "near" }
}

fn is_removed(outcome: &Outcome) -> bool {
    outcome.kept.is_some_and(|kept| kept != outcome.document)
}

fn count(rows: &[Row], outcomes: &[Outcome]) -> DedupCounts {
    let mut counts = DedupCounts {
        eligible: rows.iter().filter(|row| row.eligible).count() as u64,
        ..DedupCounts::default()
    };
    for outcome in outcomes {
        counts.clusters += u64::from(outcome.size > 1 && outcome.cluster == outcome.document);
        counts.in_clusters_without_survivor +=
            u64::from(outcome.size > 1 && outcome.kept.is_none());
        if is_removed(outcome) && rows[index(outcome.document)].passed {
            match outcome.evidence {
                Evidence::Exact => counts.removed_exact += 1,
                _ => counts.removed_near += 1,
            }
        }
    }
    counts
}

fn passed_by_source(parts: &[Part], first: &[u64], rows: &[Row]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for (part, &start) in parts.iter().zip(first) {
        let rows = &rows[index(start)..index(start + part.documents)];
        *counts.entry(part.receipt.input.source.clone()).or_default() +=
            rows.iter().filter(|row| row.passed).count() as u64;
    }
    counts
}

fn largest(outcomes: &[Outcome], ids: &[DocId]) -> Vec<LargeCluster> {
    let mut heads: Vec<_> = outcomes
        .iter()
        .filter(|outcome| outcome.size > 1 && outcome.cluster == outcome.document)
        .map(|outcome| (std::cmp::Reverse(outcome.size), ids[index(outcome.document)]))
        .collect();
    heads.sort_unstable();
    heads.truncate(LARGEST);
    let cluster = |(size, id): (std::cmp::Reverse<u64>, DocId)| LargeCluster {
        documents: size.0,
        cluster: id.to_string(),
    };
    heads.into_iter().map(cluster).collect()
}

/// Everything that the table is made of.
struct Written<'a> {
    parts: &'a [Part],
    first: &'a [u64],
    ids: &'a [DocId],
    outcomes: &'a [Outcome],
}

fn write(
    layout: &Layout,
    threads: usize,
    what: &Written<'_>,
    monitor: &mut dyn Monitor,
) -> Result<()> {
    layout.fresh_folder("dedup")?;
    let tally = Tally::of(what.ids.len() as u64);
    parallel::map(what.parts.len(), threads, &tally, monitor, |number| {
        let part = &what.parts[number];
        let path = layout.path(format!("dedup/{}.parquet", part.stem));
        let mut writer = TableWriter::create(&path, tables::dedup())?;
        let (start, end) = (what.first[number], what.first[number] + part.documents);
        for from in (start..end).step_by(BATCH_ROWS) {
            tally.check()?;
            let to = end.min(from + BATCH_ROWS as u64);
            writer.write(&batch(what, from..to)?)?;
            tally.add(to - from, 0, 0);
        }
        writer.finish()?;
        Ok(())
    })?;
    Ok(())
}

fn batch(what: &Written<'_>, rows: std::ops::Range<u64>) -> Result<RecordBatch> {
    let mut doc_id = FixedSizeBinaryBuilder::new(ID_BYTES);
    let mut cluster = FixedSizeBinaryBuilder::new(ID_BYTES);
    let mut size = UInt64Builder::new();
    let mut kept = FixedSizeBinaryBuilder::new(ID_BYTES);
    let mut measure = StringBuilder::new();
    let mut similarity = Float64Builder::new();
    let from = what.outcomes.partition_point(|outcome| outcome.document < rows.start);
    let mut outcomes = what.outcomes[from..].iter().peekable();
    let id = |row: u64| what.ids[index(row)].to_bytes();
    for row in rows {
        let outcome = outcomes.next_if(|outcome| outcome.document == row);
        // The widths are constants of the schema, so appending ids cannot fail.
        let _ = doc_id.append_value(id(row));
        let _ = cluster.append_value(id(outcome.map_or(row, |outcome| outcome.cluster)));
        size.append_value(outcome.map_or(1, |outcome| outcome.size));
        match outcome.filter(|outcome| is_removed(outcome)).and_then(|outcome| outcome.kept) {
            Some(other) => {
                let _ = kept.append_value(id(other));
            }
            None => kept.append_null(),
        }
        let (name, value) = match outcome.map(|outcome| outcome.evidence) {
            Some(Evidence::Exact) => (Some("exact"), Some(1.0)),
            Some(Evidence::Jaccard(value)) => (Some("jaccard"), Some(value)),
            Some(Evidence::Containment(value)) => (Some("containment"), Some(value)),
            Some(Evidence::Alone | Evidence::Survivor) | None => (None, None),
        };
        measure.append_option(name);
        similarity.append_option(value);
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(doc_id.finish()),
        Arc::new(cluster.finish()),
        Arc::new(size.finish()),
        Arc::new(kept.finish()),
        Arc::new(measure.finish()),
        Arc::new(similarity.finish()),
    ];
    tables::batch(tables::dedup(), columns)
}

/// Counts removals of documents that had passed, by language and by source.
fn by_language(
    layout: &Layout,
    parts: &[Part],
    first: &[u64],
    rows: &[Row],
    outcomes: &[Outcome],
    counts: &mut DedupCounts,
) -> Result<()> {
    let mut removed = outcomes
        .iter()
        .filter(|outcome| is_removed(outcome) && rows[index(outcome.document)].passed)
        .map(|outcome| (outcome.document, kind(outcome)))
        .peekable();
    for (part, &start) in parts.iter().zip(first) {
        if removed.peek().is_none_or(|&(row, _)| row >= start + part.documents) {
            continue;
        }
        let path = layout.path(format!("annotations/{}.parquet", part.stem));
        for_each_batch(&path, &["language"], |offset, batch| {
            let languages = batch.strings("language")?;
            let base = start + offset as u64;
            while let Some((row, kind)) =
                removed.next_if(|&(row, _)| row < base + batch.len() as u64)
            {
                let language = languages.value(index(row - base)).to_owned();
                *counts
                    .removed_by_language
                    .entry(language)
                    .or_default()
                    .entry(kind.to_owned())
                    .or_default() += 1;
                *counts.removed_by_source.entry(part.receipt.input.source.clone()).or_default() +=
                    1;
            }
            Ok(())
        })?;
    }
    Ok(())
}

//! The step between decide and dedup: which documents hold items of benchmarks.
//!
//! The texts are read once, for the n-grams that they share with the items. What those weigh is known when all texts
//! were read, and then the items that a document contains; texts with matches are read again for the evidence.

mod benchmark;
mod evidence;
mod hits;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::ArrayRef;
use arrow_array::builder::{BooleanBuilder, Float64Builder, StringBuilder};
use gamayun_dedup::ContaminationParams;
use gamayun_dedup::contamination::{HitScratch, ItemIndex, ItemMatch, ScoreScratch, Scorer};
use gamayun_io::TableWriter;
use gamayun_text::Monitor;
use serde::{Deserialize, Serialize};

pub use benchmark::{BenchmarkFile, FIELDS, find_benchmarks};

use crate::error::{Error, Result};
use crate::fate::{self, CONTAMINATION};
use crate::layout::{Layout, remove_file};
use crate::parallel::{self, Tally};
use crate::part::index as place;
use crate::part::{self, Part, read_json, write_json};
use crate::tables::{self, for_each_batch, id_at, string_at};
use benchmark::{Item, read_items};
use evidence::{Evidence, Places};
use hits::Hits;

/// Where the hits lie until the step is done.
const SCRATCH: &str = "scratch/decontaminate";
/// Bytes that a thread holds of a part: a batch of texts, hits, rows.
const PER_THREAD: u64 = 64 << 20;

/// What is looked for, and what becomes of documents that hold it.
#[derive(Clone, Debug)]
pub struct DecontaminateParams {
    /// The files of the benchmarks.
    pub files: Vec<BenchmarkFile>,
    /// The fields that make an item's text.
    pub fields: Vec<String>,
    /// n-grams and threshold.
    pub contamination: ContaminationParams,
    /// Drop the documents, rather than only tell of them.
    pub drop: bool,
    /// What the hits are made from, as a hash: those of another are made again.
    pub identity: String,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that the step may use.
    pub memory: u64,
}

/// What was found of a benchmark.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BenchmarkCounts {
    /// Its name.
    pub name: String,
    /// Its items.
    pub items: u64,
    /// Items that are too short to be looked for.
    pub too_short: u64,
    /// Items that some document contains.
    pub matched: u64,
    /// Documents of which it has the best match.
    pub documents: u64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DecontaminateCounts {
    /// Benchmarks by name.
    pub benchmarks: Vec<BenchmarkCounts>,
    /// Documents that were looked at: those that passed the rules.
    pub documents: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Documents that contain an item.
    pub contaminated: u64,
    /// Items in documents: rows of `contamination/matches.parquet`.
    pub matches: u64,
    /// Different n-grams of the items.
    pub ngrams: u64,
    /// Bytes of their index.
    pub index_bytes: u64,
    /// Dropped documents by language and benchmark.
    pub dropped_by_language: BTreeMap<String, BTreeMap<String, u64>>,
}

/// Finds the documents that contain items and writes `contamination/`, row-aligned, with all matches.
pub fn decontaminate(
    layout: &Layout,
    params: &DecontaminateParams,
    monitor: &mut dyn Monitor,
) -> Result<DecontaminateCounts> {
    let parts = part::parts(layout)?;
    let benchmarks = Benchmarks::read(params, monitor)?;
    let step = Step { layout, params, benchmarks: &benchmarks, evidence: AtomicU64::new(0) };
    step.check_memory()?;
    step.prepare()?;
    let tally = Tally::of(parts.iter().map(|part| part.receipt.text_bytes).sum());
    let looked_at = parallel::map(parts.len(), params.threads, &tally, monitor, |number| {
        step.look(&parts[number], &tally)
    })?;
    let documents = looked_at.iter().map(|(documents, _)| documents).sum();
    let frequencies = step.frequencies(&parts, monitor)?;
    let scorer = Scorer::new(&benchmarks.index, documents, &frequencies);
    layout.fresh_folder(CONTAMINATION)?;
    let tally = Tally::of(parts.iter().map(|part| part.documents).sum());
    let found = parallel::map(parts.len(), params.threads, &tally, monitor, |number| {
        let found = step.judge(&parts[number], &scorer, &tally)?;
        tally.add(parts[number].documents, 0, 0);
        Ok(found)
    })?;
    let mut counts = DecontaminateCounts {
        documents,
        bytes: looked_at.iter().map(|(_, bytes)| bytes).sum(),
        ngrams: benchmarks.index.grams() as u64,
        index_bytes: benchmarks.index.bytes() as u64,
        ..DecontaminateCounts::default()
    };
    step.count(&found, &mut counts);
    let mut matches: Vec<Evidence> = found.into_iter().flat_map(|part| part.matches).collect();
    evidence::write(&layout.path("contamination/matches.parquet"), &mut matches, &benchmarks)?;
    layout.remove_folder(SCRATCH)?;
    Ok(counts)
}

/// The benchmarks that are looked for: items one after the other, benchmark after benchmark.
pub(crate) struct Benchmarks {
    names: Vec<String>,
    /// The benchmark of each item.
    of_item: Vec<usize>,
    items: Vec<Item>,
    index: ItemIndex,
}

impl Benchmarks {
    fn read(params: &DecontaminateParams, monitor: &mut dyn Monitor) -> Result<Self> {
        let tally = Tally::of(0);
        let read = parallel::map(params.files.len(), params.threads, &tally, monitor, |number| {
            read_items(&params.files[number].path, &params.fields)
        })?;
        let names: BTreeSet<&String> = params.files.iter().map(|file| &file.benchmark).collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        let mut items: Vec<(usize, Item)> = Vec::new();
        for (file, read) in params.files.iter().zip(read) {
            let benchmark = names.binary_search(&file.benchmark).unwrap_or(0);
            items.extend(read.into_iter().map(|item| (benchmark, item)));
        }
        items.sort_by_key(|(benchmark, _)| *benchmark);
        let (of_item, items): (Vec<usize>, Vec<Item>) = items.into_iter().unzip();
        let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
        let index = ItemIndex::new(&texts, params.contamination)?;
        Ok(Self { names, of_item, items, index })
    }

    /// An item and the name of its benchmark.
    fn item(&self, item: u32) -> (&String, &Item) {
        let item = item as usize;
        (&self.names[self.of_item[item]], &self.items[item])
    }

    fn bytes(&self) -> u64 {
        let texts: usize = self.items.iter().map(|item| item.text.len() + item.id.len() + 64).sum();
        (texts + self.index.bytes()) as u64
    }
}

struct Step<'a> {
    layout: &'a Layout,
    params: &'a DecontaminateParams,
    benchmarks: &'a Benchmarks,
    /// Bytes of the matches found so far.
    evidence: AtomicU64,
}

/// What was found in a part.
struct Found {
    matches: Vec<Evidence>,
    /// Contaminated documents by language and item.
    documents: BTreeMap<(String, u32), u64>,
}

impl Step<'_> {
    /// The index, how many documents hold each n-gram, its weight, and the parts in work.
    fn check_memory(&self) -> Result<()> {
        let grams = self.benchmarks.index.grams() as u64;
        let held = self.benchmarks.bytes() + 24 * grams + self.evidence.load(Ordering::Relaxed);
        let need = held + self.params.threads.max(1) as u64 * PER_THREAD;
        if need > self.params.memory {
            return Err(Error::MemoryTooSmall {
                step: "decontaminate",
                need,
                budget: self.params.memory,
                documents: 0,
            });
        }
        Ok(())
    }

    /// Keeps the hits of an earlier try only if they are made from the same.
    fn prepare(&self) -> Result<()> {
        #[derive(Serialize, Deserialize)]
        struct Receipt {
            identity: String,
        }
        self.layout.folder(SCRATCH)?;
        let path = self.layout.path(format!("{SCRATCH}/receipt.json"));
        let before: Option<Receipt> = read_json(&path)?;
        if before.is_none_or(|before| before.identity != self.params.identity) {
            for stale in self.layout.files(SCRATCH, "", "")? {
                remove_file(&stale)?;
            }
            write_json(&path, &Receipt { identity: self.params.identity.clone() })?;
        }
        Ok(())
    }

    fn hits_path(&self, part: &Part) -> PathBuf {
        self.layout.path(format!("{SCRATCH}/{}.hits", part.stem))
    }

    /// Finds the n-grams that documents share with items; returns how many documents were looked at, and their bytes.
    fn look(&self, part: &Part, tally: &Tally) -> Result<(u64, u64)> {
        tally.check()?;
        let known = Hits::read(&self.hits_path(part))?;
        let passed = fate::passed_rules(self.layout, part)?;
        let (mut hits, mut scratch, mut bytes) = (Hits::default(), HitScratch::default(), 0);
        let annotations = fate::table(self.layout, "annotations", part);
        for_each_batch(&annotations, &["text_bytes"], |first, rows| {
            let sizes = rows.u64s("text_bytes")?;
            let passed = passed.iter().skip(first).zip(sizes.values());
            bytes += passed.filter(|(passed, _)| **passed).map(|(_, size)| size).sum::<u64>();
            Ok(())
        })?;
        if let Some(known) = known {
            tally.add(part.receipt.text_bytes, known.documents, bytes);
            return Ok((known.documents, bytes));
        }
        for_each_batch(&fate::table(self.layout, "documents", part), &["text"], |first, rows| {
            tally.check()?;
            let texts = rows.strings("text")?;
            let mut size = 0;
            for row in 0..rows.len() {
                size += texts.value(row).len() as u64;
                if passed[first + row] {
                    let grams = self.benchmarks.index.hits(texts.value(row), &mut scratch);
                    hits.push((first + row) as u64, grams);
                }
            }
            tally.add(size, rows.len() as u64, size);
            Ok(())
        })?;
        hits.write(&self.hits_path(part))?;
        Ok((hits.documents, bytes))
    }

    fn hits(&self, part: &Part) -> Result<Hits> {
        let path = self.hits_path(part);
        Hits::read(&path)?
            .ok_or_else(|| Error::damaged(path, "it has changed since it was written"))
    }

    /// How many documents hold each n-gram.
    fn frequencies(&self, parts: &[Part], monitor: &mut dyn Monitor) -> Result<Vec<u64>> {
        let mut frequencies = vec![0_u64; self.benchmarks.index.grams()];
        let tally = Tally::of(parts.len() as u64);
        for part in parts {
            for &gram in &self.hits(part)?.grams {
                frequencies[gram as usize] += 1;
            }
            tally.add(1, 0, 0);
            monitor.advance(tally.progress()).map_err(|_| Error::Interrupted)?;
        }
        Ok(frequencies)
    }

    /// Writes the verdicts on a part.
    fn judge(&self, part: &Part, scorer: &Scorer<'_>, tally: &Tally) -> Result<Found> {
        let mut found = BTreeMap::new();
        let mut scratch = ScoreScratch::default();
        for (row, grams) in self.hits(part)?.iter() {
            tally.check()?;
            let matches = scorer.matches(grams, &mut scratch);
            if !matches.is_empty() {
                found.insert(place(row), matches);
            }
        }
        self.write(part, &found)?;
        self.evidence(part, &found, tally)
    }

    fn write(&self, part: &Part, found: &BTreeMap<usize, Vec<ItemMatch>>) -> Result<()> {
        let (mut contaminated, mut dropped) = (BooleanBuilder::new(), BooleanBuilder::new());
        let (mut benchmark, mut item) = (StringBuilder::new(), StringBuilder::new());
        let mut score = Float64Builder::new();
        for row in 0..place(part.documents) {
            let best = found.get(&row).and_then(|matches| matches.first());
            let names = best.map(|best| self.benchmarks.item(best.item));
            contaminated.append_value(best.is_some());
            dropped.append_value(best.is_some() && self.params.drop);
            benchmark.append_option(names.map(|(benchmark, _)| benchmark));
            item.append_option(names.map(|(_, item)| &item.id));
            score.append_option(best.map(|best| best.score));
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(contaminated.finish()),
            Arc::new(dropped.finish()),
            Arc::new(benchmark.finish()),
            Arc::new(item.finish()),
            Arc::new(score.finish()),
        ];
        let path = fate::table(self.layout, CONTAMINATION, part);
        let mut writer = TableWriter::create(&path, tables::contamination())?;
        writer.write(&tables::batch(tables::contamination(), columns)?)?;
        writer.finish()?;
        Ok(())
    }

    /// Reads the documents with matches again, for the places of the items in them.
    fn evidence(
        &self,
        part: &Part,
        found: &BTreeMap<usize, Vec<ItemMatch>>,
        tally: &Tally,
    ) -> Result<Found> {
        let mut all = Found { matches: Vec::new(), documents: BTreeMap::new() };
        if found.is_empty() {
            return Ok(all);
        }
        let mut facts = BTreeMap::new();
        let annotations = fate::table(self.layout, "annotations", part);
        for_each_batch(&annotations, &["doc_id", "tie_hash", "language"], |first, rows| {
            let (ids, ties) = (rows.ids("doc_id")?, rows.ids("tie_hash")?);
            let languages = rows.strings("language")?;
            for (&row, matches) in found.range(first..first + rows.len()) {
                let at = row - first;
                facts.insert(row, (id_at(ids, at), id_at(ties, at)));
                let language = languages.value(at).to_owned();
                *all.documents.entry((language, matches[0].item)).or_default() += 1;
            }
            Ok(())
        })?;
        let documents = fate::table(self.layout, "documents", part);
        for_each_batch(&documents, &["source", "id", "text"], |first, rows| {
            tally.check()?;
            let (sources, ids) = (rows.strings("source")?, rows.strings("id")?);
            let texts = rows.strings("text")?;
            for (&row, matches) in found.range(first..first + rows.len()) {
                let places = Places::new(texts.value(row - first), &self.benchmarks.index);
                let (doc_id, tie) = facts[&row];
                for &found in matches {
                    let span = places.span(found.item);
                    all.matches.push(Evidence {
                        doc_id,
                        tie,
                        id: string_at(ids, row - first).map(str::to_owned),
                        source: sources.value(row - first).to_owned(),
                        found,
                        excerpt: places.excerpt(&span),
                        span,
                    });
                }
                let bytes = all.matches.iter().rev().take(matches.len()).map(Evidence::bytes);
                self.evidence.fetch_add(bytes.sum(), Ordering::Relaxed);
                self.check_memory()?;
            }
            Ok(())
        })?;
        Ok(all)
    }

    fn count(&self, found: &[Found], counts: &mut DecontaminateCounts) {
        let benchmarks = self.benchmarks;
        counts.benchmarks = benchmarks
            .names
            .iter()
            .map(|name| BenchmarkCounts { name: name.clone(), ..BenchmarkCounts::default() })
            .collect();
        for (item, &benchmark) in benchmarks.of_item.iter().enumerate() {
            counts.benchmarks[benchmark].items += 1;
            counts.benchmarks[benchmark].too_short +=
                u64::from(benchmarks.index.is_too_short(item));
        }
        let mut matched = BTreeSet::new();
        for part in found {
            counts.matches += part.matches.len() as u64;
            matched.extend(part.matches.iter().map(|one| one.found.item));
            for ((language, item), documents) in &part.documents {
                let benchmark = benchmarks.of_item[*item as usize];
                counts.contaminated += documents;
                counts.benchmarks[benchmark].documents += documents;
                if self.params.drop {
                    let dropped = counts.dropped_by_language.entry(language.clone()).or_default();
                    *dropped.entry(benchmarks.names[benchmark].clone()).or_default() += documents;
                }
            }
        }
        for item in matched {
            counts.benchmarks[benchmarks.of_item[item as usize]].matched += 1;
        }
    }
}

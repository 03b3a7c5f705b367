//! The fourth step: survivors to `selection/`, partitioned and ordered by document id.
//!
//! What comes after reads nothing else, so from here on the same documents give the same bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, StringBuilder, UInt32Builder, UInt64Builder};
use arrow_array::{Array, ArrayRef, RecordBatch};
use gamayun_io::TableWriter;
use gamayun_quality::Segmenter;
use gamayun_text::{DocId, Monitor};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::buckets::{self, BucketParams, Limits, Scores};
use crate::edits::{self, EDITS, Span};
use crate::error::{Error, Result};
use crate::fate;
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::part::{self, Part};
use crate::scoring::{self, Quality};
use crate::selection::TRAIN;
use crate::spill::{self, Spill, Survivor};
use crate::tables::{self, ID_BYTES, for_each_batch, id_at, string_at};

/// Text bytes of a partition, as long as there are no more than `MOST_PARTITIONS`.
const PARTITION_BYTES: u64 = 32 << 20;
/// Partitions, at most: each is an open file while survivors are spilled.
const MOST_PARTITIONS: u64 = 1024;
/// Text bytes in a batch of the tables.
const BATCH_BYTES: usize = 4 << 20;
/// Sets the draw for the validation split apart from other draws with the same seed.
const SPLIT_SALT: u64 = 0x7661_6c69_6461_7465;

/// How survivors are selected.
#[derive(Debug)]
pub struct SelectParams {
    /// The domain of each source.
    pub domains: BTreeMap<String, String>,
    /// The share of clusters that is set aside for validation, from 0 to 1.
    pub validation_share: f64,
    /// Seeds the draw of those clusters.
    pub seed: u64,
    /// By language and the size of a cluster, how often its survivor is trained on: a weight holds up to the next size
    /// that is named. Once where nothing is said.
    pub weights: BTreeMap<String, BTreeMap<u64, u32>>,
    /// The buckets of quality that each language and domain is cut into; none if it is not.
    pub buckets: Option<BucketParams>,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that the step may use.
    pub memory: u64,
}

/// What was selected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SelectCounts {
    /// Survivors.
    pub documents: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Files of the selection.
    pub partitions: u64,
    /// Sources that have survivors, in order.
    pub sources: Vec<String>,
    /// Survivors by language, domain and split, in order.
    pub pools: Vec<SelectedPool>,
}

/// The survivors of one language, domain and split.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SelectedPool {
    /// The language.
    pub language: String,
    /// The domain, with `-q` and the bucket behind it where there are buckets.
    pub domain: String,
    /// `train` or `validation`.
    pub split: String,
    /// Documents.
    pub documents: u64,
    /// Bytes of text.
    pub bytes: u64,
    /// Documents, each as often as it is repeated.
    pub copies: u64,
    /// Bytes of text, likewise.
    pub copied_bytes: u64,
    /// Rule words.
    pub words: u64,
}

/// Writes the selection and counts it.
pub fn select(
    layout: &Layout,
    params: &SelectParams,
    monitor: &mut dyn Monitor,
) -> Result<SelectCounts> {
    let parts = part::parts(layout)?;
    let bytes = parts.iter().map(|part| part.receipt.text_bytes).sum::<u64>();
    let survivors = survivors(layout, &parts, params.threads, monitor)?;
    let partitions = partitions(survivors.bytes);
    check_memory(params, survivors.bytes / partitions, survivors.documents)?;
    let scratch = layout.fresh_folder("scratch/select")?;
    layout.fresh_folder("selection")?;
    let spill = Spill::create(&scratch, usize::try_from(partitions).unwrap_or(1))?;
    let tally = Tally::of(2 * bytes);
    parallel::map(parts.len(), params.threads, &tally, monitor, |number| {
        tally.check()?;
        spill_part(layout, &parts[number], &spill, &tally)?;
        tally.add(parts[number].receipt.text_bytes, 0, 0);
        Ok(())
    })?;
    let paths = spill.finish()?;
    let limits = limits(params, &paths, monitor)?;
    let share = bytes / partitions;
    let counted = parallel::map(paths.len(), params.threads, &tally, monitor, |number| {
        tally.check()?;
        let pools = partition(layout, params, &limits, number, &paths[number])?;
        let documents = pools.values().map(|pool| pool.documents).sum();
        tally.add(share, documents, pools.values().map(|pool| pool.bytes).sum());
        Ok(pools)
    })?;
    layout.remove_folder("scratch")?;
    Ok(counts(counted, partitions))
}

struct Survivors {
    documents: u64,
    bytes: u64,
}

/// How many survive, from the rows of the earlier steps: their sum does not depend on how the input was cut.
fn survivors(
    layout: &Layout,
    parts: &[Part],
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Survivors> {
    let tally = Tally::of(0);
    let found = parallel::map(parts.len(), threads, &tally, monitor, |number| {
        tally.check()?;
        let fates = edited_fates(layout, &parts[number])?;
        Ok(fates.iter().flatten().fold((0, 0), |(n, bytes), fate| (n + 1, bytes + fate.bytes)))
    })?;
    let (documents, bytes) =
        found.iter().fold((0, 0), |sum, found| (sum.0 + found.0, sum.1 + found.1));
    Ok(Survivors { documents, bytes })
}

fn partitions(bytes: u64) -> u64 {
    bytes.div_ceil(PARTITION_BYTES).max(1).next_power_of_two().min(MOST_PARTITIONS)
}

fn check_memory(params: &SelectParams, partition: u64, documents: u64) -> Result<()> {
    // A partition's bytes, its rows as built, and what Parquet holds of a row group.
    let scores = params.buckets.as_ref().map_or(0, |_| documents * buckets::BYTES_PER_DOCUMENT);
    let need = params.threads.max(1) as u64 * (2 * partition + (64 << 20)) + scores;
    if need > params.memory {
        return Err(Error::MemoryTooSmall {
            step: "select",
            need,
            budget: params.memory,
            documents,
        });
    }
    Ok(())
}

/// What the earlier steps say of a survivor.
#[derive(Default)]
pub(crate) struct Fate {
    pub(crate) doc_id: DocId,
    cluster: DocId,
    cluster_size: u64,
    pub(crate) language: String,
    words: u64,
    pub(crate) bytes: u64,
    /// What levels removed of the text.
    spans: Vec<Span>,
}

/// The fate of each document of a part after levels, if the run has any.
fn edited_fates(layout: &Layout, part: &Part) -> Result<Vec<Option<Fate>>> {
    let mut fates = fates(layout, part)?;
    if layout.path(EDITS).is_dir() {
        for (fate, edit) in fates.iter_mut().zip(edits::read(layout, part)?) {
            if edit.dropped {
                *fate = None;
            } else if let Some(fate) = fate {
                fate.bytes -= edit.spans.iter().map(|span| span.end - span.start).sum::<u64>();
                fate.spans = edit.spans;
            }
        }
    }
    Ok(fates)
}

/// The fate of each document of a part before levels; `None` for those that do not survive.
pub(crate) fn fates(layout: &Layout, part: &Part) -> Result<Vec<Option<Fate>>> {
    let passed = fate::passed(layout, part)?;
    let mut fates: Vec<Option<Fate>> =
        passed.into_iter().map(|passed| passed.then(Fate::default)).collect();
    let file = |folder: &str| fate::table(layout, folder, part);
    for_each_batch(
        &file("dedup"),
        &["doc_id", "cluster", "cluster_size", "kept_id"],
        |first, rows| {
            let (ids, clusters) = (rows.ids("doc_id")?, rows.ids("cluster")?);
            let (sizes, kept) = (rows.u64s("cluster_size")?, rows.ids("kept_id")?);
            for row in 0..rows.len() {
                let fate = slot(&mut fates, first + row, &file("dedup"))?;
                if kept.is_valid(row) {
                    *fate = None;
                } else if let Some(fate) = fate {
                    fate.doc_id = id_at(ids, row);
                    fate.cluster = id_at(clusters, row);
                    fate.cluster_size = sizes.value(row);
                }
            }
            Ok(())
        },
    )?;
    for_each_batch(
        &file("annotations"),
        &["language", "rule_words", "text_bytes"],
        |first, rows| {
            let (languages, words, bytes) =
                (rows.strings("language")?, rows.u64s("rule_words")?, rows.u64s("text_bytes")?);
            for row in 0..rows.len() {
                if let Some(fate) = slot(&mut fates, first + row, &file("annotations"))? {
                    languages.value(row).clone_into(&mut fate.language);
                    fate.words = words.value(row);
                    fate.bytes = bytes.value(row);
                }
            }
            Ok(())
        },
    )?;
    Ok(fates)
}

fn slot<'f>(
    fates: &'f mut [Option<Fate>],
    row: usize,
    path: &Path,
) -> Result<&'f mut Option<Fate>> {
    fates
        .get_mut(row)
        .ok_or_else(|| Error::damaged(path, format!("row {row} has no decision beside it")))
}

fn spill_part(layout: &Layout, part: &Part, spill: &Spill, tally: &Tally) -> Result<()> {
    let fates = edited_fates(layout, part)?;
    let qualities = scoring::qualities(layout, part)?;
    let path = layout.path(format!("documents/{}.parquet", part.stem));
    let mut buffer = Vec::new();
    for_each_batch(&path, &["source", "id", "text", "metadata"], |first, rows| {
        tally.check()?;
        let (sources, ids) = (rows.strings("source")?, rows.strings("id")?);
        let (texts, metadata) = (rows.strings("text")?, rows.strings("metadata")?);
        for row in 0..rows.len() {
            let Some(Some(fate)) = fates.get(first + row) else { continue };
            let edited = edited(texts.value(row), fate);
            let (text, words) =
                edited.as_ref().map_or((texts.value(row), fate.words), |(text, n)| (text, *n));
            let metadata = match &qualities {
                None => Cow::Borrowed(metadata.value(row)),
                Some(all) => {
                    let quality = all.get(first + row).copied().flatten();
                    Cow::Owned(with_quality(metadata.value(row), quality, &path)?)
                }
            };
            let survivor = Survivor {
                doc_id: fate.doc_id,
                cluster: fate.cluster,
                cluster_size: fate.cluster_size,
                words,
                id: string_at(ids, row),
                source: sources.value(row),
                language: &fate.language,
                text,
                metadata: &metadata,
            };
            spill.push(&survivor, &mut buffer)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The fields of a record and, where documents were scored, `quality` and `vigintile`: those of the record go.
fn with_quality(metadata: &str, scored: Quality, path: &Path) -> Result<String> {
    let damaged = |error: serde_json::Error| Error::damaged(path, error.to_string());
    let mut fields: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(metadata).map_err(damaged)?;
    let (quality, vigintile) = scored.unzip();
    let raw = |value: String| RawValue::from_string(value).map_err(damaged);
    fields.insert("quality".into(), raw(serde_json::json!(quality).to_string())?);
    fields.insert("vigintile".into(), raw(serde_json::json!(vigintile).to_string())?);
    serde_json::to_string(&fields).map_err(damaged)
}

/// The text that levels left and its rule words; `None` if they took nothing.
fn edited(text: &str, fate: &Fate) -> Option<(String, u64)> {
    if fate.spans.is_empty() {
        return None;
    }
    let text = edits::apply(text, &fate.spans);
    let mut words = Vec::new();
    if fate.words > 0 {
        Segmenter::for_language(&fate.language).segment(&text, &mut words);
    }
    let words = words.len() as u64;
    Some((text, words))
}

type Pools = BTreeMap<(String, String, &'static str, String), SelectedPool>;

/// Sorts one partition and writes its table.
fn partition(
    layout: &Layout,
    params: &SelectParams,
    limits: &Limits,
    number: usize,
    spilled: &Path,
) -> Result<Pools> {
    let bytes = std::fs::read(spilled).map_err(Error::file(spilled))?;
    let survivors = spill::sorted(spilled, &bytes)?;
    let path = layout.path(format!("selection/part-{number:05}.parquet"));
    let mut writer = TableWriter::create(&path, tables::selection())?;
    let mut pools = Pools::new();
    let mut rows = Vec::new();
    let mut size = 0;
    for survivor in &survivors {
        let domain = placed(params, limits, survivor);
        let split = split(params, survivor.cluster);
        let key = (survivor.language.to_owned(), domain.clone(), split, survivor.source.to_owned());
        let pool = pools.entry(key).or_default();
        pool.documents += 1;
        pool.bytes += survivor.text.len() as u64;
        let copies = copies(params, survivor, split);
        pool.words += survivor.words;
        pool.copies += u64::from(copies);
        pool.copied_bytes += u64::from(copies) * survivor.text.len() as u64;
        rows.push((survivor, domain, split, copies));
        size += survivor.text.len();
        if size >= BATCH_BYTES {
            writer.write(&batch(&rows)?)?;
            rows.clear();
            size = 0;
        }
    }
    writer.write(&batch(&rows)?)?;
    writer.finish()?;
    Ok(pools)
}

fn domain_of<'p>(params: &'p SelectParams, survivor: &Survivor<'_>) -> &'p str {
    params.domains.get(survivor.source).map_or("", String::as_str)
}

/// The domain of a survivor, with its bucket where there are any.
fn placed(params: &SelectParams, limits: &Limits, survivor: &Survivor<'_>) -> String {
    let domain = domain_of(params, survivor).to_owned();
    let Some(buckets) = &params.buckets else { return domain };
    let group = (survivor.language.to_owned(), domain);
    let bucket = limits.bucket(&group, buckets.score_of(survivor));
    format!("{}-q{bucket}", group.1)
}

/// The limits of the buckets, from the scores of all survivors.
fn limits(params: &SelectParams, spilled: &[PathBuf], monitor: &mut dyn Monitor) -> Result<Limits> {
    let Some(buckets) = &params.buckets else { return Ok(Limits::default()) };
    let tally = Tally::of(0);
    let found = parallel::map(spilled.len(), params.threads, &tally, monitor, |number| {
        tally.check()?;
        let path = &spilled[number];
        let bytes = std::fs::read(path).map_err(Error::file(path))?;
        let mut scores = Scores::new();
        for survivor in &spill::sorted(path, &bytes)? {
            let group = (survivor.language.to_owned(), domain_of(params, survivor).to_owned());
            let size = survivor.text.len() as u64;
            scores.entry(group).or_default().push((buckets.score_of(survivor), size));
        }
        Ok(scores)
    })?;
    Ok(Limits::of(found, buckets.count()))
}

/// The split of a cluster: all its documents fall on one side.
#[expect(clippy::cast_precision_loss, reason = "a draw of 53 bits is enough")]
fn split(params: &SelectParams, cluster: DocId) -> &'static str {
    let draw = (cluster.draw(params.seed ^ SPLIT_SALT) >> 11) as f64 / (1_u64 << 53) as f64;
    if draw < params.validation_share { "validation" } else { "train" }
}

/// How often a survivor is trained on; a validation document is read once.
fn copies(params: &SelectParams, survivor: &Survivor<'_>, split: &str) -> u32 {
    let weights = params.weights.get(survivor.language).filter(|_| split == TRAIN);
    let weight = weights.and_then(|known| known.range(..=survivor.cluster_size).next_back());
    weight.map_or(1, |(_, &weight)| weight.max(1))
}

fn batch(rows: &[(&Survivor<'_>, String, &'static str, u32)]) -> Result<RecordBatch> {
    let mut ids = [
        FixedSizeBinaryBuilder::with_capacity(rows.len(), ID_BYTES),
        FixedSizeBinaryBuilder::with_capacity(rows.len(), ID_BYTES),
    ];
    let mut numbers: [UInt64Builder; 3] = std::array::from_fn(|_| UInt64Builder::new());
    let mut copies = UInt32Builder::new();
    let mut id = StringBuilder::new();
    let mut strings: [StringBuilder; 6] = std::array::from_fn(|_| StringBuilder::new());
    for (survivor, domain, split, copied) in rows {
        for (builder, value) in ids.iter_mut().zip([survivor.doc_id, survivor.cluster]) {
            // The width is a constant of the schema, so this cannot fail.
            let _ = builder.append_value(value.to_bytes());
        }
        copies.append_value(*copied);
        numbers[0].append_value(survivor.cluster_size);
        numbers[1].append_value(survivor.words);
        numbers[2].append_value(survivor.text.len() as u64);
        id.append_option(survivor.id);
        let values = [
            survivor.source,
            survivor.language,
            domain.as_str(),
            split,
            survivor.text,
            survivor.metadata,
        ];
        strings.iter_mut().zip(values).for_each(|(builder, value)| builder.append_value(value));
    }
    let [mut doc_id, mut cluster] = ids;
    let [mut size, mut words, mut bytes] = numbers;
    let [mut source, mut language, mut domain, mut split, mut text, mut metadata] = strings;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(doc_id.finish()),
        Arc::new(id.finish()),
        Arc::new(source.finish()),
        Arc::new(language.finish()),
        Arc::new(domain.finish()),
        Arc::new(split.finish()),
        Arc::new(cluster.finish()),
        Arc::new(size.finish()),
        Arc::new(copies.finish()),
        Arc::new(words.finish()),
        Arc::new(bytes.finish()),
        Arc::new(text.finish()),
        Arc::new(metadata.finish()),
    ];
    tables::batch(tables::selection(), columns)
}

fn counts(partitions: Vec<Pools>, number: u64) -> SelectCounts {
    let mut counts = SelectCounts { partitions: number, ..SelectCounts::default() };
    let mut pools: BTreeMap<(String, String, &'static str), SelectedPool> = BTreeMap::new();
    for ((language, domain, split, source), found) in partitions.into_iter().flatten() {
        if let Err(place) = counts.sources.binary_search(&source) {
            counts.sources.insert(place, source);
        }
        counts.documents += found.documents;
        counts.bytes += found.bytes;
        let pool = pools.entry((language, domain, split)).or_default();
        pool.documents += found.documents;
        pool.bytes += found.bytes;
        pool.words += found.words;
        pool.copies += found.copies;
        pool.copied_bytes += found.copied_bytes;
    }
    counts.pools = pools
        .into_iter()
        .map(|((language, domain, split), pool)| SelectedPool {
            language,
            domain,
            split: split.to_owned(),
            ..pool
        })
        .collect();
    counts
}

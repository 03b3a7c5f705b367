//! The second half of decide, where documents are scored: by classifiers, and by scores that come from elsewhere.
//!
//! Texts that passed the rules are read once. When all scores of a language are known they are combined, cut into parts
//! of equal bytes, and the verdict on documents under the language's threshold is changed.

mod combine;
mod external;
mod verdicts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::builder::{Float32Builder, Float64Builder, UInt32Builder};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use gamayun_io::TableWriter;
use gamayun_text::Monitor;
use serde::Serialize;

pub use combine::{Combine, QualityThreshold};
pub use external::External;

use crate::error::{Error, Result};
use crate::fate::{self, QUALITY};
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::part::{self, Part};
use crate::scorer::{Scorer, ScorerScratch};
use crate::tables::{self, for_each_batch, string_at};
use combine::{Combiner, Scored};
use verdicts::Drops;

/// Bytes that a scored document takes beside its scores.
const BYTES_PER_DOCUMENT: u64 = 128;

/// A classifier of a run.
#[derive(Debug)]
pub struct RunScorer {
    /// The name of its scores.
    pub name: String,
    /// The model.
    pub scorer: Scorer,
    /// The languages whose documents it scores; none: all.
    pub languages: Option<BTreeSet<String>>,
}

/// Thresholds by language; `*` stands for all others.
#[derive(Clone, Debug, Default)]
pub struct QualityThresholds {
    /// Documents with a lower combined score are dropped.
    pub minimum: BTreeMap<String, f64>,
    /// The share of bytes, from the best, that stays.
    pub keep: BTreeMap<String, f64>,
}

/// What scores documents.
#[derive(Debug)]
pub struct ScoringParams {
    /// Classifiers.
    pub scorers: Vec<RunScorer>,
    /// Scores from elsewhere.
    pub external: Option<External>,
    /// How the scores of a document become one.
    pub combine: Combine,
    /// Which documents are dropped.
    pub thresholds: QualityThresholds,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that the step may use.
    pub memory: u64,
}

/// What was scored.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ScoringCounts {
    /// Documents that passed the rules, by language.
    pub documents: BTreeMap<String, u64>,
    /// Those of them without any score, which stay.
    pub without: BTreeMap<String, u64>,
    /// Where the parts of equal bytes begin, and what is dropped, by language.
    pub languages: BTreeMap<String, QualityThreshold>,
    /// Dropped documents by language and reason.
    pub dropped_by_language: BTreeMap<String, BTreeMap<String, u64>>,
    /// Bytes of the dropped documents.
    pub dropped_bytes: u64,
    /// Rows of the scores from elsewhere.
    pub external_rows: u64,
    /// Rows of them whose ids no document has.
    pub external_unmatched: u64,
}

/// Scores all documents that passed the rules, writes `quality/`, row-aligned, and drops in `decisions/`.
pub fn score(
    layout: &Layout,
    params: &ScoringParams,
    monitor: &mut dyn Monitor,
) -> Result<ScoringCounts> {
    let parts = part::parts(layout)?;
    let step = Step::new(layout, params)?;
    step.check_memory(&parts)?;
    let tally = Tally::of(parts.iter().map(|part| part.receipt.text_bytes).sum());
    let scored = parallel::map(parts.len(), params.threads, &tally, monitor, |number| {
        step.part(&parts[number], &tally)
    })?;
    let combiner = Combiner::of(&scored, params.combine, &params.thresholds);
    layout.fresh_folder(QUALITY)?;
    let tally = Tally::of(parts.iter().map(|part| part.documents).sum());
    let counted = parallel::map(parts.len(), params.threads, &tally, monitor, |number| {
        tally.check()?;
        let counts = step.write(&parts[number], &scored[number], &combiner)?;
        tally.add(parts[number].documents, 0, 0);
        Ok(counts)
    })?;
    let mut counts = ScoringCounts { languages: combiner.thresholds(), ..Default::default() };
    for (language, dropped, without) in counted.into_iter().flatten() {
        counts.dropped_bytes += dropped.unwrap_or(0);
        *counts.documents.entry(language.clone()).or_default() += 1;
        if without {
            *counts.without.entry(language.clone()).or_default() += 1;
        }
        if dropped.is_some() {
            let reasons = counts.dropped_by_language.entry(language).or_default();
            *reasons.entry(step.reason.clone()).or_default() += 1;
        }
    }
    if let Some(external) = &params.external {
        counts.external_rows = external.rows();
        counts.external_unmatched = external.unmatched();
    }
    Ok(counts)
}

struct Step<'a> {
    layout: &'a Layout,
    params: &'a ScoringParams,
    names: Vec<String>,
    /// What a dropped document is dropped for.
    reason: String,
    schema: SchemaRef,
}

impl<'a> Step<'a> {
    fn new(layout: &'a Layout, params: &'a ScoringParams) -> Result<Self> {
        let own = params.scorers.iter().map(|scorer| scorer.name.clone());
        let others = params.external.iter().flat_map(|external| external.names().to_vec());
        let names: Vec<String> = own.chain(others).collect();
        let distinct: BTreeSet<&String> = names.iter().collect();
        if names.is_empty() || distinct.len() < names.len() {
            return Err(Error::Parameter {
                parameter: "quality.scorers".into(),
                found: format!("{names:?}"),
                expected: "one or more scorers of different names".into(),
            });
        }
        let reason = if let [name] = &names[..] { name.clone() } else { "combined".into() };
        let schema = schema(&names);
        Ok(Self { layout, params, names, reason, schema })
    }

    fn check_memory(&self, parts: &[Part]) -> Result<()> {
        let documents = parts.iter().map(|part| part.documents).sum::<u64>();
        let each = BYTES_PER_DOCUMENT + 4 * self.names.len() as u64;
        let external = self.params.external.as_ref().map_or(0, External::bytes);
        let need = documents * each + external;
        if need > self.params.memory {
            let budget = self.params.memory;
            return Err(Error::MemoryTooSmall { step: "score", need, budget, documents });
        }
        Ok(())
    }

    /// The scores of a part's documents; none for those that did not pass the rules.
    fn part(&self, part: &Part, tally: &Tally) -> Result<Vec<Option<Scored>>> {
        let passed = fate::passed_rules(self.layout, part)?;
        let mut scored: Vec<Option<Scored>> = Vec::with_capacity(passed.len());
        let path = fate::table(self.layout, "annotations", part);
        for_each_batch(&path, &["language", "text_bytes"], |first, rows| {
            let (languages, bytes) = (rows.strings("language")?, rows.u64s("text_bytes")?);
            scored.extend((0..rows.len()).map(|row| {
                passed.get(first + row).is_some_and(|passed| *passed).then(|| Scored {
                    language: languages.value(row).into(),
                    bytes: bytes.value(row),
                    scores: Vec::new(),
                })
            }));
            Ok(())
        })?;
        let mut scratch = ScorerScratch::default();
        let path = fate::table(self.layout, "documents", part);
        for_each_batch(&path, &["source", "id", "text"], |first, rows| {
            let (sources, ids) = (rows.strings("source")?, rows.strings("id")?);
            let texts = rows.strings("text")?;
            for row in 0..rows.len() {
                tally.check()?;
                let from_elsewhere = self
                    .params
                    .external
                    .as_ref()
                    .map(|external| external.find(sources.value(row), string_at(ids, row)));
                let text = texts.value(row);
                tally.add(text.len() as u64, 1, text.len() as u64);
                let Some(Some(one)) = scored.get_mut(first + row) else { continue };
                let own = self.params.scorers.iter();
                one.scores = own.map(|by| by.score(&one.language, text, &mut scratch)).collect();
                one.scores.extend(from_elsewhere.into_iter().flatten());
            }
            Ok(())
        })?;
        Ok(scored)
    }

    /// Writes a part's table: for each document that passed the rules its language, its bytes if it is dropped, and
    /// whether it has no score.
    fn write(
        &self,
        part: &Part,
        scored: &[Option<Scored>],
        combiner: &Combiner,
    ) -> Result<Vec<(String, Option<u64>, bool)>> {
        let path = fate::table(self.layout, QUALITY, part);
        let mut writer = TableWriter::create(&path, self.schema.clone())?;
        let mut counts = Vec::new();
        let mut drops = Drops::new();
        for batch in scored.chunks(1 << 14) {
            let mut rows = RowBuilders::new(self.names.len());
            for one in batch {
                let quality = one.as_ref().and_then(|one| combiner.combined(one));
                let found = one.as_ref().zip(quality);
                let vigintile = found.and_then(|(one, quality)| combiner.vigintile(one, quality));
                let threshold = found.and_then(|(one, _)| combiner.threshold(&one.language));
                let dropped = quality.zip(threshold).is_some_and(|(q, least)| q < least);
                rows.push(one.as_ref(), quality, vigintile, threshold);
                drops.push(quality.zip(threshold).filter(|_| dropped));
                if let Some(one) = one {
                    let bytes = dropped.then_some(one.bytes);
                    counts.push((one.language.to_string(), bytes, quality.is_none()));
                }
            }
            writer.write(&rows.finish(&self.schema)?)?;
        }
        writer.finish()?;
        verdicts::rewrite(self.layout, part, &drops, &self.reason)?;
        Ok(counts)
    }
}

impl RunScorer {
    fn score(&self, language: &str, text: &str, scratch: &mut ScorerScratch) -> Option<f32> {
        let wanted = self.languages.as_ref().is_none_or(|languages| languages.contains(language));
        if wanted { self.scorer.score(text, scratch) } else { None }
    }
}

/// `quality/`: the combined score of document i, its part of equal bytes from 0 for the worst, the
/// threshold of its language, and each score.
fn schema(names: &[String]) -> SchemaRef {
    let mut fields = vec![
        Field::new("quality", DataType::Float64, true),
        Field::new("vigintile", DataType::UInt32, true),
        Field::new("threshold", DataType::Float64, true),
    ];
    let of_name = |name: &String| Field::new(format!("score_{name}"), DataType::Float32, true);
    fields.extend(names.iter().map(of_name));
    Arc::new(Schema::new(fields))
}

struct RowBuilders {
    quality: Float64Builder,
    vigintile: UInt32Builder,
    threshold: Float64Builder,
    scores: Vec<Float32Builder>,
}

impl RowBuilders {
    fn new(scores: usize) -> Self {
        Self {
            quality: Float64Builder::new(),
            vigintile: UInt32Builder::new(),
            threshold: Float64Builder::new(),
            scores: (0..scores).map(|_| Float32Builder::new()).collect(),
        }
    }

    fn push(
        &mut self,
        one: Option<&Scored>,
        quality: Option<f64>,
        vigintile: Option<u32>,
        threshold: Option<f64>,
    ) {
        self.quality.append_option(quality);
        self.vigintile.append_option(vigintile);
        self.threshold.append_option(threshold);
        for (number, builder) in self.scores.iter_mut().enumerate() {
            builder.append_option(one.and_then(|one| *one.scores.get(number)?));
        }
    }

    fn finish(mut self, schema: &SchemaRef) -> Result<arrow_array::RecordBatch> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.quality.finish()),
            Arc::new(self.vigintile.finish()),
            Arc::new(self.threshold.finish()),
        ];
        for builder in &mut self.scores {
            columns.push(Arc::new(builder.finish()));
        }
        tables::batch(schema.clone(), columns)
    }
}

/// The combined score and the part of equal bytes of a document, if it has any score.
pub(crate) type Quality = Option<(f64, u32)>;

/// What the scores say of each document of a part, where the run has them.
pub(crate) fn qualities(layout: &Layout, part: &Part) -> Result<Option<Vec<Quality>>> {
    if !layout.path(QUALITY).is_dir() {
        return Ok(None);
    }
    let mut found = Vec::new();
    let path = fate::table(layout, QUALITY, part);
    for_each_batch(&path, &["quality", "vigintile"], |_, rows| {
        let (qualities, parts) = (rows.f64s("quality")?, rows.u32s("vigintile")?);
        found.extend(
            (0..rows.len()).map(|row| {
                qualities.is_valid(row).then(|| (qualities.value(row), parts.value(row)))
            }),
        );
        Ok(())
    })?;
    Ok(Some(found))
}

//! The second step: annotations and thresholds to verdicts, without touching text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, Float64Array};
use gamayun_io::TableWriter;
use gamayun_quality::{MEASUREMENTS, judge};
use gamayun_text::Monitor;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::fate;
use crate::layout::Layout;
use crate::outside::{self, Outside, OutsideParams};
use crate::parallel::{self, Tally};
use crate::part::{self, Part};
use crate::source::Source;
use crate::tables::{self, Rows, for_each_batch, string_at};

/// A threshold from the data is never below this (FineWeb2's rule).
const LOWEST: f64 = 0.3;
/// Nor above this.
const HIGHEST: f64 = 0.9;
/// The name under which languages that nobody asked for are counted together.
const OTHER: &str = "other";

/// What decides.
#[derive(Debug)]
pub struct DecideParams {
    /// The sources, for the rules of each.
    pub sources: Vec<Source>,
    /// The languages that are wanted.
    pub languages: Vec<String>,
    /// The threshold of every language, if it is not to come from the data.
    pub language_threshold: Option<f64>,
    /// Thresholds of single languages.
    pub language_thresholds: BTreeMap<String, f64>,
    /// Blocked addresses and mixed languages.
    pub outside: OutsideParams,
    /// Threads, at least 1.
    pub threads: usize,
}

/// Where a language's threshold comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Threshold {
    /// Documents under it are dropped.
    pub threshold: f64,
    /// True if the user gave it.
    pub given: bool,
    /// Documents whose best label is the language, and whose source does not state it.
    pub documents: u64,
    /// Median of their scores.
    pub median: Option<f64>,
    /// Standard deviation of their scores (of a population).
    pub deviation: Option<f64>,
}

/// The verdicts, counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DecideCounts {
    /// Thresholds by language.
    pub thresholds: BTreeMap<String, Threshold>,
    /// language → `kept`, or `step/reason` → documents. Unwanted languages are together as `other`.
    pub verdicts: BTreeMap<String, BTreeMap<String, u64>>,
    /// Documents that passed.
    pub passed: u64,
    /// Bytes of the documents that passed.
    pub passed_bytes: u64,
}

/// Judges every document and writes `decisions/`, row-aligned.
pub fn decide(
    layout: &Layout,
    params: &DecideParams,
    monitor: &mut dyn Monitor,
) -> Result<DecideCounts> {
    let parts = part::parts(layout)?;
    let thresholds = thresholds(layout, params, &parts, monitor)?;
    layout.fresh_folder("decisions")?;
    layout.remove_folder(outside::BLOCKED)?;
    if params.outside.blocklist.is_some() {
        layout.folder(outside::BLOCKED)?;
    }
    layout.remove_folder(fate::QUALITY)?; // scores belong to the verdicts that they changed
    let tally = Tally::of(parts.iter().map(|part| part.documents).sum());
    let judged = parallel::map(parts.len(), params.threads, &tally, monitor, |number| {
        tally.check()?;
        let part = &parts[number];
        let counts = Judge { layout, params, thresholds: &thresholds }.part(part)?;
        tally.add(part.documents, part.documents, part.receipt.text_bytes);
        Ok(counts)
    })?;
    let mut counts = DecideCounts { thresholds, ..DecideCounts::default() };
    for part in judged {
        part.add_to(&mut counts);
    }
    Ok(counts)
}

fn annotations(layout: &Layout, part: &Part) -> PathBuf {
    layout.path(format!("annotations/{}.parquet", part.stem))
}

fn thresholds(
    layout: &Layout,
    params: &DecideParams,
    parts: &[Part],
    monitor: &mut dyn Monitor,
) -> Result<BTreeMap<String, Threshold>> {
    let wanted: BTreeSet<&str> = params.languages.iter().map(String::as_str).collect();
    let tally = Tally::of(parts.iter().map(|part| part.documents).sum());
    let found = parallel::map(parts.len(), params.threads, &tally, monitor, |number| {
        tally.check()?;
        let mut scores: BTreeMap<String, Vec<f32>> = BTreeMap::new();
        let path = annotations(layout, &parts[number]);
        for_each_batch(&path, &["language", "language_score"], |_, rows| {
            let (languages, values) = (rows.strings("language")?, rows.f32s("language_score")?);
            for row in 0..rows.len() {
                if values.is_valid(row) && wanted.contains(languages.value(row)) {
                    scores
                        .entry(languages.value(row).to_owned())
                        .or_default()
                        .push(values.value(row));
                }
            }
            Ok(())
        })?;
        tally.add(parts[number].documents, 0, 0);
        Ok(scores)
    })?;
    let mut scores: BTreeMap<String, Vec<f32>> =
        params.languages.iter().map(|language| (language.clone(), Vec::new())).collect();
    for (language, mut values) in found.into_iter().flatten() {
        scores.entry(language).or_default().append(&mut values);
    }
    Ok(scores.into_iter().map(|(language, values)| threshold(params, language, values)).collect())
}

/// max(0.3, min(0.9, median − standard deviation)), unless the user gave one.
fn threshold(params: &DecideParams, language: String, mut scores: Vec<f32>) -> (String, Threshold) {
    // Sorted, so that the sums below do not depend on the order of documents.
    scores.sort_by(f32::total_cmp);
    let (median, deviation) = (median(&scores), deviation(&scores));
    let given = params.language_thresholds.get(&language).copied().or(params.language_threshold);
    let from_data = median.zip(deviation).map_or(LOWEST, |(m, d)| (m - d).clamp(LOWEST, HIGHEST));
    let threshold = Threshold {
        threshold: given.unwrap_or(from_data),
        given: given.is_some(),
        documents: scores.len() as u64,
        median,
        deviation,
    };
    (language, threshold)
}

fn median(sorted: &[f32]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let upper = f64::from(*sorted.get(middle)?);
    Some(if sorted.len() % 2 == 1 {
        upper
    } else {
        f64::midpoint(f64::from(sorted[middle - 1]), upper)
    })
}

#[expect(clippy::cast_precision_loss, reason = "a count of documents, far below 2^52")]
fn deviation(values: &[f32]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let squares: f64 = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum();
    (!values.is_empty()).then(|| (squares / n).sqrt())
}

struct Judge<'a> {
    layout: &'a Layout,
    params: &'a DecideParams,
    thresholds: &'a BTreeMap<String, Threshold>,
}

#[derive(Default)]
struct PartCounts {
    verdicts: BTreeMap<(String, String), u64>,
    passed: u64,
    passed_bytes: u64,
}

impl PartCounts {
    fn add_to(self, counts: &mut DecideCounts) {
        for ((language, verdict), n) in self.verdicts {
            *counts.verdicts.entry(language).or_default().entry(verdict).or_default() += n;
        }
        counts.passed += self.passed;
        counts.passed_bytes += self.passed_bytes;
    }
}

/// Why a document is dropped.
struct Drop {
    step: &'static str,
    reason: &'static str,
    measurement: &'static str,
    value: Option<f64>,
    threshold: Option<f64>,
}

impl Judge<'_> {
    fn part(&self, part: &Part) -> Result<PartCounts> {
        let source =
            self.params.sources.iter().find(|source| source.name == part.receipt.input.source);
        let source = source.ok_or_else(|| Error::Parameter {
            parameter: "sources".into(),
            found: format!("no source {:?}", part.receipt.input.source),
            expected: format!("the source of {}", part.stem),
        })?;
        let path = self.layout.path(format!("decisions/{}.parquet", part.stem));
        let mut writer = TableWriter::create(&path, tables::decisions())?;
        let mut columns: Vec<&str> = vec!["language", "language_score", "text_bytes"];
        columns.extend(MEASUREMENTS.iter().map(|measurement| measurement.name));
        let mut counts = PartCounts::default();
        let outside = Outside::of(self.layout, part, &self.params.outside)?;
        for_each_batch(&annotations(self.layout, part), &columns, |first, rows| {
            writer.write(&self.batch(source, rows, first, &outside, &mut counts)?)?;
            Ok(())
        })?;
        writer.finish()?;
        Ok(counts)
    }

    fn batch(
        &self,
        source: &Source,
        rows: &Rows<'_>,
        first: usize,
        outside: &Outside,
        counts: &mut PartCounts,
    ) -> Result<arrow_array::RecordBatch> {
        let (languages, bytes) = (rows.strings("language")?, rows.u64s("text_bytes")?);
        let scores = rows.f32s("language_score")?;
        let measured: Vec<&Float64Array> =
            MEASUREMENTS.iter().map(|m| rows.f64s(m.name)).collect::<Result<_>>()?;
        let mut values = vec![f64::NAN; measured.len()];
        let mut decisions = DecisionBuilders::default();
        for row in 0..rows.len() {
            let language = string_at(languages, row).unwrap_or(OTHER);
            let score = scores.is_valid(row).then(|| f64::from(scores.value(row)));
            let mut drop = blocked(outside, first + row)
                .or_else(|| self.language(source, language, score))
                .or_else(|| self.mixed(outside, first + row));
            let passed_language = drop.is_none();
            if drop.is_none() {
                for (value, column) in values.iter_mut().zip(&measured) {
                    *value = if column.is_valid(row) { column.value(row) } else { f64::NAN };
                }
                drop = rules(source, language, &values);
            }
            decisions.push(passed_language, drop.as_ref());
            let known = self.thresholds.contains_key(language) || source.language.is_some();
            let language = if known { language } else { OTHER };
            let verdict = drop
                .as_ref()
                .map_or("kept".into(), |drop| format!("{}/{}", drop.step, drop.reason));
            *counts.verdicts.entry((language.to_owned(), verdict)).or_default() += 1;
            if drop.is_none() {
                counts.passed += 1;
                counts.passed_bytes += bytes.value(row);
            }
        }
        decisions.finish()
    }

    fn mixed(&self, outside: &Outside, row: usize) -> Option<Drop> {
        let share = outside.mixed(row)?;
        Some(Drop {
            step: "language",
            reason: "mixed",
            measurement: "foreign_share",
            value: Some(share),
            threshold: self.params.outside.mixed_share,
        })
    }

    fn language(&self, source: &Source, language: &str, score: Option<f64>) -> Option<Drop> {
        if source.language.is_some() {
            return None;
        }
        let Some(threshold) = self.thresholds.get(language) else {
            return Some(Drop {
                step: "language",
                reason: "language_not_wanted",
                measurement: "language_score",
                value: score,
                threshold: None,
            });
        };
        // A score that is missing is below any threshold.
        (score.is_none_or(|score| score < threshold.threshold)).then_some(Drop {
            step: "language",
            reason: "language_score",
            measurement: "language_score",
            value: score,
            threshold: Some(threshold.threshold),
        })
    }
}

fn blocked(outside: &Outside, row: usize) -> Option<Drop> {
    let reason = outside.blocked(row)?;
    Some(Drop { step: "clean", reason, measurement: "url", value: None, threshold: None })
}

fn rules(source: &Source, language: &str, measured: &[f64]) -> Option<Drop> {
    let verdict = source.rules.judges(language).find_map(|profile| judge(measured, profile))?;
    Some(Drop {
        step: verdict.group,
        reason: verdict.reason,
        measurement: verdict.measurement,
        value: Some(verdict.value),
        threshold: Some(verdict.threshold),
    })
}

#[derive(Default)]
struct DecisionBuilders {
    passed_language: BooleanBuilder,
    passed: BooleanBuilder,
    step: StringBuilder,
    reason: StringBuilder,
    measurement: StringBuilder,
    value: Float64Builder,
    threshold: Float64Builder,
}

impl DecisionBuilders {
    fn push(&mut self, passed_language: bool, drop: Option<&Drop>) {
        self.passed_language.append_value(passed_language);
        self.passed.append_value(drop.is_none());
        self.step.append_option(drop.map(|drop| drop.step));
        self.reason.append_option(drop.map(|drop| drop.reason));
        self.measurement.append_option(drop.map(|drop| drop.measurement));
        self.value.append_option(drop.and_then(|drop| drop.value));
        self.threshold.append_option(drop.and_then(|drop| drop.threshold));
    }

    fn finish(mut self) -> Result<arrow_array::RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.passed_language.finish()),
            Arc::new(self.passed.finish()),
            Arc::new(self.step.finish()),
            Arc::new(self.reason.finish()),
            Arc::new(self.measurement.finish()),
            Arc::new(self.value.finish()),
            Arc::new(self.threshold.finish()),
        ];
        tables::batch(tables::decisions(), columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_data(scores: &[f32]) -> f64 {
        let params = DecideParams {
            sources: Vec::new(),
            languages: Vec::new(),
            language_threshold: None,
            language_thresholds: BTreeMap::new(),
            outside: OutsideParams::default(),
            threads: 1,
        };
        threshold(&params, "xx".into(), scores.to_vec()).1.threshold
    }

    #[test]
    fn the_threshold_is_median_minus_deviation_within_bounds() {
        // Median 0.75, deviation 0.25.
        assert!((from_data(&[1.0, 0.5, 1.0, 0.5]) - 0.5).abs() < 1e-9);
        assert!((from_data(&[1.0; 9]) - HIGHEST).abs() < 1e-9);
        assert!((from_data(&[0.1, 0.2]) - LOWEST).abs() < 1e-9);
        assert!((from_data(&[]) - LOWEST).abs() < 1e-9);
    }
}

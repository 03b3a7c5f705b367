//! Profiles and the documents of files: one fitted to reference text, and what a profile would drop.

use std::collections::BTreeMap;

use gamayun_io::{Batch, ReadParams, Record, find_inputs, open};
use gamayun_quality::fit::{Columns, English, Fitted, Method, StopWordCounter, fit};
use gamayun_quality::{
    Measured, Profile, Scratch, Segmenter, c4, catalogue, judge, measure_in_order,
};
use gamayun_text::hash::hash128;
use gamayun_text::{Monitor, Progress, normalise};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::batchwise::batch_pool;
use crate::error::{Error, Result};

/// Bytes of text that are measured at once.
const BATCH_BYTES: usize = 4 << 20;
/// Records that are measured at once.
const BATCH_RECORDS: usize = 1 << 14;
/// Documents of a batch that one thread counts words of before their counts are put together.
const CHUNK: usize = 256;
/// Fields that may hold a record's language.
const LANGUAGE_FIELDS: [&str; 2] = ["language", "lang"];
/// The longest document, in bytes: the limit of a run, unless it is told otherwise.
const LONGEST: u64 = 64 << 20;
/// Characters of a text that an example shows.
const EXCERPT: usize = 160;

/// What a profile is fitted to.
#[derive(Clone, Copy, Debug)]
pub struct FitFilesParams<'p> {
    /// ISO 639-1 of the reference text.
    pub language: &'p str,
    /// Files, folders or globs of reference text.
    pub reference: &'p [String],
    /// The rules that are fitted, and their order.
    pub base: &'p Profile,
    /// How thresholds follow.
    pub method: Method,
    /// Reference text of English, for the methods that carry its thresholds over.
    pub english: &'p [String],
    /// Threads, at least 1.
    pub threads: usize,
}

/// Fits a profile to the documents of files.
///
/// Needs 8 bytes for each measurement of a document, and one batch of texts.
pub fn fit_files(params: &FitFilesParams<'_>, monitor: &mut dyn Monitor) -> Result<Fitted> {
    let english = Profile::shipped("en").unwrap_or_else(Profile::none);
    let (reference, words) =
        columns(params.reference, params.language, params.base, params.threads, monitor)?;
    let (columns, _) = columns(params.english, "en", english, params.threads, monitor)?;
    let english =
        (columns.documents() > 0).then_some(English { columns: &columns, profile: english });
    let base = params.base;
    Ok(fit(params.language, base, &reference, &words, params.method, english)?)
}

/// The measurements of all documents, in order, and the words that they hold.
fn columns(
    paths: &[String],
    language: &str,
    profile: &Profile,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<(Columns, StopWordCounter)> {
    let segmenter = Segmenter::for_language(language);
    let pool = batch_pool(threads)?;
    let (mut columns, mut words) = (Columns::default(), StopWordCounter::default());
    for_each_batch(paths, monitor, |records| {
        let chunk = |records: &[Record]| {
            let (mut scratch, mut counter) = (Scratch::default(), StopWordCounter::default());
            let one = |record: &Record| {
                let (text, _) = normalise(&record.text);
                let mut words = Vec::new();
                segmenter.segment(&text, &mut words);
                counter.add(&words);
                measure_in_order(&text, &words, profile, &segmenter, 1.0, &mut scratch).measured
            };
            (records.iter().map(one).collect::<Vec<Measured>>(), counter)
        };
        let measured: Vec<_> = pool.install(|| records.par_chunks(CHUNK).map(chunk).collect());
        for (measured, counter) in measured {
            for one in &measured {
                columns.add(one);
            }
            words.merge(counter);
        }
        Ok(())
    })?;
    Ok((columns.sorted(), words))
}

/// Which profile is tried, on which files.
#[derive(Clone, Copy, Debug)]
pub struct TryFilesParams<'p> {
    /// Files, folders or globs.
    pub paths: &'p [String],
    /// The language of records that do not say theirs in a field `language` or `lang`.
    pub language: &'p str,
    /// The profile; without, the shipped one of each document's language.
    pub profile: Option<&'p Profile>,
    /// Examples kept for each rule.
    pub examples: usize,
    /// Threads, at least 1.
    pub threads: usize,
}

/// What a profile does to the documents of one language.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Tried {
    /// The language.
    pub language: String,
    /// Documents read.
    pub documents: u64,
    /// Documents that no rule drops.
    pub kept: u64,
    /// Bytes of their texts, normalised.
    pub bytes: u64,
    /// Bytes of the texts of the kept ones, as rules left them.
    pub kept_bytes: u64,
    /// Rules that would drop some, in the order of the rules.
    pub rules: Vec<RuleTried>,
}

/// What one rule does.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RuleTried {
    /// Its group.
    pub group: String,
    /// Its reason.
    pub reason: String,
    /// Documents that it would drop alone.
    pub alone: u64,
    /// Documents that it drops, as the first rule of the profile that does.
    pub first: u64,
    /// Some of the latter, the first read.
    pub examples: Vec<TriedExample>,
}

/// A document that a rule drops.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TriedExample {
    /// The record's id, or its file and number.
    pub id: String,
    /// What was measured.
    pub measurement: &'static str,
    /// Its value.
    pub value: f64,
    /// The threshold that it broke.
    pub threshold: f64,
    /// The beginning of the text.
    pub text: String,
}

/// A document judged.
struct Trial {
    language: String,
    bytes: u64,
    /// The bytes that are left, if it is kept.
    kept: Option<u64>,
    /// Indices in the catalogue of the rules that would drop it.
    alone: Vec<usize>,
    first: Option<(usize, TriedExample)>,
}

/// Judges the documents of files; one row for each language, in order.
pub fn try_files(params: &TryFilesParams<'_>, monitor: &mut dyn Monitor) -> Result<Vec<Tried>> {
    let pool = batch_pool(params.threads)?;
    let mut tried: BTreeMap<String, Tally> = BTreeMap::new();
    for_each_batch(params.paths, monitor, |records| {
        let one = |scratch: &mut Scratch, record: &Record| trial(params, record, scratch);
        let trials: Vec<Result<Trial>> =
            pool.install(|| records.par_iter().map_init(Scratch::default, one).collect());
        for trial in trials {
            let trial = trial?;
            tried.entry(trial.language.clone()).or_default().add(trial, params.examples);
        }
        Ok(())
    })?;
    Ok(tried.into_iter().map(|(language, tally)| tally.finish(language)).collect())
}

fn trial(params: &TryFilesParams<'_>, record: &Record, scratch: &mut Scratch) -> Result<Trial> {
    let language = language_of(record)?.unwrap_or_else(|| params.language.to_owned());
    let profile = params.profile.unwrap_or_else(|| Profile::for_language_or_default(&language));
    let segmenter = Segmenter::for_language(&language);
    let (text, _) = normalise(&record.text);
    let mut words = Vec::new();
    segmenter.segment(&text, &mut words);
    let lot = c4::lot(hash128(text.as_bytes()));
    let ordered = measure_in_order(&text, &words, profile, &segmenter, lot, scratch);
    let values = &ordered.measured.values;
    let asked = |(_, rule): &(usize, &gamayun_quality::rules::Rule)| {
        profile.order().contains(&rule.group) && rule.check(values, profile).is_some()
    };
    let alone = catalogue().enumerate().filter(asked).map(|(n, _)| n).collect();
    let first = judge(values, profile).and_then(|verdict| {
        let (n, _) = catalogue().enumerate().find(|(_, rule)| rule.reason == verdict.reason)?;
        let example = TriedExample {
            id: record.id.clone().unwrap_or_else(|| record.number.to_string()),
            measurement: verdict.measurement,
            value: verdict.value,
            threshold: verdict.threshold,
            text: text.chars().take(EXCERPT).collect(),
        };
        Some((n, example))
    });
    let left = ordered.text.as_ref().map_or(text.len(), String::len) as u64;
    let kept = first.is_none().then_some(left);
    Ok(Trial { language, bytes: text.len() as u64, kept, alone, first })
}

/// What a record says of its language.
fn language_of(record: &Record) -> Result<Option<String>> {
    if record.metadata.is_empty() {
        return Ok(None);
    }
    let fields: Value =
        serde_json::from_str(&record.metadata).map_err(|error| Error::BadRecord {
            path: String::new(),
            record: Some(record.number),
            detail: error.to_string(),
        })?;
    Ok(LANGUAGE_FIELDS.iter().find_map(|name| fields.get(name)?.as_str().map(str::to_owned)))
}

/// What the documents of one language add up to.
#[derive(Default)]
struct Tally {
    tried: Tried,
    rules: BTreeMap<usize, RuleTried>,
}

impl Tally {
    fn add(&mut self, trial: Trial, examples: usize) {
        self.tried.documents += 1;
        self.tried.bytes += trial.bytes;
        self.tried.kept += u64::from(trial.kept.is_some());
        self.tried.kept_bytes += trial.kept.unwrap_or(0);
        for n in trial.alone {
            self.rules.entry(n).or_default().alone += 1;
        }
        if let Some((n, example)) = trial.first {
            let rule = self.rules.entry(n).or_default();
            rule.first += 1;
            if rule.examples.len() < examples {
                rule.examples.push(example);
            }
        }
    }

    fn finish(self, language: String) -> Tried {
        let mut rules = self.rules;
        let named = catalogue().enumerate().filter_map(|(n, rule)| {
            let (group, reason) = (rule.group.name().to_owned(), rule.reason.to_owned());
            rules.remove(&n).map(|tried| RuleTried { group, reason, ..tried })
        });
        Tried { language, rules: named.collect(), ..self.tried }
    }
}

/// Reads files batch by batch. A bad record ends the work.
pub(crate) fn for_each_batch(
    paths: &[String],
    monitor: &mut dyn Monitor,
    mut take: impl FnMut(&[Record]) -> Result<()>,
) -> Result<()> {
    let params = ReadParams { max_document_bytes: LONGEST, ..ReadParams::default() };
    let mut inputs = Vec::new();
    for path in paths {
        inputs.extend(find_inputs(path, &params)?);
    }
    let total = inputs.iter().map(|input| input.bytes).sum();
    let mut progress = Progress { total, ..Progress::default() };
    for input in &inputs {
        let (mut reader, mut batch) = (open(input, &params)?, Batch::default());
        let before = progress.done;
        let mut more = true;
        while more {
            more = reader.read(&mut batch, BATCH_BYTES, BATCH_RECORDS)?;
            if let Some(bad) = batch.rejected.first() {
                return Err(Error::BadRecord {
                    path: bad.path.clone(),
                    record: bad.record,
                    detail: bad.detail.clone(),
                });
            }
            take(&batch.records).map_err(|error| error.in_file(&input.name))?;
            progress.done = before + reader.position();
            progress.documents += batch.records.len() as u64;
            progress.bytes += batch.text_bytes;
            monitor.advance(progress).map_err(|_| Error::Interrupted)?;
        }
    }
    Ok(())
}

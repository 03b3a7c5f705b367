//! Training: a model of reference text, with limits from text of sources that it has not seen.

use super::characters::Characters;
use super::learn;
use super::model::{Facts, Model};
use super::order::{Order, training};
use crate::error::{Error, Result};

/// How a model is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainParams {
    /// The language that it is for.
    pub language: String,
    /// Sources and licences of the text, in prose; kept in the model.
    pub provenance: String,
    /// Log2 of the buckets of 16 bytes for n-grams: 14 makes 256 KiB.
    pub log_buckets: u32,
    /// Share of stretches of any unseen source that may cost more than the limit.
    pub tolerance: f64,
}

impl Default for TrainParams {
    fn default() -> Self {
        Self {
            language: String::new(),
            provenance: String::new(),
            log_buckets: 13,
            tolerance: 0.02,
        }
    }
}

/// Most groups of sources that are held out in turn.
const FOLDS: usize = 4;
/// Bits a symbol that text of origins nobody thought of may cost more than the sources at hand; what is broken costs four
/// more, and up.
const MARGIN: f64 = 1.0;
/// A source of fewer stretches says nothing of the limit.
const STRETCHES: usize = 300;
/// Words of a passage of reference text.
const PASSAGE: usize = 40;
/// Symbols of a stretch: fewer where a symbol is a syllable or a word.
const WINDOW: u32 = 64;
const WINDOW_OF_SIGNS: u32 = 32;

/// Trains a model on `sources`, each the text of one origin.
///
/// The limits come from each source under a model of the others, so that text of other origins is not taken for junk;
/// with one source alone, from its second half under a model of the first. Deterministic.
pub fn train(sources: &[String], params: &TrainParams) -> Result<Model> {
    let fail = |what: &str| Error::Fluency { model: params.language.clone(), what: what.into() };
    if !(4..=24).contains(&params.log_buckets) {
        return Err(fail("log_buckets must be from 4 to 24"));
    }
    if !(params.tolerance > 0.0 && params.tolerance < 0.5) {
        return Err(fail("tolerance must be more than 0 and less than 0.5"));
    }
    let bytes: usize = sources.iter().map(String::len).sum();
    if bytes < 10_000 {
        return Err(fail("training needs at least 10,000 bytes of text"));
    }
    let letters = Letters::of(sources);
    let spaced = letters.unspaced * MUCH <= letters.all;
    let alphabet = spaced && letters.syllables * MUCH <= letters.all;
    let window = if alphabet { WINDOW } else { WINDOW_OF_SIGNS };
    let mut facts = Facts {
        language: params.language.clone(),
        provenance: params.provenance.clone(),
        window,
        log_buckets: params.log_buckets,
        ascii_is_foreign: letters.beyond_latin * MUCH > letters.all,
        ..Facts::default()
    };
    let (mut all, mut limit) = (Vec::new(), 0.0_f64);
    for (seen, unseen) in folds(sources) {
        let model = assemble(facts.clone(), learn::characters(&seen, params.log_buckets));
        for text in &unseen {
            let mut costs = Vec::new();
            model.stretches(text, &mut costs);
            costs.sort_unstable_by(f64::total_cmp);
            if costs.len() >= STRETCHES {
                limit = limit.max(quantile(&costs, 1.0 - params.tolerance));
            }
            all.append(&mut costs);
        }
    }
    all.sort_unstable_by(f64::total_cmp);
    facts.head = quantile(&all, 1.0 / 3.0);
    facts.median = quantile(&all, 0.5);
    facts.tail = quantile(&all, 2.0 / 3.0);
    facts.limit = limit.max(quantile(&all, 1.0 - params.tolerance)) + MARGIN;
    let mut model = assemble(facts, learn::characters(sources, params.log_buckets));
    if spaced {
        model.order = training::order(sources);
        model.facts.typical_order =
            model.order.as_ref().map_or(1.0, |order| typical(order, sources));
        model.facts.names = model.order.as_ref().map(Order::names);
    }
    Ok(model)
}

/// The middle of what passages of reference text say of their order.
fn typical(order: &Order, sources: &[String]) -> f64 {
    let (mut word, mut found) = (String::new(), Vec::new());
    for block in sources.iter().flat_map(|text| text.split("\n\n")) {
        let mut tokens = Vec::new();
        order.tokens(block, &mut word, &mut tokens);
        found.extend(
            tokens
                .chunks(PASSAGE)
                .filter(|chunk| chunk.len() == PASSAGE)
                .filter_map(|chunk| order.score(chunk)),
        );
    }
    found.sort_unstable_by(f64::total_cmp);
    if found.is_empty() { 1.0 } else { quantile(&found, 0.5).max(0.1) }
}

fn assemble(mut facts: Facts, characters: Characters) -> Model {
    facts.penalties = characters.penalties.to_vec();
    Model { facts, characters, order: None }
}

/// Pairs of (text to learn, text to measure).
fn folds(sources: &[String]) -> Vec<(Vec<String>, Vec<String>)> {
    if let [only] = sources {
        let (first, second) = only.split_at(only.floor_char_boundary(only.len() / 2));
        return vec![(vec![first.into()], vec![second.into()])];
    }
    let folds = FOLDS.min(sources.len());
    let part = |fold, held: bool| {
        sources
            .iter()
            .enumerate()
            .filter(|(n, _)| (n % folds == fold) == held)
            .map(|(_, text)| text.clone())
            .collect::<Vec<_>>()
    };
    (0..folds).map(|fold| (part(fold, false), part(fold, true))).collect()
}

/// The value below which this share of sorted values lies.
#[expect(clippy::cast_precision_loss, reason = "a count of stretches")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::MAX)
}

/// Code and foreign names are up to two thirds of the letters of documentation: a third is enough to tell.
const MUCH: u64 = 3;

/// Letters of reference text by what they are.
#[derive(Default)]
struct Letters {
    all: u64,
    beyond_latin: u64,
    /// Of Korean.
    syllables: u64,
    /// Of scripts without spaces.
    unspaced: u64,
}

impl Letters {
    fn of(sources: &[String]) -> Self {
        let mut letters = Self::default();
        for c in sources.iter().flat_map(|text| text.chars()).filter(|c| c.is_alphabetic()) {
            letters.all += 1;
            letters.beyond_latin += u64::from(c >= '\u{250}' && !is_more_latin(c));
            letters.syllables += u64::from(('\u{ac00}'..='\u{d7a3}').contains(&c));
            letters.unspaced += u64::from(is_unspaced(c));
        }
        letters
    }
}

/// Latin Extended Additional: Vietnamese.
fn is_more_latin(c: char) -> bool {
    ('\u{1e00}'..'\u{1f00}').contains(&c)
}

/// Thai and Lao, Myanmar, Khmer, kana and Han.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3000}'..='\u{9fff}')
}

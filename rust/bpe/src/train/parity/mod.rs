//! Parity-aware training: at each step the language that pays the most tokens for its content chooses the merge.
//!
//! After Foroutan, Meister et al., "Parity-Aware Byte-Pair Encoding" (arXiv 2508.04796): the pair that is the most frequent
//! in the words of the chosen language becomes a token in all languages. Content is measured on parallel text, or, without
//! any, on the training text itself by the bytes that a language is known to need. Every language has words and pairs of its
//! own, so that the counts of one are never summed with those of another.

mod lane;
mod pairs;
mod tally;
mod turns;
mod words;

use std::collections::BTreeMap;

use gamayun_text::Monitor;
use rayon::prelude::*;

use crate::count::gather::WordList;
use crate::tokenizer::Tokenizer;
use crate::train::learnt::Learnt;
use crate::train::parity::lane::{Lane, Scratch, Tokens};
use crate::train::parity::turns::Turns;
use crate::train::{Merge, TrainParams, Trainer, WORK_AT_ONCE, Weights, same_split};
use crate::{Counts, Error, Result};

pub use turns::Window;

/// Binary digits behind the point of a target.
const TARGET_BITS: u32 = 20;

/// By what the tokens of the languages are compared.
#[derive(Clone, Debug)]
pub enum Measure {
    /// Tokens of parallel text. `content` says for each language how much its text holds, in a unit that all share: lines, or
    /// bytes of the same lines in one language. It must be more than 0.
    Parallel {
        /// The pretokens of the text, by language; made with the split of the training counts.
        texts: Counts,
        /// Content per language.
        content: Vec<(String, u64)>,
    },
    /// Tokens of the training text. A target says how many bytes a language needs for what one needs a byte for in English: its
    /// bytes over its target are its content.
    Target(Vec<(String, f64)>),
}

/// How to train with parity. Languages that the measure does not name take no turns; merges are made in their words too.
#[derive(Clone, Debug)]
pub struct ParityParams {
    /// As for classic training. `min_frequency` holds for the counts of the language whose turn it is; `weights` are those of
    /// the classic part only, since a weight does not change which pair of a language is its most frequent.
    pub train: TrainParams,
    /// The measure of content.
    pub measure: Measure,
    /// Tokens that classic training makes first, of the counts of all languages together: the hybrid form.
    pub hybrid: u32,
    /// Passes over languages that had too many turns of late: the window form.
    pub window: Option<Window>,
}

/// What a language had of the training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageTurns {
    /// The language.
    pub language: String,
    /// Merges that it chose.
    pub turns: u64,
    /// Tokens of its measured text at the end; of the training text if it takes no turns.
    pub tokens: u64,
    /// Its content, in the unit of the measure; none if it takes no turns.
    pub content: Option<u64>,
}

/// Trains a tokenizer with parity. The monitor hears of tokens made, of all tokens asked for.
///
/// # Errors
/// Those of [`crate::train`], and [`Error::UnknownLanguage`] or [`Error::Parameter`] for a measure that does not fit the counts.
pub fn train_parity(
    counts: &Counts,
    params: &ParityParams,
    monitor: &mut dyn Monitor,
) -> Result<(Tokenizer, Vec<LanguageTurns>)> {
    let (learnt, turns) = learn(counts, params, monitor)?;
    Ok((learnt.tokenizer(params.train.vocab_size)?, turns))
}

/// Trains tokenizers of several sizes at the cost of the largest, as [`crate::train_prefixes`] does: each equals what
/// [`train_parity`] makes of its size. The turns are those of the largest.
///
/// # Errors
/// Those of [`train_parity`].
pub fn train_parity_prefixes(
    counts: &Counts,
    params: &ParityParams,
    vocab_sizes: &[u32],
    monitor: &mut dyn Monitor,
) -> Result<(Vec<Tokenizer>, Vec<LanguageTurns>)> {
    let Some(&vocab_size) = vocab_sizes.iter().max() else { return Ok(Default::default()) };
    let train = TrainParams { vocab_size, ..params.train.clone() };
    let (learnt, turns) = learn(counts, &ParityParams { train, ..params.clone() }, monitor)?;
    let made: Result<_> = vocab_sizes.iter().map(|&size| learnt.tokenizer(size)).collect();
    Ok((made?, turns))
}

fn learn(
    counts: &Counts,
    params: &ParityParams,
    monitor: &mut dyn Monitor,
) -> Result<(Learnt, Vec<LanguageTurns>)> {
    let split = params.train.split.clone();
    same_split(&counts.split, &split)?;
    check_window(params.window)?;
    let mut trainer = Trainer::new(&params.train, min_count(params.train.min_frequency, 1));
    let given = trainer.vocabulary.len();
    let first = hybrid(counts, params, &mut trainer, monitor)?;
    let mut parity = Parity::new(counts, params, &trainer)?;
    let merges = parity.run(&mut trainer, first, monitor)?;
    let turns = parity.report(counts);
    Ok((Learnt { vocabulary: trainer.vocabulary, merges, given, split }, turns))
}

fn check_window(window: Option<Window>) -> Result<()> {
    let bad = |parameter, value, expected| Err(Error::Parameter { parameter, value, expected });
    match window {
        Some(Window { turns: 0, .. }) => bad("window", "0".to_owned(), "at least one turn"),
        Some(Window { alpha, .. }) if !(0.0..=1e6).contains(&alpha) => {
            bad("alpha", alpha.to_string(), "a number from 0 to 1,000,000")
        }
        _ => Ok(()),
    }
}

fn min_count(min_frequency: u64, one: u64) -> i64 {
    i64::try_from(min_frequency.max(1).saturating_mul(one)).unwrap_or(i64::MAX)
}

/// The classic part.
fn hybrid(
    counts: &Counts,
    params: &ParityParams,
    trainer: &mut Trainer,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Merge>> {
    if params.hybrid == 0 {
        return Ok(Vec::new());
    }
    let weights = Weights::new(counts, &params.train)?;
    let tables = counts.weighted_tables(|language| weights.of(language));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(params.train.threads.max(1)).build()?;
    let list = pool.install(|| WordList::gather(&tables))?;
    let (all, parity_min) = (trainer.vocab_size, trainer.min_count);
    trainer.vocab_size = all.min(trainer.vocabulary.len() + params.hybrid as usize);
    trainer.min_count = min_count(params.train.min_frequency, weights.one);
    let merges = trainer.learn(list, pool, monitor);
    (trainer.vocab_size, trainer.min_count) = (all, parity_min);
    merges
}

/// All languages, and whose turn it is.
struct Parity {
    lanes: Vec<Lane>,
    /// The parallel text of each language; empty if the training text is measured.
    measured: Vec<Lane>,
    turns: Turns,
    scratch: Scratch,
}

impl Parity {
    fn new(counts: &Counts, params: &ParityParams, trainer: &Trainer) -> Result<Self> {
        let ids = trainer.byte_ids();
        let pool =
            rayon::ThreadPoolBuilder::new().num_threads(params.train.threads.max(1)).build()?;
        let languages: Vec<_> = counts.languages.values().collect();
        let wanted = trainer.vocab_size;
        let lanes: Result<Vec<Lane>> = pool.install(|| {
            let lanes = languages.par_iter();
            lanes.map(|language| Lane::new(&language.total(), &ids, wanted)).collect()
        });
        let (measured, contents) = match &params.measure {
            Measure::Parallel { texts, content } => {
                (parallel_lanes(counts, texts, &ids)?, parallel_contents(counts, texts, content)?)
            }
            Measure::Target(targets) => (Vec::new(), target_contents(counts, targets)?),
        };
        let turns = Turns::new(contents, params.window);
        Ok(Self { lanes: lanes?, measured, turns, scratch: Scratch::default() })
    }

    /// Repeats the merges given, then lets the languages choose until all tokens are made or nothing is left.
    fn run(
        &mut self,
        trainer: &mut Trainer,
        mut merges: Vec<Merge>,
        monitor: &mut dyn Monitor,
    ) -> Result<Vec<Merge>> {
        let mut work = WORK_AT_ONCE;
        for &merge in &merges {
            let done = self.merge(merge, trainer);
            trainer.listen(&mut work, done, monitor)?;
        }
        while trainer.vocabulary.len() < trainer.vocab_size {
            let Some((left, right)) = self.next(trainer.min_count) else { break };
            let merge = (left, right, trainer.join(left, right).0);
            merges.push(merge);
            let done = self.merge(merge, trainer);
            trainer.listen(&mut work, done, monitor)?;
        }
        Ok(merges)
    }

    /// The pair that the language whose turn it is chooses; one that has no pair left is passed over.
    fn next(&mut self, min_count: i64) -> Option<(u32, u32)> {
        let shown = if self.measured.is_empty() { &self.lanes } else { &self.measured };
        for language in self.turns.order(|language| shown[language].tokens()) {
            if let Some(pair) = self.lanes[language].best(min_count) {
                self.turns.take(language);
                return Some(pair);
            }
        }
        None
    }

    /// Makes a merge in all languages, and tells how many positions were looked at.
    fn merge(&mut self, merge: Merge, trainer: &Trainer) -> usize {
        let tokens = Tokens { lengths: &trainer.lengths, longest: trainer.longest };
        let lanes = self.lanes.iter_mut().chain(&mut self.measured);
        lanes.map(|lane| lane.merge(merge, tokens, &mut self.scratch)).sum()
    }

    fn report(&self, counts: &Counts) -> Vec<LanguageTurns> {
        let shown = if self.measured.is_empty() { &self.lanes } else { &self.measured };
        let row = |(number, language): (usize, &str)| {
            let content = self.turns.content(number);
            let lane = if content.is_some() { &shown[number] } else { &self.lanes[number] };
            LanguageTurns {
                language: language.to_owned(),
                turns: self.turns.had(number),
                tokens: lane.tokens(),
                content,
            }
        };
        counts.languages().enumerate().map(row).collect()
    }
}

/// The parallel text of each language of the counts, without words where there is none.
fn parallel_lanes(counts: &Counts, texts: &Counts, ids: &[u32; 256]) -> Result<Vec<Lane>> {
    same_split(&texts.split, &counts.split)?;
    let none = crate::count::Language::default();
    let lane = |name| {
        let language = texts.languages.get(name).unwrap_or(&none);
        Lane::counted(&language.total(), ids)
    };
    counts.languages.keys().map(lane).collect()
}

fn parallel_contents(
    counts: &Counts,
    texts: &Counts,
    content: &[(String, u64)],
) -> Result<Vec<Option<u64>>> {
    for (language, content) in content {
        if *content == 0 || texts.bytes(language) == 0 {
            return Err(Error::Parameter {
                parameter: "parallel text",
                value: format!("{language:?} with content {content}"),
                expected: "text and a content above 0",
            });
        }
    }
    by_language(counts, content.iter().map(|(language, content)| (language, *content)))
}

/// Bytes over target.
fn target_contents(counts: &Counts, targets: &[(String, f64)]) -> Result<Vec<Option<u64>>> {
    let mut contents = Vec::with_capacity(targets.len());
    for (language, target) in targets {
        let content = u128::from(counts.bytes(language)) << TARGET_BITS;
        let content = u64::try_from(content / u128::from(fixed_point(*target)?));
        contents.push((language, content.unwrap_or(u64::MAX)));
    }
    let contents = by_language(counts, contents.into_iter())?;
    // A language without text has nothing to choose.
    Ok(contents.into_iter().map(|content| content.filter(|&content| content > 0)).collect())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range was checked, and a fraction of 2^-20 is rounded away on purpose"
)]
fn fixed_point(target: f64) -> Result<u64> {
    if !(0.001..=1000.0).contains(&target) {
        return Err(Error::Parameter {
            parameter: "target",
            value: target.to_string(),
            expected: "a number from 0.001 to 1,000",
        });
    }
    Ok((target * f64::from(1_u32 << TARGET_BITS)).round_ties_even() as u64)
}

/// The contents in the order of the counts' languages.
fn by_language<'a>(
    counts: &Counts,
    contents: impl Iterator<Item = (&'a String, u64)>,
) -> Result<Vec<Option<u64>>> {
    let mut named = BTreeMap::new();
    for (language, content) in contents {
        if !counts.languages.contains_key(language) {
            return Err(Error::UnknownLanguage(language.clone()));
        }
        named.insert(language, content);
    }
    Ok(counts.languages.keys().map(|language| named.get(language).copied()).collect())
}

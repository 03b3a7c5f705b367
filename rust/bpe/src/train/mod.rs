//! Training: the most frequent pair of neighbours becomes a token, again and again.
//!
//! Merges, their order and the ids are those of HF tokenizers' `BpeTrainer` with the full byte alphabet, where its 32-bit
//! counts suffice; ours have 63 bits. Ties go to the smallest pair of ids.

mod counts;
mod extend;
mod learnt;
mod merger;
mod parity;
mod queue;
mod shard;
mod symbol;
mod tally;
mod words;

use gamayun_text::{Monitor, Progress};
use rayon::ThreadPool;
use std::collections::HashMap;

use crate::count::gather::WordList;
use crate::count::source::{OneTable, Source};
use crate::count::stored::{StoredCounts, TrainLimits, Trained};
use crate::tokenizer::Tokenizer;
use crate::train::learnt::Learnt;
use crate::train::merger::{Merger, sides};
use crate::train::symbol::Symbol;
use crate::train::words::Words;
use crate::vocabulary::Vocabulary;
use crate::{Counts, Error, Pattern, Result, alphabet};

pub use extend::extend;
pub use parity::{
    LanguageTurns, Measure, ParityParams, Window, train_parity, train_parity_prefixes,
};

/// The most binary digits behind the point of a language's weight.
const WEIGHT_BITS: u32 = 20;
/// Positions looked at between two calls of the monitor.
const WORK_AT_ONCE: usize = 1 << 18;

/// What to train.
#[derive(Clone, Debug)]
pub struct TrainParams {
    /// Tokens of the finished vocabulary, special tokens and the 256 bytes included. Fewer if the text has no more.
    pub vocab_size: u32,
    /// The split pattern; the counts must have been made with it.
    pub split: Pattern,
    /// Special tokens, which get the first ids. The first of them that is a known name ends documents.
    pub special_tokens: Vec<String>,
    /// Pairs that occur less often are not merged. Weighted counts are compared.
    pub min_frequency: u64,
    /// Tokens have fewer bytes than this, as HF tokenizers reads it; pairs of single bytes are always allowed.
    pub max_token_length: Option<usize>,
    /// Weight per language, applied to its counts with 20 binary digits behind the point. Languages that are not named
    /// weigh 1.
    pub weights: Vec<(String, f64)>,
    /// Threads that gather and sort the counts, and that merge the frequent pairs; the others are merged by one.
    pub threads: usize,
}

impl Default for TrainParams {
    fn default() -> Self {
        Self {
            vocab_size: 65_024,
            split: Pattern::default(),
            special_tokens: vec!["<|endoftext|>".to_owned()],
            min_frequency: 2,
            max_token_length: None,
            weights: Vec::new(),
            threads: 1,
        }
    }
}

/// Trains a tokenizer on counts. The monitor hears of tokens made, of all tokens asked for.
pub fn train(
    counts: &Counts,
    params: &TrainParams,
    monitor: &mut dyn Monitor,
) -> Result<Tokenizer> {
    learn(counts, params, monitor)?.tokenizer(params.vocab_size)
}

/// Trains tokenizers of several sizes at the cost of the largest: the merges of a smaller vocabulary begin those of a
/// larger one. Each equals what [`train`] makes of its size; `params.vocab_size` is not looked at.
pub fn train_prefixes(
    counts: &Counts,
    params: &TrainParams,
    vocab_sizes: &[u32],
    monitor: &mut dyn Monitor,
) -> Result<Vec<Tokenizer>> {
    let Some(&vocab_size) = vocab_sizes.iter().max() else { return Ok(Vec::new()) };
    let learnt = learn(counts, &TrainParams { vocab_size, ..params.clone() }, monitor)?;
    vocab_sizes.iter().map(|&size| learnt.tokenizer(size)).collect()
}

/// As [`train_prefixes`], on counts in a file, of which only the pretokens that are trained on come into memory.
pub fn train_stored(
    counts: &StoredCounts,
    params: &TrainParams,
    limits: TrainLimits,
    vocab_sizes: &[u32],
    monitor: &mut dyn Monitor,
) -> Result<(Vec<Tokenizer>, Trained)> {
    same_split(counts.split(), &params.split)?;
    let vocab_size = vocab_sizes.iter().max().copied().unwrap_or_default();
    let params = TrainParams { vocab_size, ..params.clone() };
    let known = |language: &str| counts.languages().iter().any(|known| known.language == language);
    let weights = Weights::of_known(known, &params)?;
    let (list, trained) = counts.words(|language| weights.of(language), limits, monitor)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(params.threads.max(1)).build()?;
    let learnt = learn_words(&params, weights.one, list, pool, monitor)?;
    let made: Result<_> = vocab_sizes.iter().map(|&size| learnt.tokenizer(size)).collect();
    Ok((made?, trained))
}

fn learn(counts: &Counts, params: &TrainParams, monitor: &mut dyn Monitor) -> Result<Learnt> {
    same_split(&counts.split, &params.split)?;
    let weights = Weights::new(counts, params)?;
    let tables = counts.weighted_tables(|language| weights.of(language));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(params.threads.max(1)).build()?;
    if let Some(table) = OneTable::of(&tables) {
        return learn_words(params, weights.one, table, pool, monitor);
    }
    let list = pool.install(|| WordList::gather(&tables))?;
    learn_words(params, weights.one, list, pool, monitor)
}

/// Trains on words whose counts are multiples of `one`.
fn learn_words(
    params: &TrainParams,
    one: u64,
    words: impl Source,
    pool: ThreadPool,
    monitor: &mut dyn Monitor,
) -> Result<Learnt> {
    let min_count = params.min_frequency.max(1).saturating_mul(one);
    let mut trainer = Trainer::new(params, i64::try_from(min_count).unwrap_or(i64::MAX));
    let given = trainer.vocabulary.len();
    let merges = trainer.learn(words, pool, monitor)?;
    Ok(Learnt { vocabulary: trainer.vocabulary, merges, given, split: params.split.clone() })
}

fn same_split(counts: &Pattern, asked: &Pattern) -> Result<()> {
    if counts != asked {
        return Err(Error::SplitMismatch { counts: counts.clone(), asked: asked.clone() });
    }
    Ok(())
}

/// The weights of the languages as whole numbers.
struct Weights {
    one: u64,
    named: Vec<(String, u64)>,
}

impl Weights {
    fn new(counts: &Counts, params: &TrainParams) -> Result<Self> {
        Self::of_known(|language| counts.languages.contains_key(language), params)
    }

    fn of_known(known: impl Fn(&str) -> bool, params: &TrainParams) -> Result<Self> {
        if params.weights.is_empty() {
            return Ok(Self { one: 1, named: Vec::new() });
        }
        let one = 1_u64 << WEIGHT_BITS;
        let mut named = Vec::with_capacity(params.weights.len());
        for (language, weight) in &params.weights {
            if !known(language) {
                return Err(Error::UnknownLanguage(language.clone()));
            }
            named.push((language.clone(), fixed_point(*weight)?));
        }
        Ok(Self { one, named })
    }

    fn of(&self, language: &str) -> u64 {
        self.named.iter().find(|(name, _)| name == language).map_or(self.one, |(_, weight)| *weight)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range was checked, and a fraction of 2^-20 is rounded away on purpose"
)]
fn fixed_point(weight: f64) -> Result<u64> {
    if !(0.0..=1e6).contains(&weight) {
        return Err(Error::Parameter {
            parameter: "weights",
            value: weight.to_string(),
            expected: "a number from 0 to 1,000,000",
        });
    }
    Ok((weight * f64::from(1_u32 << WEIGHT_BITS)).round_ties_even() as u64)
}

/// A merge: left id, right id, id of the token made.
pub(crate) type Merge = (u32, u32, u32);

struct Trainer {
    vocabulary: Vocabulary,
    ids: HashMap<Vec<u8>, u32>,
    lengths: Vec<usize>,
    vocab_size: usize,
    min_count: i64,
    /// A token may be shorter than this.
    longest: usize,
}

impl Trainer {
    /// Special tokens first, then the bytes.
    fn new(params: &TrainParams, min_count: i64) -> Self {
        let mut trainer = Self {
            vocabulary: Vocabulary::default(),
            ids: HashMap::new(),
            lengths: Vec::new(),
            vocab_size: params.vocab_size as usize,
            min_count,
            longest: params.max_token_length.unwrap_or(usize::MAX),
        };
        for special in &params.special_tokens {
            trainer.add_special(special);
        }
        for byte in alphabet::bytes_in_order() {
            trainer.token(&[byte]);
        }
        trainer
    }

    fn add_special(&mut self, special: &str) {
        if self.vocabulary.special(special).is_some() {
            return;
        }
        let id = self.vocabulary.push_special(special);
        // As written in the vocabulary it may equal a token of text; then both share the id.
        let bytes = alphabet::to_bytes(special);
        self.lengths.push(bytes.as_ref().map_or(0, Vec::len));
        if let Some(bytes) = bytes {
            self.ids.insert(bytes, id);
        }
    }

    /// The id of a token, and whether it existed before.
    fn token(&mut self, bytes: &[u8]) -> (u32, bool) {
        if let Some(&id) = self.ids.get(bytes) {
            return (id, true);
        }
        let id = self.vocabulary.push(bytes);
        self.lengths.push(bytes.len());
        self.ids.insert(bytes.to_vec(), id);
        (id, false)
    }

    fn byte_ids(&self) -> [u32; 256] {
        let mut ids = [0; 256];
        for (byte, id) in (0..=u8::MAX).zip(&mut ids) {
            *id = self.ids.get([byte].as_slice()).copied().unwrap_or_default();
        }
        ids
    }

    /// Merges until the vocabulary is full or nothing is left.
    fn learn(
        &mut self,
        words: impl Source,
        pool: ThreadPool,
        monitor: &mut dyn Monitor,
    ) -> Result<Vec<Merge>> {
        let ids = self.byte_ids();
        if self.vocabulary.len().max(self.vocab_size) <= u16::IDS as usize {
            return self.run::<u16>(Words::new(words, &ids, pool)?, monitor);
        }
        self.run::<u32>(Words::new(words, &ids, pool)?, monitor)
    }

    fn run<S: Symbol>(&mut self, words: Words<S>, monitor: &mut dyn Monitor) -> Result<Vec<Merge>> {
        let mut words = Merger::new(words, self.longest, self.vocab_size);
        let (mut merges, mut work) = (Vec::new(), WORK_AT_ONCE);
        while self.vocabulary.len() < self.vocab_size {
            let Some(entry) = words.next(self.min_count, &self.lengths) else { break };
            let (left, right) = sides(entry.pair);
            let (id, existed) = self.join(left, right);
            merges.push((left, right, id));
            words.merge(entry, id, existed, &self.lengths);
            self.listen(&mut work, words.positions(entry), monitor)?;
        }
        Ok(merges)
    }

    /// The id of the token that two make, and whether it existed before.
    fn join(&mut self, left: u32, right: u32) -> (u32, bool) {
        let sides = [self.vocabulary.written(left), self.vocabulary.written(right)];
        self.token(&sides.concat())
    }

    /// Lets the monitor speak when a merge of some positions completes the work between two calls.
    fn listen(&self, work: &mut usize, done: usize, monitor: &mut dyn Monitor) -> Result<()> {
        *work += done + (WORK_AT_ONCE >> 10);
        if *work >= WORK_AT_ONCE {
            *work = 0;
            monitor.advance(self.progress())?;
        }
        Ok(())
    }

    fn progress(&self) -> Progress {
        let total = self.vocab_size as u64;
        Progress { done: (self.vocabulary.len() as u64).min(total), total, ..Progress::default() }
    }
}

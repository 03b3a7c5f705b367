//! Several tokenizers over the same texts, batch by batch: each text is cut into words once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use gamayun_bpe::{LanguageEval, MeasureScratch, Measured, Place, Spread, Tokenizer, measure};
use gamayun_quality::Segmenter;
use rayon::prelude::*;

use crate::batchwise::batch_pool;
use crate::error::Result;
use crate::evaluate::outcome::{Outcome, outcome};

/// Texts that a thread measures at a time: some bytes of them, so that long and short ones weigh the same.
const BYTES_AT_ONCE: usize = 1 << 17;
/// Longer words are in no list of frequent ones.
const LISTED_BYTES: usize = 64;

/// A document to be measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'a> {
    pub language: &'a str,
    pub source: &'a str,
    pub id: u128,
    pub text: &'a str,
}

/// How often words occur.
pub(crate) type Words = HashMap<Box<str>, u64>;

/// What was measured so far.
pub(crate) struct Evaluator<'t> {
    tokenizers: &'t [Arc<Tokenizer>],
    pool: rayon::ThreadPool,
    segmenters: BTreeMap<String, Segmenter>,
    /// One a tokenizer for each thread that is at work.
    scratches: Mutex<Vec<Vec<MeasureScratch>>>,
    sums: Vec<Sums>,
    words: BTreeMap<String, Words>,
}

/// The sums of one tokenizer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    pub languages: BTreeMap<String, LanguageEval>,
    pub spread: Spread,
}

/// What a thread found in some texts.
struct Found<'a> {
    /// Words, and what each tokenizer made of the text.
    texts: Vec<(u64, Vec<Measured>)>,
    words: BTreeMap<&'a str, HashMap<&'a str, u64>>,
}

impl<'t> Evaluator<'t> {
    pub(crate) fn new(tokenizers: &'t [Arc<Tokenizer>], threads: usize) -> Result<Self> {
        Ok(Self {
            tokenizers,
            pool: batch_pool(threads)?,
            segmenters: BTreeMap::new(),
            scratches: Mutex::default(),
            sums: vec![Sums::default(); tokenizers.len()],
            words: BTreeMap::new(),
        })
    }

    /// Measures texts. The order of all texts is of no consequence.
    pub(crate) fn add(&mut self, texts: &[Document<'_>]) -> Result<()> {
        for text in texts {
            if !self.segmenters.contains_key(text.language) {
                let segmenter = Segmenter::for_language(text.language);
                self.segmenters.insert(text.language.to_owned(), segmenter);
            }
        }
        let chunks = chunks(texts);
        let this = &*self;
        let found: Vec<_> =
            this.pool.install(|| chunks.par_iter().map(|some| this.measured(some)).collect());
        for (some, found) in chunks.iter().zip(found) {
            self.sum(some, found?);
        }
        Ok(())
    }

    fn measured<'a>(&self, texts: &[Document<'a>]) -> Result<Found<'a>> {
        let mut scratches = lock(&self.scratches).pop().unwrap_or_default();
        scratches.resize_with(self.tokenizers.len(), MeasureScratch::default);
        let mut found = Found { texts: Vec::with_capacity(texts.len()), words: BTreeMap::new() };
        let mut words = Vec::new();
        for text in texts {
            let segmenter = &self.segmenters[text.language];
            segmenter.segment(text.text, &mut words);
            let counted = found.words.entry(text.language).or_default();
            for word in words.iter().filter(|word| is_listed(word)) {
                *counted.entry(word).or_default() += 1;
            }
            let mut measured = Vec::with_capacity(scratches.len());
            for (tokenizer, scratch) in self.tokenizers.iter().zip(&mut scratches) {
                measured.push(match tokenizer.normalised(text.text) {
                    Cow::Borrowed(text) => measure(tokenizer, text, &words, scratch)?,
                    Cow::Owned(text) => {
                        let mut words = Vec::new();
                        segmenter.segment(&text, &mut words);
                        measure(tokenizer, &text, &words, scratch)?
                    }
                });
            }
            found.texts.push((words.len() as u64, measured));
        }
        lock(&self.scratches).push(scratches);
        Ok(found)
    }

    fn sum(&mut self, texts: &[Document<'_>], found: Found<'_>) {
        for (text, (words, measured)) in texts.iter().zip(found.texts) {
            let place = Place { language: text.language, source: text.source, document: text.id };
            for (sums, measured) in self.sums.iter_mut().zip(measured) {
                entry(&mut sums.languages, text.language).add(text.text, words, &measured);
                sums.spread.add(place, &measured.counts);
            }
        }
        for (language, counts) in found.words {
            let words = entry(&mut self.words, language);
            for (word, count) in counts {
                match words.get_mut(word) {
                    Some(sum) => *sum += count,
                    None => drop(words.insert(word.into(), count)),
                }
            }
        }
    }

    /// What the sums come to, for each tokenizer.
    pub(crate) fn finish(self) -> Vec<Outcome> {
        let lists = self.words.into_iter().map(|(name, words)| (name, frequent(words))).collect();
        let pairs = self.tokenizers.iter().zip(&self.sums);
        pairs.map(|(tokenizer, sums)| outcome(tokenizer, sums, &lists)).collect()
    }
}

/// Whether a word may be in the list of frequent ones: it has a letter.
fn is_listed(word: &str) -> bool {
    word.len() <= LISTED_BYTES && word.chars().any(char::is_alphabetic)
}

/// The most frequent words; of equally frequent ones those that sort first.
fn frequent(words: Words) -> Vec<Box<str>> {
    let mut words: Vec<_> = words.into_iter().collect();
    words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    words.truncate(crate::evaluate::outcome::LISTED);
    words.into_iter().map(|(word, _)| word).collect()
}

fn chunks<'s, 'a>(texts: &'s [Document<'a>]) -> Vec<&'s [Document<'a>]> {
    let mut bytes = 0;
    texts
        .chunk_by(|text, _| {
            bytes += text.text.len();
            let more = bytes < BYTES_AT_ONCE;
            if !more {
                bytes = 0;
            }
            more
        })
        .collect()
}

fn entry<'m, T: Default>(map: &'m mut BTreeMap<String, T>, name: &str) -> &'m mut T {
    if !map.contains_key(name) {
        map.insert(name.to_owned(), T::default());
    }
    map.entry(name.to_owned()).or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

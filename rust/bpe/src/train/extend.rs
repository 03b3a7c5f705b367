//! Further merges for a tokenizer that exists: its ids stay, new ones follow the highest.
//!
//! The words begin as the tokens that the tokenizer makes of them. Most are one token then, so the plain way is fast
//! enough: pairs with the words that hold them, and each word written anew by a merge.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use gamayun_text::{Monitor, Progress};

use crate::count::gather::WordList;
use crate::encode::engine::EncodeScratch;
use crate::train::{Merge, TrainParams, Weights, same_split};
use crate::vocabulary::Vocabulary;
use crate::{Counts, Error, Result, Tokenizer};

/// Merges between two calls of the monitor.
const AT_ONCE: usize = 64;

/// Two tokens side by side.
type Pair = (u32, u32);

/// Trains further merges on counts that were made with the split of the tokenizer, until the vocabulary has
/// `params.vocab_size` ids. All ids and merges stay, the new ones come behind them; the most frequent pair is merged
/// first, of equals that of the smallest ids, as in [`crate::train`]. Special tokens of the parameters are not looked at.
pub fn extend(
    tokenizer: &Tokenizer,
    counts: &Counts,
    params: &TrainParams,
    monitor: &mut dyn Monitor,
) -> Result<Tokenizer> {
    same_split(&counts.split, tokenizer.pattern())?;
    if params.vocab_size < tokenizer.vocab_size() {
        return Err(Error::Parameter {
            parameter: "vocab_size",
            value: params.vocab_size.to_string(),
            expected: "at least the ids that the tokenizer has",
        });
    }
    let weights = Weights::new(counts, params)?;
    let min_count = params.min_frequency.max(1).saturating_mul(weights.one);
    let tables = counts.weighted_tables(|language| weights.of(language));
    let list = WordList::gather(&tables)?;
    list.total()?;
    let mut extension = Extension::new(tokenizer, params);
    extension.take(tokenizer, &list);
    let merges = extension.run(params.vocab_size, min_count, monitor)?;
    tokenizer.extended(extension.vocabulary, &merges)
}

struct Word {
    tokens: Vec<u32>,
    count: u64,
}

#[derive(Default)]
struct Found {
    count: u64,
    /// Words that held the pair when it was found; some may no more.
    words: BTreeSet<usize>,
}

struct Extension {
    vocabulary: Vocabulary,
    ids: HashMap<Vec<u8>, u32>,
    longest: usize,
    words: Vec<Word>,
    pairs: HashMap<Pair, Found>,
    queue: BinaryHeap<(u64, Reverse<Pair>)>,
}

impl Extension {
    fn new(tokenizer: &Tokenizer, params: &TrainParams) -> Self {
        let vocabulary = tokenizer.vocabulary.clone();
        let mut ids = HashMap::with_capacity(vocabulary.len());
        for (id, _) in vocabulary.iter() {
            ids.entry(vocabulary.written(id)).or_insert(id);
        }
        let (words, pairs, queue) = (Vec::new(), HashMap::new(), BinaryHeap::new());
        let longest = params.max_token_length.unwrap_or(usize::MAX);
        Self { vocabulary, ids, longest, words, pairs, queue }
    }

    /// The words of more than one token, with their pairs.
    fn take(&mut self, tokenizer: &Tokenizer, list: &WordList) {
        let (mut scratch, mut tokens) = (EncodeScratch::default(), Vec::new());
        for word in list.words() {
            tokens.clear();
            tokenizer.encode_pretoken(list.bytes_of(word), &mut scratch, &mut tokens);
            if tokens.len() > 1 {
                self.words.push(Word { tokens: tokens.clone(), count: word.count });
                self.count(self.words.len() - 1, u64::wrapping_add);
            }
        }
        self.queue = self.pairs.iter().map(|(&pair, found)| (found.count, Reverse(pair))).collect();
    }

    /// Adds the pairs of a word to the counts, or takes them away; gives the pairs.
    fn count(&mut self, number: usize, sum: fn(u64, u64) -> u64) -> Vec<Pair> {
        let Word { tokens, count } = &self.words[number];
        let mut pairs: Vec<Pair> = tokens.windows(2).map(|two| (two[0], two[1])).collect();
        for &pair in &pairs {
            let found = self.pairs.entry(pair).or_default();
            found.count = sum(found.count, *count);
            found.words.insert(number);
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    fn run(
        &mut self,
        vocab_size: u32,
        min_count: u64,
        monitor: &mut dyn Monitor,
    ) -> Result<Vec<Merge>> {
        let (mut merges, size) = (Vec::new(), vocab_size as usize);
        while self.vocabulary.len() < size {
            let Some((left, right)) = self.next(min_count) else { break };
            let token = [self.vocabulary.written(left), self.vocabulary.written(right)].concat();
            let id = match self.ids.get(&token) {
                Some(&id) => id,
                None => self.vocabulary.push(&token),
            };
            self.ids.insert(token, id);
            merges.push((left, right, id));
            self.merge((left, right), id);
            if merges.len() % AT_ONCE == 1 {
                let (done, total) = (self.vocabulary.len() as u64, u64::from(vocab_size));
                monitor.advance(Progress { done, total, ..Progress::default() })?;
            }
        }
        Ok(merges)
    }

    /// The most frequent pair that is not too long; none if none occurs `min_count` times.
    fn next(&mut self, min_count: u64) -> Option<Pair> {
        loop {
            let (count, Reverse(pair)) = self.queue.pop()?;
            let now = self.pairs.get(&pair).map_or(0, |found| found.count);
            let len = self.len(pair.0) + self.len(pair.1);
            match now {
                _ if len >= self.longest && len > 2 => {}
                now if now < count => self.queue.push((now, Reverse(pair))),
                now if now < min_count.max(1) => return None,
                _ => return Some(pair),
            }
        }
    }

    fn len(&self, id: u32) -> usize {
        self.vocabulary.written(id).len()
    }

    fn merge(&mut self, pair: Pair, id: u32) {
        let words = self.pairs.get_mut(&pair).map(|found| std::mem::take(&mut found.words));
        for number in words.into_iter().flatten() {
            if !self.words[number].tokens.windows(2).any(|two| (two[0], two[1]) == pair) {
                continue;
            }
            self.count(number, u64::wrapping_sub);
            join(&mut self.words[number].tokens, pair, id);
            for pair in self.count(number, u64::wrapping_add) {
                let Some(found) = self.pairs.get(&pair) else { continue };
                // Only these can have risen; all others in the queue are looked at again when they come up.
                if pair.0 == id || pair.1 == id {
                    self.queue.push((found.count, Reverse(pair)));
                }
            }
        }
    }
}

/// Writes `id` for each pair in a word, from the left.
fn join(tokens: &mut Vec<u32>, (left, right): Pair, id: u32) {
    let mut kept = 0;
    let mut at = 0;
    while at < tokens.len() {
        let both = tokens[at] == left && tokens.get(at + 1) == Some(&right);
        tokens[kept] = if both { id } else { tokens[at] };
        at += if both { 2 } else { 1 };
        kept += 1;
    }
    tokens.truncate(kept);
}

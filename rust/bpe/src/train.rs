//! Training: the most frequent pair of neighbours becomes a token, again and again.
//!
//! Merges, their order and the ids are those of HF tokenizers' `BpeTrainer` with the full byte alphabet, where its 32-bit
//! counts suffice; ours have 63 bits. Ties go to the smallest pair of ids.

use gamayun_text::{Monitor, Progress};
use std::collections::HashMap;

use crate::pairs::{Entry, Pairs};
use crate::tokenizer::Tokenizer;
use crate::vocabulary::Vocabulary;
use crate::words::{SEPARATOR, Words};
use crate::{Counts, Error, Result, Split, alphabet};

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
    pub split: Split,
    /// Special tokens, which get the first ids. The first of them that is a known name ends documents.
    pub special_tokens: Vec<String>,
    /// Pairs that occur less often are not merged. Weighted counts are compared.
    pub min_frequency: u64,
    /// Tokens have fewer bytes than this, as HF tokenizers reads it; pairs of single bytes are always allowed.
    pub max_token_length: Option<usize>,
    /// Weight per language, applied to its counts with 20 binary digits behind the point. Languages that are not named
    /// weigh 1.
    pub weights: Vec<(String, f64)>,
    /// Threads to use.
    pub threads: usize,
}

impl Default for TrainParams {
    fn default() -> Self {
        Self {
            vocab_size: 65_024,
            split: Split::default(),
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
    if counts.split != params.split {
        return Err(Error::SplitMismatch { counts: counts.split, asked: params.split });
    }
    let weights = Weights::new(counts, params)?;
    let table = counts.weighted(|language| weights.of(language));
    let min_count = params.min_frequency.max(1).saturating_mul(weights.one);
    let mut trainer = Trainer::new(params, i64::try_from(min_count).unwrap_or(i64::MAX));
    let words = Words::new(&table, &trainer.byte_ids())?;
    drop(table);
    let merges = trainer.run(words, monitor)?;
    Tokenizer::trained(trainer.vocabulary, &merges, params.split)
}

/// The weights of the languages as whole numbers.
struct Weights {
    one: u64,
    named: Vec<(String, u64)>,
}

impl Weights {
    fn new(counts: &Counts, params: &TrainParams) -> Result<Self> {
        if params.weights.is_empty() {
            return Ok(Self { one: 1, named: Vec::new() });
        }
        let one = 1_u64 << WEIGHT_BITS;
        let mut named = Vec::with_capacity(params.weights.len());
        for (language, weight) in &params.weights {
            if !counts.languages.contains_key(language) {
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

    fn run(&mut self, words: Words, monitor: &mut dyn Monitor) -> Result<Vec<Merge>> {
        let mut merger = Merger::new(words, self.longest);
        merger.count();
        let (mut merges, mut work) = (Vec::new(), WORK_AT_ONCE);
        while self.vocabulary.len() < self.vocab_size {
            let Some((entry, count)) = merger.pairs.pop() else { break };
            if count < self.min_count {
                break;
            }
            let pair = merger.pairs.pairs[entry.pair as usize];
            let bytes =
                [self.vocabulary.written(pair.left), self.vocabulary.written(pair.right)].concat();
            let (id, existed) = self.token(&bytes);
            merges.push((pair.left, pair.right, id));
            merger.merge(entry, id, existed, &self.lengths);
            work += entry.len as usize + (WORK_AT_ONCE >> 10);
            if work >= WORK_AT_ONCE {
                work = 0;
                monitor.advance(self.progress())?;
            }
        }
        Ok(merges)
    }

    fn progress(&self) -> Progress {
        let total = self.vocab_size as u64;
        Progress { done: (self.vocabulary.len() as u64).min(total), total, ..Progress::default() }
    }
}

/// The words, their pairs, and the tallies of one merge.
struct Merger {
    words: Words,
    pairs: Pairs,
    longest: usize,
    left: Tally,
    right: Tally,
}

impl Merger {
    fn new(words: Words, longest: usize) -> Self {
        Self {
            words,
            pairs: Pairs::new(),
            longest,
            left: Tally::default(),
            right: Tally::default(),
        }
    }

    /// Counts and queues the pairs of bytes.
    fn count(&mut self) {
        let mut all: HashMap<(u32, u32), (i64, Vec<u32>)> = HashMap::new();
        let mut weights = self.words.weights();
        for position in 1..self.words.len() {
            let (left, right) = (self.words.at(position - 1), self.words.at(position));
            if left == SEPARATOR || right == SEPARATOR {
                continue;
            }
            let at = narrow(position - 1);
            let (count, positions) = all.entry((left, right)).or_default();
            *count += signed(weights.at(&self.words, at));
            positions.push(at);
        }
        let mut sorted: Vec<_> = all.into_iter().collect();
        sorted.sort_unstable_by_key(|&(pair, _)| pair);
        for ((left, right), (count, positions)) in sorted {
            let pair = self.pairs.number(left, right);
            self.pairs.pairs[pair as usize].count = count;
            let start = self.pairs.postings.len();
            self.pairs.postings.extend_from_slice(&positions);
            self.pairs.push(Entry { pair, start, len: narrow(positions.len()) });
        }
    }

    /// Makes `id` of the pair at the positions of an entry, and queues the pairs that this makes.
    fn merge(&mut self, entry: Entry, id: u32, existed: bool, lengths: &[usize]) {
        let pair = self.pairs.pairs[entry.pair as usize];
        let range = entry.start..entry.start + entry.len as usize;
        let again = pair.queued > 1;
        let wide = if again { self.whole_words(range.clone(), lengths) } else { Vec::new() };
        let (left_len, len) = (lengths[pair.left as usize], lengths[id as usize]);
        let mut weights = self.words.weights();
        self.left.begin(lengths.len());
        self.right.begin(lengths.len());
        for n in 0..if again { wide.len() } else { range.len() } {
            let at = if again { wide[n] } else { self.pairs.postings[range.start + n] };
            let position = at as usize;
            if self.words.at(position) != pair.left
                || self.words.at(position + left_len) != pair.right
            {
                continue;
            }
            let weight = signed(weights.at(&self.words, at));
            let (before, after) = (self.words.at(position - 1), self.words.at(position + len));
            self.words.join(position, left_len, len, id);
            if before != SEPARATOR {
                self.left.add(before, weight, at - narrow(lengths[before as usize]));
            }
            if after != SEPARATOR {
                self.right.add(after, weight, at);
            }
        }
        self.settle(pair.left, pair.right, id, existed, lengths);
    }

    /// Brings the counts up to date, then queues the new pairs.
    fn settle(&mut self, left: u32, right: u32, id: u32, existed: bool, lengths: &[usize]) {
        let fits = |other: u32| lengths[other as usize] + lengths[id as usize] < self.longest;
        let mut new = Vec::new();
        for (before, amount) in self.left.sums().filter(|&(before, _)| fits(before)) {
            new.push((self.pairs.number(before, id), amount, true, before));
        }
        for (after, amount) in self.right.sums().filter(|&(after, _)| fits(after)) {
            new.push((self.pairs.number(id, after), amount, false, after));
        }
        for &(pair, amount, ..) in &new {
            self.pairs.pairs[pair as usize].count += amount;
        }
        // A new pair may be gone again already, as (aa, a) is in "aaaa": take away after all were added.
        for (before, amount) in self.left.sums() {
            self.pairs.subtract(before, left, amount);
        }
        for (after, amount) in self.right.sums() {
            self.pairs.subtract(right, after, amount);
        }
        self.left.group();
        self.right.group();
        if existed {
            // Only then can one pair be made from both sides.
            new.sort_by_key(|&(pair, ..)| pair);
        }
        let mut n = 0;
        while n < new.len() {
            let pair = new[n].0;
            let start = self.pairs.postings.len();
            let same = new[n..].iter().take_while(|other| other.0 == pair).count();
            for &(_, _, is_left, other) in &new[n..n + same] {
                let tally = if is_left { &self.left } else { &self.right };
                self.pairs.postings.extend_from_slice(tally.positions(other));
            }
            if same > 1 {
                self.pairs.postings[start..].sort_unstable();
            }
            n += same;
            let len = narrow(self.pairs.postings.len() - start);
            if self.pairs.pairs[pair as usize].count > 0 {
                self.pairs.push(Entry { pair, start, len });
            } else {
                self.pairs.postings.truncate(start);
            }
        }
    }

    /// All symbol positions of the words in which an entry has positions: HF tokenizers keeps words, not positions, and
    /// merges every occurrence in them. It makes a difference only for a pair that is queued more than once.
    fn whole_words(&self, range: std::ops::Range<usize>, lengths: &[usize]) -> Vec<u32> {
        let mut positions = Vec::new();
        let mut end = 0;
        for &at in &self.pairs.postings[range] {
            if (at as usize) < end {
                continue;
            }
            let word = self.words.word_around(at as usize);
            end = word.end;
            let mut position = word.start;
            while position < word.end {
                positions.push(narrow(position));
                position += lengths[self.words.at(position) as usize];
            }
        }
        positions
    }
}

/// What one merge changed on one side, by neighbour.
#[derive(Default)]
struct Tally {
    sums: Vec<i64>,
    counts: Vec<u32>,
    neighbours: Vec<u32>,
    found: Vec<(u32, u32)>,
    grouped: Vec<u32>,
    starts: Vec<u32>,
}

impl Tally {
    fn begin(&mut self, tokens: usize) {
        for &neighbour in &self.neighbours {
            self.sums[neighbour as usize] = 0;
            self.counts[neighbour as usize] = 0;
        }
        self.neighbours.clear();
        self.found.clear();
        if self.sums.len() < tokens {
            self.sums.resize(tokens * 2, 0);
            self.counts.resize(tokens * 2, 0);
            self.starts.resize(tokens * 2, 0);
        }
    }

    #[inline]
    fn add(&mut self, neighbour: u32, weight: i64, position: u32) {
        let n = neighbour as usize;
        if self.counts[n] == 0 {
            self.neighbours.push(neighbour);
        }
        self.counts[n] += 1;
        self.sums[n] += weight;
        self.found.push((neighbour, position));
    }

    /// Neighbours and sums, in the order in which they were met.
    fn sums(&self) -> impl Iterator<Item = (u32, i64)> {
        self.neighbours.iter().map(|&neighbour| (neighbour, self.sums[neighbour as usize]))
    }

    /// Sorts the positions by neighbour.
    fn group(&mut self) {
        let mut start = 0;
        for &neighbour in &self.neighbours {
            self.starts[neighbour as usize] = start;
            start += self.counts[neighbour as usize];
        }
        self.grouped.clear();
        self.grouped.resize(self.found.len(), 0);
        for &(neighbour, position) in &self.found {
            let slot = &mut self.starts[neighbour as usize];
            self.grouped[*slot as usize] = position;
            *slot += 1;
        }
    }

    /// The positions of a neighbour, after grouping.
    fn positions(&self, neighbour: u32) -> &[u32] {
        let end = self.starts[neighbour as usize] as usize;
        &self.grouped[end - self.counts[neighbour as usize] as usize..end]
    }
}

/// Positions fit 32 bits: the words were checked.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "Words::new refuses more than 32 bits of slots"
)]
fn narrow(position: usize) -> u32 {
    position as u32
}

/// Counts fit 63 bits: the words were checked.
#[inline]
#[expect(clippy::cast_possible_wrap, reason = "Words::new refuses sums of more than 63 bits")]
fn signed(count: u64) -> i64 {
    count as i64
}

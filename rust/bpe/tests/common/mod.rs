//! What the tests share: the slow, obvious twins of training and encoding, and the golden files.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part; clippy tells tests by their attribute"
)]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use gamayun_bpe::{Counts, EncodeScratch, Pattern, Tokenizer, TrainParams, train};
use serde_json::Value;

/// A merge as bytes.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// A golden file of `tests/golden/bpe`.
pub(crate) fn golden(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/bpe").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

pub(crate) fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

pub(crate) fn count(split: impl Into<Pattern>, texts: &[&str]) -> Counts {
    let mut counts = Counts::new(split);
    counts.add("xx", texts, &pool(1)).unwrap();
    counts
}

pub(crate) fn trained(texts: &[&str], params: &TrainParams) -> Tokenizer {
    train(&count(params.split.clone(), texts), params, &mut ()).unwrap()
}

pub(crate) fn encode(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    let mut ids = Vec::new();
    tokenizer.encode(text, &mut EncodeScratch::default(), &mut ids).unwrap();
    ids
}

/// GPT-2's alphabet as characters and bytes, written down anew.
pub(crate) fn alphabet() -> BTreeMap<char, u8> {
    let printable = |byte: &u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    let own = (0..=255).filter(printable).map(|byte| (char::from(byte), byte));
    let others = (0..=255).filter(|byte| !printable(byte)).zip(256..);
    own.chain(others.map(|(byte, code)| (char::from_u32(code).unwrap(), byte))).collect()
}

/// The merges of a golden list, `"a b"` each.
pub(crate) fn golden_merges(list: &Value) -> Vec<Pair> {
    let alphabet = alphabet();
    let bytes = |token: &str| token.chars().map(|char| alphabet[&char]).collect();
    let pairs = strings(list).into_iter().map(|merge| merge.split_once(' ').unwrap());
    pairs.map(|(left, right)| (bytes(left), bytes(right))).collect()
}

/// The ids that there are before the first merge, and how many.
pub(crate) fn slow_ids(params: &TrainParams) -> (HashMap<Vec<u8>, u32>, u32) {
    let mut ids: HashMap<Vec<u8>, u32> = HashMap::new();
    let alphabet = alphabet();
    let mut size = 0;
    for special in &params.special_tokens {
        let bytes: Option<Vec<u8>> =
            special.chars().map(|char| alphabet.get(&char).copied()).collect();
        ids.insert(bytes.unwrap_or_else(|| format!("special {special}").into_bytes()), size);
        size += 1;
    }
    for &byte in alphabet.values() {
        // A special token written as a byte is has the id of both.
        ids.entry(vec![byte]).or_insert_with(|| {
            size += 1;
            size - 1
        });
    }
    (ids, size)
}

/// Training by its definition: count all pairs, merge the best, start again.
pub(crate) fn slow_train(texts: &[&str], params: &TrainParams) -> Vec<Pair> {
    let (mut ids, mut size) = slow_ids(params);
    let mut words = slow_words(&params.split, texts);
    let mut merges = Vec::new();
    while size < params.vocab_size {
        let Some((pair, count)) = slow_best(&words, &ids, params) else { break };
        if count < params.min_frequency.max(1) {
            break;
        }
        let token = [pair.0.as_slice(), &pair.1].concat();
        ids.entry(token).or_insert_with(|| {
            size += 1;
            size - 1
        });
        for (word, _) in &mut words {
            slow_merge(word, &pair);
        }
        merges.push(pair);
    }
    merges
}

/// The pair that occurs most often, counted anew, and its count.
pub(crate) fn slow_best(
    words: &[(Vec<Vec<u8>>, u64)],
    ids: &HashMap<Vec<u8>, u32>,
    params: &TrainParams,
) -> Option<(Pair, u64)> {
    let mut pairs: HashMap<Pair, u64> = HashMap::new();
    for (word, count) in words {
        for two in word.windows(2) {
            *pairs.entry((two[0].clone(), two[1].clone())).or_default() += count;
        }
    }
    let longest = params.max_token_length.unwrap_or(usize::MAX);
    let allowed =
        |(left, right): &Pair| left.len() + right.len() < longest || left.len() + right.len() == 2;
    pairs
        .into_iter()
        .filter(|(pair, _)| allowed(pair))
        .max_by_key(|(pair, count)| (*count, std::cmp::Reverse((ids[&pair.0], ids[&pair.1]))))
}

pub(crate) fn slow_words(split: &Pattern, texts: &[&str]) -> Vec<(Vec<Vec<u8>>, u64)> {
    let mut words: BTreeMap<&str, u64> = BTreeMap::new();
    for text in texts {
        split.pretokens(text, |word| *words.entry(word).or_default() += 1).unwrap();
    }
    let symbols = |word: &str| word.bytes().map(|byte| vec![byte]).collect();
    words.into_iter().map(|(word, count)| (symbols(word), count)).collect()
}

pub(crate) fn slow_merge(word: &mut Vec<Vec<u8>>, pair: &Pair) {
    let mut at = 0;
    while at + 1 < word.len() {
        if word[at] == pair.0 && word[at + 1] == pair.1 {
            let right = word.remove(at + 1);
            word[at].extend(right);
        }
        at += 1;
    }
}

/// Encoding one pretoken by its definition: the best merge anywhere, again and again.
pub(crate) fn slow_pretoken(ranks: &HashMap<Pair, usize>, pretoken: &str) -> Vec<Vec<u8>> {
    let mut word: Vec<Vec<u8>> = pretoken.bytes().map(|byte| vec![byte]).collect();
    loop {
        let ranked = word.windows(2).enumerate();
        let ranked = ranked
            .filter_map(|(at, two)| Some((*ranks.get(&(two[0].clone(), two[1].clone()))?, at)));
        let Some((_, at)) = ranked.min() else { return word };
        let right = word.remove(at + 1);
        word[at].extend(right);
    }
}

/// The ranks of a tokenizer's merges.
pub(crate) fn ranks(tokenizer: &Tokenizer) -> HashMap<Pair, usize> {
    tokenizer.merges().enumerate().map(|(rank, pair)| (pair, rank)).collect()
}

/// Letters from which tests draw texts: many scripts, marks, digits, white space, what the patterns treat apart.
pub(crate) const LETTERS: &str = "aabbcdeAB '\u{17f}srtvemlDSL019٣½²Ⅷéńßǅαяж́̈न्िكَםあア語日本한\
\u{1112}\u{1161}ʰªº_-.,!?/…«»€🙂👍🏽\u{200d}\u{200b}\u{feff}\u{ad}\t\n\r\u{b}\u{85}\u{a0}\u{2028}\u{3000}\u{180e}\0\u{e000}\u{378}\u{10fffd}\u{1d4b3}";

/// Texts of up to `len` of those.
pub(crate) fn texts(len: usize) -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let letters: Vec<char> = LETTERS.chars().collect();
    let letter = prop_oneof![
        8 => proptest::sample::select(letters),
        1 => any::<char>(),
    ];
    proptest::collection::vec(letter, 0..len).prop_map(|letters| letters.into_iter().collect())
}

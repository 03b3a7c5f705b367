//! Known pretokens are looked up, and what is looked up is what encoding makes.

#![allow(
    clippy::unwrap_used,
    reason = "clippy tells tests by their attribute, and misses what they call"
)]

mod common;

use std::sync::Arc;

use common::{count, encode, pool, trained};
use gamayun_bpe::{Counts, EncodeScratch, Error, Segments, Split, Tokenizer, TrainParams};
use proptest::prelude::*;

fn texts() -> Vec<String> {
    let golden = common::golden("text.json");
    let texts = golden["texts"].as_object().unwrap().values();
    texts.map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn slices(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn tokenizer(split: Split) -> Tokenizer {
    let params = TrainParams { vocab_size: 900, split: split.into(), ..TrainParams::default() };
    trained(&slices(&texts()), &params)
}

fn encode_with(tokenizer: &Tokenizer, segments: &Arc<Segments>, text: &str) -> Vec<u32> {
    let mut ids = Vec::new();
    let mut scratch = EncodeScratch::with_segments(Arc::clone(segments));
    tokenizer.encode(text, &mut scratch, &mut ids).unwrap();
    ids
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn segments_change_no_token(known in common::texts(200), other in common::texts(200), long in "[a-e]{0,90}") {
        let tokenizer = tokenizer(Split::Gamayun);
        let counts = count(Split::Gamayun, &[known.as_str(), long.as_str()]);
        let segments = Arc::new(Segments::read(&tokenizer.segments(&counts).unwrap()).unwrap());
        prop_assert!(segments.are_of(&tokenizer));
        for text in [&known, &other, &long, &(known.clone() + &other)] {
            prop_assert_eq!(encode_with(&tokenizer, &segments, text), encode(&tokenizer, text));
        }
    }
}

#[test]
fn the_same_bytes_for_the_same_counts() {
    let (texts, tokenizer) = (texts(), tokenizer(Split::Gamayun));
    let one = tokenizer.segments(&count(Split::Gamayun, &slices(&texts))).unwrap();
    let mut many = Counts::new(Split::Gamayun);
    for (number, text) in texts.iter().rev().enumerate() {
        many.add(["de", "ru"][number % 2], &[text], &pool(2)).unwrap();
    }
    assert_eq!(tokenizer.segments(&many).unwrap(), one);
}

#[test]
fn batches_use_them_on_any_threads() {
    let (texts, tokenizer) = (texts(), tokenizer(Split::Gamayun));
    let many: Vec<&str> = (0..300).map(|n| texts[n % texts.len()].as_str()).collect();
    let plain = tokenizer.encode_batch(&many, 1).unwrap();
    let segments = tokenizer.segments(&count(Split::Gamayun, &slices(&texts))).unwrap();
    assert!(tokenizer.use_segments(Arc::new(Segments::read(&segments).unwrap())));
    for threads in [1, 2, 5] {
        assert_eq!(tokenizer.encode_batch(&many, threads).unwrap(), plain);
    }
}

#[test]
fn those_of_another_tokenizer_are_not_used() {
    let (texts, ours, other) = (texts(), tokenizer(Split::Gamayun), tokenizer(Split::Gpt2));
    let segments = other.segments(&count(Split::Gpt2, &slices(&texts))).unwrap();
    let segments = Arc::new(Segments::read(&segments).unwrap());
    assert!(!segments.are_of(&ours) && !ours.use_segments(Arc::clone(&segments)));
    for text in texts {
        assert_eq!(encode_with(&ours, &segments, &text), encode(&ours, &text));
    }
}

#[test]
fn counts_of_another_split_are_refused() {
    let error = tokenizer(Split::Gamayun).segments(&Counts::new(Split::Gpt2)).unwrap_err();
    assert!(matches!(error, Error::SplitMismatch { .. }), "{error}");
}

#[test]
fn every_change_of_a_file_is_told() {
    let tokenizer = tokenizer(Split::Gamayun);
    let whole = tokenizer.segments(&count(Split::Gamayun, &["one two three"])).unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert!(matches!(Segments::read(&changed), Err(Error::Segments(_))), "byte {at}");
        assert!(matches!(Segments::read(&whole[..at]), Err(Error::Segments(_))), "{at} bytes");
    }
}

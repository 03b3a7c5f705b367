//! Counts add up, are written and read back, and notice damage.

#![allow(
    clippy::unwrap_used,
    reason = "clippy tells tests by their attribute, and misses what they call"
)]

mod common;

use common::pool;
use gamayun_bpe::{Counts, Error, Split};
use proptest::prelude::*;

fn bytes(counts: &Counts) -> Vec<u8> {
    let mut file = Vec::new();
    counts.write(&mut file).unwrap();
    file
}

fn counted(language: &str, texts: &[String]) -> Counts {
    let mut counts = Counts::new(Split::Gamayun);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    counts.add(language, &texts, &pool(1)).unwrap();
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn parts_are_the_whole(texts in prop::collection::vec(common::texts(50), 0..40), cut in 0_usize..40) {
        let cut = cut.min(texts.len());
        let whole = counted("xx", &texts);
        let mut parts = counted("xx", &texts[..cut]);
        parts.merge(counted("xx", &texts[cut..])).unwrap();
        prop_assert_eq!(bytes(&parts), bytes(&whole));
        let read = Counts::read(&bytes(&whole)).unwrap();
        prop_assert_eq!(bytes(&read), bytes(&whole));
        prop_assert_eq!(read.unique(), whole.unique());
    }
}

#[test]
fn languages_are_apart() {
    let mut counts = counted("tr", &["bir iki bir".to_owned()]);
    counts.merge(counted("en", &["bir".to_owned(), "two".to_owned()])).unwrap();
    assert_eq!(counts.languages().collect::<Vec<_>>(), ["en", "tr"]);
    assert_eq!((counts.bytes("tr"), counts.bytes("en"), counts.bytes("de")), (11, 6, 0));
    assert_eq!((counts.documents("tr"), counts.documents("en")), (1, 2));
    // "bir", " iki", " bir", "two"
    assert_eq!(counts.unique(), 4);
}

#[test]
fn splits_must_agree() {
    let error = Counts::new(Split::Gpt2).merge(Counts::new(Split::O200k)).unwrap_err();
    assert!(
        matches!(&error, Error::SplitMismatch { counts, asked } if *counts == Split::O200k.into() && *asked == Split::Gpt2.into())
    );
}

#[test]
fn damage_is_noticed() {
    let good = bytes(&counted("xx", &["a long sentence of some words".to_owned()]));
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        assert!(Counts::read(&bad).is_err(), "byte {at}");
        assert!(Counts::read(&good[..at]).is_err(), "cut at {at}");
    }
}

/// Counted text becomes as many tokens as the text itself, however it was counted.
#[test]
fn tokens_of_counts_are_those_of_the_texts() {
    let golden = common::golden("text.json");
    let texts = golden["texts"].as_object().unwrap();
    let mut counts = Counts::new(Split::Gamayun);
    for (language, text) in texts {
        let lines: Vec<&str> = text.as_str().unwrap().split_inclusive("\n\n").collect();
        counts.add(language, &lines, &common::pool(3)).unwrap();
    }
    let params = gamayun_bpe::TrainParams { vocab_size: 1000, ..Default::default() };
    let tokenizer = gamayun_bpe::train(&counts, &params, &mut ()).unwrap();
    let rows = gamayun_bpe::evaluate_counts(&tokenizer, &counts, 2).unwrap();
    assert_eq!(rows.len(), texts.len());
    for row in rows {
        let lines = texts[&row.language].as_str().unwrap().split_inclusive("\n\n");
        let tokens: usize = lines.map(|line| common::encode(&tokenizer, line).len()).sum();
        assert_eq!(row.tokens, tokens as u64, "{}", row.language);
        assert_eq!(row.bytes, counts.bytes(&row.language));
    }
    let other = Counts::new(Split::Gpt2);
    let error = gamayun_bpe::evaluate_counts(&tokenizer, &other, 1).unwrap_err();
    assert!(error.to_string().contains("counts were made with split gpt2"));
}

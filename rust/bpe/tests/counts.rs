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

//! Counts add up, are written and read back, and notice damage.

#![allow(
    clippy::unwrap_used,
    reason = "clippy tells tests by their attribute, and misses what they call"
)]

mod common;

use common::pool;
use gamayun_bpe::{
    Counts, Error, Split, StoredCounts, TrainLimits, TrainParams, merge_counts, train_prefixes,
    train_stored,
};
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

/// Counts written in parts, as when memory is short, and added up again.
fn in_parts(parts: &[Counts]) -> Vec<u8> {
    let files: Vec<Vec<u8>> = parts.iter().map(bytes).collect();
    let mut merged = Vec::new();
    merge_counts(files.iter().map(Vec::as_slice).collect(), 0, &mut merged, &mut ()).unwrap();
    merged
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn files_add_up(texts in prop::collection::vec((0_usize..3, common::texts(40)), 0..30), parts in 1_usize..6) {
        let names = ["aa", "bb", "cc"];
        let mut whole = Counts::new(Split::Gamayun);
        let mut some: Vec<Counts> = (0..parts).map(|_| Counts::new(Split::Gamayun)).collect();
        for (n, (language, text)) in texts.iter().enumerate() {
            whole.add(names[*language], &[text.as_str()], &pool(1)).unwrap();
            some[n % parts].add(names[*language], &[text.as_str()], &pool(1)).unwrap();
        }
        prop_assert_eq!(in_parts(&some), bytes(&whole));
    }

    /// Training from a file, in as much memory as it says it needs, is training from the counts.
    #[test]
    fn a_file_is_trained_from(
        texts in prop::collection::vec((0_usize..3, common::texts(40)), 1..30),
        weight in prop::option::of(0_u8..4),
        least in 1_u64..3,
    ) {
        let names = ["aa", "bb", "cc"];
        let (mut whole, mut frequent) = (Counts::new(Split::Gamayun), Counts::new(Split::Gamayun));
        let mut seen = std::collections::BTreeMap::<&str, [u64; 3]>::new();
        for (language, text) in &texts {
            whole.add(names[*language], &[text.as_str()], &pool(1)).unwrap();
            Split::Gamayun.pretokens(text, |pretoken| seen.entry(pretoken).or_default()[*language] += 1);
        }
        let weights: Vec<(String, f64)> = weight
            .filter(|_| whole.languages().any(|name| name == "bb"))
            .map(|weight| ("bb".to_owned(), f64::from(weight)))
            .into_iter()
            .collect();
        let zero = weights.iter().any(|(_, weight)| *weight == 0.0);
        // As the texts say it: how often each pretoken is in the languages that count.
        let mut kept = 0;
        for (pretoken, counts) in &seen {
            let all = counts[0] + counts[2] + if zero { 0 } else { counts[1] };
            if all >= least {
                kept += 1;
                for (name, count) in names.iter().zip(counts) {
                    frequent.add_pretoken(name, pretoken, *count);
                }
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("counts.bin");
        std::fs::write(&path, bytes(&whole)).unwrap();
        let stored = StoredCounts::open(&path, &mut ()).unwrap();
        prop_assert_eq!(stored.unique(&mut ()).unwrap().0, whole.unique());
        let params = TrainParams { weights, min_frequency: 1, ..TrainParams::default() };
        let limits = TrainLimits { memory: 64 << 20, min_pretoken_count: least };
        let (made, trained) = train_stored(&stored, &params, limits, &[300, 270], &mut ()).unwrap();
        if weight != Some(0) {
            prop_assert_eq!((trained.pretokens, trained.left_out), (kept, seen.len() as u64 - kept));
        }
        let expected = train_prefixes(&frequent, &params, &[300, 270], &mut ());
        let Ok(expected) = expected else { return Ok(()) };
        for (a, b) in made.iter().zip(&expected) {
            prop_assert_eq!(a.to_json(), b.to_json());
        }
        let tight = TrainLimits { memory: 1 << 20, min_pretoken_count: least };
        let refused = train_stored(&stored, &params, tight, &[300], &mut ());
        let told = matches!(refused, Err(Error::TrainMemory { need, .. }) if need > 1 << 20);
        prop_assert!(told);
    }
}

#[test]
fn spilled_counts_begin_again() {
    let texts = ["one two three".to_owned(), "two three four".to_owned()];
    let mut counts = counted("xx", &texts[..1]);
    let mut first = Vec::new();
    counts.spill(&mut first).unwrap();
    assert_eq!((counts.unique(), counts.documents("xx")), (0, 0));
    counts.add("xx", &[texts[1].as_str()], &pool(2)).unwrap();
    let mut merged = Vec::new();
    let told =
        merge_counts(vec![first.as_slice(), bytes(&counts).as_slice()], 0, &mut merged, &mut ())
            .unwrap();
    assert_eq!(merged, bytes(&counted("xx", &texts)));
    assert_eq!((told[0].documents, told[0].bytes, told[0].pretokens), (2, 27, 5));
}

#[test]
fn files_of_two_splits_do_not_add_up() {
    let files = [Split::Gpt2, Split::O200k].map(|split| bytes(&Counts::new(split)));
    let error =
        merge_counts(files.iter().map(Vec::as_slice).collect(), 0, &mut Vec::new(), &mut ())
            .unwrap_err();
    assert!(matches!(error, Error::SplitMismatch { .. }));
}

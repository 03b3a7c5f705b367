//! Training equals its definition, whatever threads and order, and is right where 32 bits are not.

#![allow(
    clippy::unwrap_used,
    reason = "clippy tells tests by their attribute, and misses what they call"
)]

mod common;

use common::{count, pool, slow_train, trained};
use gamayun_bpe::{Counts, Error, Split, TrainParams, train, train_prefixes};
use gamayun_text::{Interrupted, Monitor, Progress};
use proptest::prelude::*;

fn params(vocab_size: u32) -> TrainParams {
    TrainParams { vocab_size, min_frequency: 0, ..TrainParams::default() }
}

fn merges(texts: &[&str], params: &TrainParams) -> Vec<common::Pair> {
    trained(texts, params).merges().collect()
}

fn pair(left: &str, right: &str) -> common::Pair {
    (left.as_bytes().to_vec(), right.as_bytes().to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn equals_the_definition(
        texts in prop::collection::vec("[ab]{0,40}|[abc ]{0,30}|[aé日本]{0,30}|a{0,50}", 0..12),
        more in 0_u32..120,
        min_frequency in 0_u64..4,
        max_token_length in prop::option::weighted(0.3, 0_usize..7),
        special in prop::sample::select(vec![&[][..], &["<|endoftext|>"], &["ab", "é", "日"], &["ĠaĠ", "aa"]]),
        threads in 1_usize..4,
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let special_tokens: Vec<String> = special.iter().map(ToString::to_string).collect();
        let params = TrainParams { min_frequency, max_token_length, special_tokens, threads, ..params(250 + more) };
        let slow = slow_train(&texts, &params);
        prop_assert_eq!(&merges(&texts, &params), &slow);
        // With high counts, rare pairs are left out of the queue until they are needed.
        let weights = vec![("xx".to_owned(), 5e5)];
        let high = TrainParams { weights, min_frequency: min_frequency * 500_000, ..params };
        prop_assert_eq!(&merges(&texts, &high), &slow);
    }

    #[test]
    fn smaller_sizes_are_trainings_of_their_own(
        texts in prop::collection::vec("[ab]{0,40}|[abc ]{0,30}|a{0,50}", 0..8),
        sizes in prop::collection::vec(200_u32..330, 0..6),
        special in prop::sample::select(vec![&[][..], &["<|endoftext|>"], &["ab", "é", "日"], &["aa", "abab"]]),
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let special_tokens: Vec<String> = special.iter().map(ToString::to_string).collect();
        let params = TrainParams { special_tokens, ..params(0) };
        let all = train_prefixes(&count(params.split.clone(), &texts), &params, &sizes, &mut ()).unwrap();
        prop_assert_eq!(all.len(), sizes.len());
        for (cut, &vocab_size) in all.iter().zip(&sizes) {
            let own = trained(&texts, &TrainParams { vocab_size, ..params.clone() });
            prop_assert_eq!(cut.to_json(), own.to_json());
        }
    }

    #[test]
    fn equals_the_definition_on_any_text(texts in prop::collection::vec(common::texts(40), 1..8)) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        for split in [Split::Gamayun, Split::Gpt2] {
            let params = TrainParams { split: split.into(), ..params(330) };
            prop_assert_eq!(merges(&texts, &params), slow_train(&texts, &params));
        }
    }
}

#[test]
fn nothing_to_learn() {
    for texts in [&[][..], &[""], &["a"], &["a b c"]] {
        let tokenizer = trained(texts, &TrainParams { min_frequency: 2, ..params(1000) });
        assert_eq!((tokenizer.vocab_size(), tokenizer.merges().count()), (257, 0));
    }
    let tokenizer = trained(&["abab"], &params(10));
    assert_eq!((tokenizer.vocab_size(), tokenizer.merges().count()), (257, 0));
}

#[test]
fn special_tokens_come_first_and_bytes_in_the_order_of_their_characters() {
    let special_tokens = ["<|endoftext|>", "<|pad|>"].map(str::to_owned).to_vec();
    let tokenizer = trained(&["abc abc"], &TrainParams { special_tokens, ..params(260) });
    assert_eq!((tokenizer.eos(), tokenizer.token_id("<|pad|>")), (Some(0), Some(1)));
    assert_eq!(tokenizer.token_bytes(2), Some(&b"!"[..]));
    assert_eq!(tokenizer.token_bytes(258), Some(&b"ab"[..]));
}

/// A pair above 2^31 and one above 2^32, which trainers with 32-bit counts do not learn.
#[test]
fn counts_beyond_32_bits() {
    let mut counts = Counts::new(Split::Gamayun);
    counts.add_pretoken("xx", &"ab".repeat(1000), 2_200_000);
    counts.add_pretoken("xx", "cd", 1 << 33);
    counts.add_pretoken("xx", "xy", 3);
    let tokenizer = train(&counts, &params(260), &mut ()).unwrap();
    let merges: Vec<_> = tokenizer.merges().collect();
    assert_eq!(merges, [pair("c", "d"), pair("a", "b"), pair("ab", "ab")]);
}

#[test]
fn counts_beyond_63_bits_are_refused() {
    let mut counts = Counts::new(Split::Gamayun);
    counts.add_pretoken("xx", "abcd", u64::MAX / 4);
    let error = train(&counts, &params(300), &mut ()).unwrap_err();
    assert!(matches!(error, Error::CountOverflow));
}

#[test]
fn weights_choose_between_languages() {
    let mut counts = Counts::new(Split::Gamayun);
    counts.add("aa", &["xy xy xy"], &pool(1)).unwrap();
    counts.add("bb", &["pq pq"], &pool(1)).unwrap();
    let first = |weights: &[(&str, f64)]| {
        let weights = weights.iter().map(|&(name, weight)| (name.to_owned(), weight)).collect();
        let tokenizer = train(&counts, &TrainParams { weights, ..params(258) }, &mut ())?;
        Ok::<_, Error>(tokenizer.merges().next().unwrap())
    };
    assert_eq!(first(&[]).unwrap(), pair("x", "y"));
    assert_eq!(first(&[("bb", 1.6)]).unwrap(), pair("p", "q"));
    assert_eq!(first(&[("aa", 0.5)]).unwrap(), pair("p", "q"));
    assert_eq!(first(&[("aa", 0.0)]).unwrap(), pair("p", "q"));
    let error = |weights| first(weights).unwrap_err().to_string();
    assert_eq!(error(&[("cc", 1.0)]), "weights: language \"cc\" has no counts");
    assert_eq!(error(&[("aa", -1.0)]), "weights: -1 is not valid: a number from 0 to 1,000,000");
    assert!(error(&[("aa", f64::NAN)]).contains("NaN is not valid"));
}

#[test]
fn the_same_for_any_threads_order_and_cut() {
    let golden = common::golden("text.json");
    let texts: Vec<&str> =
        golden["texts"].as_object().unwrap().values().map(|text| text.as_str().unwrap()).collect();
    let lines: Vec<&str> = texts.iter().flat_map(|text| text.split_inclusive("\n\n")).collect();
    let make = |threads: usize, backwards: bool, at_once: usize| {
        let mut lines = lines.clone();
        if backwards {
            lines.reverse();
        }
        let mut counts = Counts::new(Split::Gamayun);
        let pool = pool(threads);
        for part in lines.chunks(at_once) {
            counts.add("xx", part, &pool).unwrap();
        }
        let mut file = Vec::new();
        counts.write(&mut file).unwrap();
        (train(&counts, &TrainParams { threads, ..params(800) }, &mut ()).unwrap().to_json(), file)
    };
    let one = make(1, false, 1000);
    for (threads, backwards, at_once) in [(2, false, 40), (5, true, 1000), (3, true, 7)] {
        assert_eq!(make(threads, backwards, at_once), one);
    }
}

/// So many words that all threads merge in them, and so many tokens that rare pairs are searched for.
#[test]
fn many_words_for_any_threads() {
    let mut counts = Counts::new(Split::Gamayun);
    for n in 0_u64..30_000 {
        let word = format!(" ab{}bab{}", n % 1_009, n * n % 7_919);
        counts.add_pretoken("xx", &word, 1 + n % 7);
    }
    let make = |threads| {
        let params = TrainParams { threads, ..params(3_000) };
        train(&counts, &params, &mut ()).unwrap().to_json()
    };
    let one = make(1);
    assert_eq!(make(2), one);
    assert_eq!(make(5), one);
}

/// The largest vocabulary: ids of more than 16 bits, floors lowered to one, and the merges of a small one at its start.
#[test]
#[ignore = "takes half a minute; run it by name"]
fn a_million_tokens() {
    let mut counts = Counts::new(Split::Gamayun);
    let mut seed = 1_u64;
    for n in 0..150_000 {
        let letters = (0..26).map(|_| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            char::from(b'A' + u8::try_from(seed >> 33 & 31).unwrap())
        });
        counts.add_pretoken("xx", &letters.collect::<String>(), 1 + n % 5);
    }
    let make = |vocab_size| {
        let params = TrainParams { threads: 2, ..params(vocab_size) };
        let tokenizer = train(&counts, &params, &mut ()).unwrap();
        let tokens: std::collections::HashSet<_> = (0..tokenizer.vocab_size())
            .map(|id| tokenizer.token_bytes(id).unwrap().to_vec())
            .collect();
        (tokens.len(), tokenizer.merges().collect::<Vec<_>>())
    };
    let ((size, merges), (small, first)) = (make(1_000_000), make(2_000));
    assert_eq!((size, small), (1_000_000, 2_000));
    assert_eq!(merges[..first.len()], first);
}

#[test]
fn one_letter_a_million_times() {
    let mut counts = Counts::new(Split::Gamayun);
    counts.add("xx", &[&"a".repeat(1_000_000)], &pool(1)).unwrap();
    let tokenizer = train(&counts, &params(270), &mut ()).unwrap();
    let lengths: Vec<usize> =
        (257..270).map(|id| tokenizer.token_bytes(id).unwrap().len()).collect();
    assert_eq!(lengths, (1..14).map(|n| 1 << n).collect::<Vec<_>>());
}

#[test]
fn splits_must_agree() {
    let error = train(&count(Split::Gpt2, &["a"]), &params(300), &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "counts were made with split gpt2, but gamayun was asked for");
}

struct Stop;

impl Monitor for Stop {
    fn advance(&mut self, progress: Progress) -> Result<(), Interrupted> {
        assert_eq!((progress.done, progress.total), (258, 300));
        Err(Interrupted)
    }
}

#[test]
fn the_monitor_stops_it() {
    let error = train(&count(Split::Gamayun, &["ab ab"]), &params(300), &mut Stop).unwrap_err();
    assert!(matches!(error, Error::Interrupted));
}

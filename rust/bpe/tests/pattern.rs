//! A regex of one's own cuts, counts, trains, and stays with the tokenizer.

#![allow(
    clippy::unwrap_used,
    reason = "clippy tells tests by their attribute, and misses what they call"
)]

mod common;

use common::{count, encode, slow_train, trained};
use gamayun_bpe::{Counts, Error, Pattern, Split, Tokenizer, TrainParams, train};
use proptest::prelude::*;

fn pretokens<'t>(pattern: &Pattern, text: &'t str) -> Vec<&'t str> {
    let mut pretokens = Vec::new();
    pattern.pretokens(text, |pretoken| pretokens.push(pretoken)).unwrap();
    pretokens
}

#[test]
fn what_lies_between_matches_is_a_pretoken() {
    let pattern: Pattern = r"regex:\d+".parse().unwrap();
    assert_eq!(pretokens(&pattern, "ab 12c3"), ["ab ", "12", "c", "3"]);
    assert_eq!(pretokens(&pattern, ""), Vec::<&str>::new());
    // A match may be empty: it only cuts.
    let pattern = Pattern::regex(r"(?=(\d{3})+(?!\d))").unwrap();
    assert_eq!(pretokens(&pattern, "x1234567"), ["x1", "234", "567"]);
    // ^ and $ are the ends of lines, as in Oniguruma.
    assert_eq!(pretokens(&Pattern::regex("^a").unwrap(), "aa\na"), ["a", "a\n", "a"]);
}

#[test]
fn names_are_read_and_shown() {
    let steps = r#"regexes:[["\\d",false],["\\w+",true]]"#;
    for name in ["gamayun", r"regex:\s+|\S+", steps] {
        let pattern: Pattern = name.parse().unwrap();
        assert_eq!((pattern.to_string().as_str(), pattern.name()), (name, name));
    }
    assert_eq!(pretokens(&steps.parse().unwrap(), "ab1 c"), ["ab", "1", "c"]);
    let known = Pattern::regex(Split::Cl100k.regex()).unwrap();
    assert_eq!((known.split(), known), (Some(Split::Cl100k), Pattern::Known(Split::Cl100k)));
    let error = "regex:(".parse::<Pattern>().unwrap_err().to_string();
    assert!(error.starts_with("split: regex \"(\": "), "{error}");
    let error = "gpt3".parse::<Pattern>().unwrap_err().to_string();
    assert!(error.ends_with("nor regex:REGEX"), "{error}");
}

/// The engine keeps what it may have to go back to; when that is too much it says so, and nothing is cut wrongly.
#[test]
fn a_text_that_is_too_much_for_the_engine_is_refused() {
    let pattern = Pattern::regex(r"(?:a|b)+(?!c)").unwrap();
    let text = format!("b-{}", "ab".repeat(2_000_000));
    let error = pattern.pretokens(&text, |_| ()).unwrap_err();
    assert!(matches!(error, Error::SplitEngine { byte: 1, .. }), "{error}");
    let mut counts = Counts::new(pattern);
    assert!(counts.add("xx", &[&text], &common::pool(1)).is_err());
}

#[test]
fn counts_and_tokenizers_keep_the_pattern() {
    let pattern: Pattern = r"regex:\S{1,4}|\s".parse().unwrap();
    let counts = count(pattern.clone(), &["some words, some words"]);
    let mut file = Vec::new();
    counts.write(&mut file).unwrap();
    assert_eq!(Counts::read(&file).unwrap().split(), &pattern);
    let params = TrainParams { vocab_size: 262, split: pattern.clone(), ..TrainParams::default() };
    let made = train(&counts, &params, &mut ()).unwrap();
    let read = Tokenizer::from_json(made.to_json().as_bytes()).unwrap();
    assert_eq!((made.pattern(), read.pattern()), (&pattern, &pattern));
    assert_eq!(encode(&made, "some words"), encode(&read, "some words"));
    assert_eq!(read.to_json(), made.to_json());
    let error = train(&counts, &TrainParams::default(), &mut ()).unwrap_err().to_string();
    assert!(error.contains(r"made with split regex:\S{1,4}|\s, but gamayun"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn training_equals_the_definition(texts in proptest::collection::vec(common::texts(60), 1..6)) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        // A known pattern in other words, and one that leaves gaps.
        for regex in [format!("(?:{})", Split::O200k.regex()), r"[a-z]+|\p{Han}".to_owned()] {
            let split = Pattern::regex(&regex).unwrap();
            let params = TrainParams { vocab_size: 300, split, ..TrainParams::default() };
            let made: Vec<_> = trained(&texts, &params).merges().collect();
            prop_assert_eq!(made, slow_train(&texts, &params));
        }
    }
}

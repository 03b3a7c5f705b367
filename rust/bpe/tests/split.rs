//! Each scanner equals its regex.

#![allow(
    clippy::unwrap_used,
    reason = "clippy tells tests by their attribute, and misses what they call"
)]

mod common;

use std::sync::LazyLock;

use fancy_regex::Regex;
use gamayun_bpe::Split;
use proptest::prelude::*;

/// Each pattern by its own regex, then by the other spellings of it.
static ENGINES: LazyLock<Vec<(Split, Regex)>> = LazyLock::new(|| {
    let own = Split::ALL.into_iter().map(|split| (split.regex(), split));
    let engine = |(regex, split)| (split, Regex::new(regex).unwrap());
    own.chain(Split::spellings()).map(engine).collect()
});

fn scanned(split: Split, text: &str) -> Vec<&str> {
    let mut pretokens = Vec::new();
    split.pretokens(text, |pretoken| pretokens.push(pretoken));
    pretokens
}

fn matched<'t>(regex: &Regex, text: &'t str) -> Vec<&'t str> {
    regex.find_iter(text).map(|found| found.unwrap().as_str()).collect()
}

#[test]
fn names_are_read_and_shown() {
    for (split, name) in Split::ALL.into_iter().zip(Split::NAMES) {
        assert_eq!((split.to_string().as_str(), name.parse::<Split>().unwrap()), (name, split));
        assert_eq!(Split::from_regex(split.regex()), Some(split));
    }
    let error = "gtp2".parse::<Split>().unwrap_err().to_string();
    assert!(error.starts_with("split \"gtp2\" is not one of gamayun, gpt2"), "{error}");
    for (spelling, split) in Split::spellings() {
        assert_eq!(Split::from_regex(spelling), Some(split));
    }
}

/// Every code point alone, behind a space, between letters, before capitals and marks, behind digits.
#[test]
fn every_code_point() {
    for &(split, ref regex) in ENGINES.iter() {
        // Of the planes without characters, and of those for private use, some are enough.
        let told = |code: &u32| {
            *code < 0x4_0000 || (0xE_0000..0xE_1000).contains(code) || code.is_multiple_of(101)
        };
        let all: Vec<char> = (0..=0x10_FFFF).filter(told).filter_map(char::from_u32).collect();
        for some in all.chunks(97) {
            let alone = some.iter().collect::<String>();
            let spaced =
                some.iter().fold(String::new(), |text, char| text + " " + &char.to_string());
            let inside =
                some.iter().fold(String::new(), |text, c| format!("{text}a{c}B1{c}\u{301}'{c}s "));
            for text in [alone, spaced, inside] {
                assert_eq!(scanned(split, &text), matched(regex, &text), "{split}");
            }
        }
    }
}

#[test]
fn what_the_default_is_for() {
    assert_eq!(scanned(Split::Gamayun, "Ankara'da"), ["Ankara", "'da"]);
    assert_eq!(scanned(Split::O200k, "Ankara'da"), ["Ankara'd", "a"]);
    assert_eq!(scanned(Split::Cl100k, "Ankara'da"), ["Ankara", "'d", "a"]);
    assert_eq!(scanned(Split::Gamayun, "مُحَمَّد हिन्दी"), ["مُحَمَّد", " हिन्दी"]);
    assert_eq!(scanned(Split::Gamayun, "12345 camelCase"), ["123", "45", " camel", "Case"]);
    assert_eq!(scanned(Split::Gamayun, ""), Vec::<&str>::new());
}

#[test]
fn digits_are_cut_as_asked() {
    let cases = [
        (Split::Gamayun, vec!["a", "123", "456", "7", " ", "123", "45"]),
        (Split::Tekken, vec!["a", "1", "2", "3", "4", "5", "6", "7", " ", "1", "2", "3", "4", "5"]),
        (Split::GamayunRight, vec!["a", "1", "234", "567", " ", "12", "345"]),
        (Split::O200kRun, vec!["a", "1234567", " ", "12345"]),
        (Split::Gpt2, vec!["a", "1234567", " 12345"]),
        (Split::Gpt2Right, vec!["a", "1", "234", "567", " 12", "345"]),
        (Split::Gpt2Threes, vec!["a", "123", "456", "7", " 123", "45"]),
    ];
    for (split, pretokens) in cases {
        assert_eq!(scanned(split, "a1234567 12345"), pretokens, "{split}");
    }
}

/// A million digits; anything quadratic takes hours.
#[test]
fn long_numbers_are_linear() {
    let text = "1".repeat(1_000_000);
    for split in Split::ALL {
        assert!(!scanned(split, &text).is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn random_text(text in common::texts(60), number in "[0-9\u{663}½ ]{0,30}") {
        let text = text + &number;
        for (split, regex) in ENGINES.iter() {
            let pretokens = scanned(*split, &text);
            prop_assert_eq!(pretokens.concat(), text.as_str());
            prop_assert_eq!(pretokens, matched(regex, &text));
        }
    }
}

//! The segmenters: the golden cases, and what holds for any text.

use std::fs;
use std::path::Path;

use gamayun_quality::Segmenter;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    language: String,
    text: String,
    words: Vec<String>,
}

fn words<'t>(language: &str, text: &'t str) -> Vec<&'t str> {
    let mut words = vec!["left over"];
    Segmenter::for_language(language).segment(text, &mut words);
    words
}

#[test]
fn golden_cases() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/rule_words.toml");
    let cases: Cases = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    for case in cases.case {
        assert_eq!(words(&case.language, &case.text), case.words, "{}", case.name);
    }
}

/// What `str.strip` of Python takes away.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// No character is lost or made; Korean counts contracted syllables twice, so it is left out.
fn assert_words_are_the_text(language: &str, text: &str) {
    let words = words(language, text);
    assert!(words.iter().all(|word| !word.is_empty() && !word.contains(is_space)));
    let joined: String = words.concat();
    let expected: String = text.chars().filter(|&c| !is_space(c)).collect();
    assert_eq!(joined, expected, "{language}: {text:?}");
}

const LANGUAGES: [&str; 12] =
    ["en", "ru", "de", "fr", "it", "es", "pt", "zh", "ja", "ar", "th", "xx"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_text_is_its_words(text in any::<String>()) {
        for language in LANGUAGES {
            assert_words_are_the_text(language, &text);
        }
        words("ko", &text);
    }

    #[test]
    fn crowded_text_is_its_words(
        text in "([a-zA-Zéя0-9]{1,3}|[.,:;'’\"()/@#$%&*+<=>?^_~…—–-]{1,3}|[今天をはがカ]{1,3}|[합니다을는]{1,3}|n't|'s| |\n|ไทย|\u{301}|❤️){0,24}",
    ) {
        for language in LANGUAGES {
            assert_words_are_the_text(language, &text);
        }
        words("ko", &text);
    }
}

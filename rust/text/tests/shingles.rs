//! Words and shingles against golden cases and against a slow, obvious twin.
#![expect(clippy::unwrap_used, reason = "a test")]

use gamayun_text::shingle::{ShingleScratch, shingles};
use gamayun_text::words::words;
use proptest::prelude::*;
use regex_automata::meta::Regex;

const WORD: &str = r"[\p{L}\p{Nl}\p{M}\p{Nd}]";

fn single() -> String {
    let shared = r"\p{scx:Han}\p{scx:Hiragana}\p{scx:Katakana}";
    format!(
        r"[{WORD}&&[{shared}\p{{scx:Thai}}\p{{scx:Lao}}\p{{scx:Khmer}}\p{{scx:Myanmar}}]&&[^\x{{0}}-\x{{DFF}}]]"
    )
}

/// The rule of one tenth, with the characters counted one by one.
fn slow_by_characters(text: &str) -> bool {
    let count = |pattern: &str| Regex::new(pattern).unwrap().find_iter(text).count();
    let singles = count(&single());
    singles > 0 && singles * 10 >= count(WORD)
}

/// The definition as regular expressions over the text.
fn slow_words(text: &str) -> Vec<String> {
    if slow_by_characters(text) {
        let regex = Regex::new(WORD).unwrap();
        return regex.find_iter(text).map(|found| text[found.range()].to_lowercase()).collect();
    }
    let single = single();
    let lower = text.to_lowercase();
    let regex = Regex::new(&format!(r"{single}|[{WORD}--{single}]+")).unwrap();
    regex.find_iter(&lower).map(|found| lower[found.range()].to_owned()).collect()
}

fn fast(text: &str, n: usize) -> Vec<u64> {
    let (mut scratch, mut out) = (ShingleScratch::default(), vec![1]);
    shingles(text, n, &mut scratch, &mut out);
    out
}

#[derive(serde::Deserialize)]
struct Golden {
    case: Vec<Case>,
}

#[derive(Debug, Default, PartialEq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    #[default]
    Words,
    Characters,
}

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    text: String,
    #[serde(default)]
    by: By,
    words: Vec<String>,
    hashes: Option<Vec<String>>,
}

#[test]
fn golden_cases() {
    let golden: Golden =
        toml::from_str(include_str!("../../../tests/golden/shingles.toml")).unwrap();
    for case in golden.case {
        assert_eq!(words(&case.text), case.words, "{}", case.name);
        assert_eq!(slow_words(&case.text), case.words, "{} (twin)", case.name);
        let by = if slow_by_characters(&case.text) { By::Characters } else { By::Words };
        assert_eq!(by, case.by, "{}", case.name);
        let hashes = fast(&case.text, 5);
        assert_eq!(hashes.len(), case.words.len().saturating_sub(4).max(case.words.len().min(1)));
        if let Some(expected) = case.hashes {
            let hashes: Vec<String> = hashes.iter().map(|h| format!("{h:016x}")).collect();
            assert_eq!(hashes, expected, "{}", case.name);
        }
    }
}

#[test]
fn order_and_number_of_words_matter() {
    assert_ne!(fast("a b c d e", 5), fast("b a c d e", 5));
    assert_ne!(fast("a b", 5), fast("b a", 5));
    assert_ne!(fast("a", 5), fast("a a", 5));
    assert_eq!(fast("a b c", 0), fast("a b c", 1));
    assert_eq!(fast("A, b!", 2), fast("a B", 5));
}

/// Text that changes script, case and class often.
fn mixed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-zA-Z0-9]{1,20}",
        2 => "[ \\n.,_-]{1,3}",
        1 => "[A-Z]{60,70}",
        2 => "[éßÀÖšİıǅ]{1,3}",
        2 => "[а-яА-Я]{1,12}",
        2 => "[\u{4e00}-\u{4e20}\u{3041}-\u{30ff}\u{0e01}-\u{0e4f}]{1,5}",
        1 => "[\u{ac00}-\u{ac20}\u{0620}-\u{0660}\u{300}-\u{30f}]{1,5}",
        1 => "[Σσςα]{1,3}",
        1 => "\\PC{0,4}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_text_by_characters_is_the_same_however_it_is_punctuated(
        words in prop::collection::vec("[一-龥ぁ-ん]{2}[a-z]{0,9}", 1..30),
        stops in prop::collection::vec(prop::sample::select(vec!["", " ", "。", "._", "\n"]), 30),
    ) {
        let punctuated: String = words.iter().zip(stops).flat_map(|(word, stop)| [word, stop]).collect();
        prop_assert_eq!(fast(&words.concat(), 5), fast(&punctuated, 5));
    }

    #[test]
    fn words_equal_their_slow_twin(text in mixed()) {
        prop_assert_eq!(words(&text), slow_words(&text));
    }

    #[test]
    fn shingles_depend_on_the_words_only(text in mixed(), n in 1usize..8) {
        let plain = slow_words(&text);
        let out = fast(&text, n);
        // A word of several code points would be several words if it were a text by characters.
        if !slow_by_characters(&text) || plain.iter().all(|word| word.chars().count() == 1) {
            prop_assert_eq!(&out, &fast(&plain.join(" "), n));
            prop_assert_eq!(&out, &fast(&format!(" {}--", plain.join("! \u{a0}")), n));
        }
        prop_assert_eq!(out.len(), plain.len().min(plain.len().saturating_sub(n - 1).max(1)));
        let n = n.min(plain.len().max(1));
        let distinct = |a: &[String], b: &[String]| a != b;
        for (i, a) in plain.windows(n).enumerate() {
            for (j, b) in plain.windows(n).enumerate() {
                prop_assert_eq!(out[i] != out[j], distinct(a, b));
            }
        }
    }
}

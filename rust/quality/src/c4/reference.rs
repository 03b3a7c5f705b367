//! The slow, obvious twin of `lines`: `C4QualityFilter.filter` of `datatrove`, line by line, in strings.

use proptest::prelude::*;

use super::lines::{LinesParams, Stop, lines};
use super::{apply, citations};
use crate::chars::{is_decimal, is_line_end, is_space, strip};

/// `re.sub(r"\[\d*]|\[edit]|\[citation needed]", "", line)`, tried at every character.
fn without_citations(line: &str) -> String {
    let (mut left, mut rest) = (String::new(), line);
    while let Some(c) = rest.chars().next() {
        let tail = rest.strip_prefix('[').and_then(|rest| {
            let number = rest.trim_start_matches(is_decimal).strip_prefix(']');
            let edit = rest.strip_prefix("edit]");
            number.or(edit).or(rest.strip_prefix("citation needed]"))
        });
        rest = tail.unwrap_or_else(|| {
            left.push(c);
            &rest[c.len_utf8()..]
        });
    }
    left
}

fn split_lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    let mut lines: Vec<String> = text.split(is_line_end).map(String::from).collect();
    if lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// The text that is left and its sentences, or why the document is dropped.
fn slow(text: &str, params: &LinesParams) -> Result<(String, u64), Stop> {
    let policies = [
        "terms of use",
        "privacy policy",
        "cookie policy",
        "uses cookies",
        "use of cookies",
        "use cookies",
    ];
    let (mut kept, mut sentences) = (Vec::new(), 0);
    for line in split_lines(text) {
        let line = strip(&line).to_owned();
        let words: Vec<&str> = line.split(is_space).filter(|word| !word.is_empty()).collect();
        let long = |word: &&str| word.chars().count() as u64 > params.max_word_length;
        if params.max_word_length > 0 && words.iter().any(long) {
            continue;
        }
        let words = words.len() as u64;
        let line = if params.remove_citations { without_citations(&line) } else { line };
        let ends = [".", "?", "!", "\"", "'"].iter().any(|end| line.ends_with(end));
        if params.terminal_punctuation && (!ends || line.ends_with("...")) {
            continue;
        }
        if words < params.min_words {
            continue;
        }
        let lower = line.to_lowercase();
        if params.lorem_ipsum && lower.contains("lorem ipsum") {
            return Err(Stop::LoremIpsum);
        }
        if params.javascript && lower.contains("javascript") {
            continue;
        }
        if params.curly_bracket && line.contains('{') {
            return Err(Stop::CurlyBracket);
        }
        if params.policy && policies.iter().any(|policy| lower.contains(policy)) {
            continue;
        }
        sentences += sentences_of(&line);
        kept.push(line);
    }
    Ok((strip(&kept.join("\n")).to_owned(), sentences))
}

/// Any way to count will do.
fn sentences_of(line: &str) -> u64 {
    (line.matches(['.', '!', '?']).count() as u64).max(1)
}

fn assert_same(text: &str, params: &LinesParams) {
    let fast = lines(text, params, |line| sentences_of(&line.text));
    match (slow(text, params), fast.stop) {
        (Err(slow), Some(fast)) => assert_eq!(slow, fast, "{text:?}"),
        (Ok((left, sentences)), None) => {
            assert_eq!(apply(text, &fast.edits), left, "{text:?} {:?}", fast.edits);
            assert_eq!(fast.sentences, sentences, "{text:?}");
            let useful = |e: &super::Edit| e.start <= e.end && &text[e.start..e.end] != e.with;
            assert!(fast.edits.iter().all(useful));
            assert!(fast.edits.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
        (slow, fast) => panic!("{slow:?} {fast:?} {text:?}"),
    }
}

/// Settings from the bits of a number.
fn params(bits: u16) -> LinesParams {
    let on = |bit: u16| bits >> bit & 1 == 1;
    LinesParams {
        terminal_punctuation: on(0),
        remove_citations: on(1),
        min_words: u64::from(bits >> 2 & 3),
        max_word_length: if on(4) { 12 } else { 0 },
        lorem_ipsum: on(5),
        javascript: on(6),
        curly_bracket: on(7),
        policy: on(8),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn lines_are_their_slow_twin(
        pieces in prop::collection::vec(
            "the|cat|sat\\.|on a mat|\\[12\\]|\\[\\]|\\[edit\\]|\\[citation needed\\]|\\[x\\]|\\[٣\\]|Lorem Ipsum|JavaScript|\\{|\
             Terms of Use|use coo\u{212a}ies|incomprehensibilities|\\.\\.\\.|!|\"|я|\u{a0}|\u{1f}", 0..40),
        ends in prop::collection::vec("\n|\n\n|\r\n|\u{85}|\u{2028}|\u{1c}| | | | ||", 40),
        bits in any::<u16>(),
    ) {
        let text: String = pieces.iter().zip(&ends).flat_map(|(a, b)| [a.as_str(), b]).collect();
        assert_same(&text, &params(bits));
        assert_same(&text, &LinesParams::default());
        assert_same(&text, &LinesParams { terminal_punctuation: false, ..LinesParams::default() });
    }

    #[test]
    fn any_text_at_all(text in any::<String>(), bits in any::<u16>()) {
        assert_same(&text, &params(bits));
    }
}

#[test]
fn citations_are_found_from_the_left() {
    let found = |line| citations::find(line).map(|range| &line[range]).collect::<Vec<_>>();
    assert_eq!(
        found("a[1][]b[edit] [[2]] [3 ] [citation needed]["),
        ["[1]", "[]", "[edit]", "[2]", "[citation needed]"]
    );
}

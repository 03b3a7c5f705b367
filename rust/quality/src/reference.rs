//! The slow, obvious twin of `measure`: the specification in strings, sets and maps.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use crate::chars::{is_alpha, is_line_end, is_punctuation, is_space, is_terminal, strip};
use crate::measurement::{MEASUREMENTS, Measured, Metric, ratio};
use crate::rules::{Group, catalogue};
use crate::{Profile, Scratch, Segmenter, c4, measure, measure_in_order};

fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

/// (elements that occurred before, their code points)
fn duplicates<T: AsRef<str>>(elements: &[T]) -> (u64, u64) {
    let mut seen = HashSet::new();
    let again: Vec<&str> =
        elements.iter().map(AsRef::as_ref).filter(|&e| !seen.insert(e)).collect();
    (again.len() as u64, again.iter().map(|e| length(e)).sum())
}

/// `text` split at maximal runs of at least `least` line feeds.
fn split_at_feeds(text: &str, least: usize) -> Vec<String> {
    let (mut pieces, mut piece, mut feeds) = (Vec::new(), String::new(), 0);
    for c in text.chars().chain(['\0']) {
        if c == '\n' {
            feeds += 1;
            continue;
        }
        if feeds >= least {
            pieces.push(std::mem::take(&mut piece));
        } else {
            piece.push_str(&"\n".repeat(feeds));
        }
        feeds = 0;
        piece.push(c);
    }
    piece.pop();
    pieces.push(piece);
    pieces
}

fn top(words: &[&str], n: usize) -> Option<u64> {
    let grams: Vec<String> = words.windows(n).map(|gram| gram.join(" ")).collect();
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for gram in &grams {
        *counts.entry(gram).or_default() += 1;
    }
    let most = *counts.values().max()?;
    grams.iter().find(|gram| counts[gram.as_str()] == most).map(|gram| length(gram) * most)
}

fn duplicated(words: &[&str], n: usize) -> u64 {
    let (mut seen, mut chars, mut i) = (HashSet::new(), 0, 0);
    while i + n <= words.len() {
        let gram = words[i..i + n].concat();
        if seen.contains(&gram) {
            chars += length(&gram);
            i += n;
        } else {
            seen.insert(gram);
            i += 1;
        }
    }
    chars
}

fn split_lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    let mut lines: Vec<String> = text.split(is_line_end).map(String::from).collect();
    if lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn slow(text: &str, words: &[&str], profile: &Profile) -> Measured {
    let mut measured = Measured::undefined();
    let mut put = |metric, part, whole| measured.set(metric, ratio(part, whole));
    put(Metric::Characters, length(text), 1);
    put(Metric::Words, words.len() as u64, 1);
    repetition(text, words, &mut put);
    fineweb(text, words, profile, &mut put);
    quality(text, words, profile, &mut put);
    measured
}

type Put<'p> = &'p mut dyn FnMut(Metric, u64, u64);

fn repetition(text: &str, words: &[&str], put: Put<'_>) {
    let characters = length(text);
    let paragraphs = split_at_feeds(strip(text), 2);
    let (again, chars) = duplicates(&paragraphs);
    put(Metric::DupParaFrac, again, paragraphs.len() as u64);
    put(Metric::DupParaCharFrac, chars, characters);
    let lines = split_at_feeds(text, 1);
    let (again, chars) = duplicates(&lines);
    put(Metric::DupLineFrac, again, lines.len() as u64);
    put(Metric::DupLineCharFrac, chars, characters);
    for (n, metric) in (2..).zip([Metric::Top2Gram, Metric::Top3Gram, Metric::Top4Gram]) {
        if let Some(chars) = top(words, n) {
            put(metric, chars, characters);
        }
    }
    let first = [Metric::Dup5Gram, Metric::Dup6Gram, Metric::Dup7Gram];
    let last = [Metric::Dup8Gram, Metric::Dup9Gram, Metric::Dup10Gram];
    for (n, metric) in (5..).zip(first.into_iter().chain(last)) {
        put(metric, duplicated(words, n), characters);
    }
}

fn fineweb(text: &str, words: &[&str], profile: &Profile, put: Put<'_>) {
    let filled: Vec<&str> = text.split('\n').filter(|line| !strip(line).is_empty()).collect();
    let lines = filled.len() as u64;
    let count =
        |keep: &dyn Fn(&str) -> bool| filled.iter().filter(|line| keep(line)).count() as u64;
    let feeds = text.chars().filter(|&c| c == '\n').count() as u64;
    put(Metric::Lines, lines, 1);
    put(Metric::LinePunct, count(&|line| line.ends_with(is_terminal)), lines);
    put(Metric::ShortLine, count(&|line| length(line) <= profile.short_line_length()), lines);
    put(Metric::CharDup, duplicates(&filled).1, length(text) - feeds);
    put(Metric::NewLine, feeds, words.len() as u64);
}

fn quality(text: &str, words: &[&str], profile: &Profile, put: Put<'_>) {
    let all = words.len() as u64;
    let plain: Vec<&&str> =
        words.iter().filter(|word| word.chars().any(|c| !is_punctuation(c))).collect();
    put(Metric::PlainWords, plain.len() as u64, 1);
    put(Metric::WordLength, plain.iter().map(|word| length(word)).sum(), plain.len() as u64);
    let signs = text.matches("...").count() + text.matches('…').count();
    put(Metric::Hashes, text.matches('#').count() as u64, all);
    put(Metric::Ellipses, signs as u64, all);
    let lines = split_lines(text);
    let count = |keep: &dyn Fn(&str) -> bool| lines.iter().filter(|line| keep(line)).count() as u64;
    let bullet = |line: &str| line.trim_start_matches(is_space).starts_with(['•', '-']);
    let ellipsis = |line: &str| {
        let line = line.trim_end_matches(is_space);
        line.ends_with("...") || line.ends_with('…')
    };
    put(Metric::BulletLines, count(&bullet), lines.len() as u64);
    put(Metric::EllipsisLines, count(&ellipsis), lines.len() as u64);
    put(Metric::AlphaWords, words.iter().filter(|w| w.chars().any(is_alpha)).count() as u64, all);
    let present: HashSet<&str> = words.iter().copied().collect();
    let stop = profile.stop_words().iter().filter(|word| present.contains(word.as_str()));
    put(Metric::StopWords, stop.count() as u64, 1);
}

/// Equal to the bit, NaN equal to NaN.
fn assert_same(text: &str, words: &[&str], profile: &Profile, scratch: &mut Scratch) {
    let (fast, slow) = (measure(text, words, profile, scratch), slow(text, words, profile));
    for (i, measurement) in MEASUREMENTS.iter().enumerate() {
        let (a, b) = (fast.values[i], slow.values[i]);
        assert!(
            a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            "{}: {a} {b}: {text:?}",
            measurement.name
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Few distinct words, so that n-grams repeat, and words whose concatenations coincide.
    #[test]
    fn measure_is_its_slow_twin(
        lines in prop::collection::vec(prop::collection::vec("a|b|ab|ba|the|of|x y|!|\\.\\.\\.|7|я|…|\u{301}|#", 0..9), 0..12),
        ends in prop::collection::vec("\n|\n\n|\n\n\n|\r\n|\u{85}|\u{2028}|\u{1c}| |", 12),
        head in "\n{0,2}|- |• ?",
    ) {
        let mut text = head;
        for (line, end) in lines.iter().zip(&ends) {
            text.push_str(&line.join(" "));
            text.push_str(end);
        }
        let words: Vec<&str> = lines.iter().flatten().map(String::as_str).collect();
        let mut scratch = Scratch::default();
        for name in ["en", "default", "none"] {
            assert_same(&text, &words, Profile::shipped(name).unwrap(), &mut scratch);
        }
    }

    /// Words long enough for the windows of the duplicated n-grams, that join to the same strings in many ways.
    #[test]
    fn long_words_that_join_alike(
        words in prop::collection::vec("under|stand|understand|ing|standing|understanding|нитка|нить|a", 0..90),
        again in 0usize..40,
    ) {
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.extend_from_within(..again.min(words.len()));
        assert_same(&words.join(" "), &words, Profile::none(), &mut Scratch::default());
    }

    #[test]
    fn any_text_at_all(text in any::<String>()) {
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_same(&text, &words, Profile::none(), &mut Scratch::default());
    }
}

/// Each group is measured on the text that the groups before it left, all of it anew.
fn assert_in_order(text: &str, toml: &str) {
    let profile = Profile::parse(toml, "twin").unwrap();
    let segmenter = Segmenter::for_language("en");
    let words_of = |text: &str| {
        let mut words = Vec::new();
        segmenter.segment(text, &mut words);
        words.into_iter().map(str::to_owned).collect::<Vec<String>>()
    };
    let again = |text: &str| {
        let words = words_of(text);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        slow(text, &words, &profile)
    };
    let mut words = Vec::new();
    segmenter.segment(text, &mut words);
    let ordered =
        measure_in_order(text, &words, &profile, &segmenter, 0.5, &mut Scratch::default());
    let lines = c4::lines(text, &profile.c4_lines().unwrap(), |line| {
        let words = words_of(&line.text);
        crate::segment::sentences::count(words.iter().map(String::as_str))
    });
    assert_eq!(ordered.lines.as_ref(), Some(&lines));
    let left = ordered.text.clone().unwrap_or_else(|| text.to_owned());
    assert_eq!(ordered.words, words_of(&left).len() as u64);
    let (before, after) = (again(text), again(&left));
    let at = profile.order().iter().position(|&group| group == Group::C4Quality).unwrap();
    for rule in catalogue() {
        let Some(place) = profile.order().iter().position(|&group| group == rule.group) else {
            continue;
        };
        let twin = match place.cmp(&at) {
            std::cmp::Ordering::Less => &before,
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Greater => &after,
        };
        let (a, b) = (ordered.measured.get(rule.metric), twin.get(rule.metric));
        assert!(
            a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            "{rule:?}: {a} {b}: {text:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn each_group_sees_what_the_groups_before_it_left(
        pieces in prop::collection::vec(
            "the|It rained\\.|and of|we went home|\\[12\\]|[a-z]\\[1\\]b|\\{|JavaScript|don't|!|\\.\\.\\.|я|\u{a0}", 0..40),
        ends in prop::collection::vec("\n|\n\n|\r\n|\u{85}|\u{2028}| | | | | |", 40),
    ) {
        let text: String = pieces.iter().zip(&ends).flat_map(|(a, b)| [a.as_str(), b]).collect();
        let settings = "[c4_quality]\nfilter_no_terminal_punct = false\nmin_num_sentences = 1\n[gopher_quality]\nstop_words = ['the', 'of']";
        for order in [
            "['gopher_repetition', 'gopher_quality', 'c4_quality', 'fineweb_quality']",
            "['gopher_quality', 'c4_quality', 'gopher_repetition', 'fineweb_quality']",
            "['fineweb_quality', 'c4_quality', 'gopher_quality']",
        ] {
            assert_in_order(&text, &format!("name = 'twin'\nlanguage = 'en'\norder = {order}\n{settings}"));
        }
    }
}

#[test]
fn a_table_that_was_used_before_changes_nothing() {
    let mut scratch = Scratch::default();
    let long: Vec<String> = (0..3000).map(|i| format!("w{}", i % 700)).collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    let text = long.join("\n");
    let profile = Profile::shipped("en").unwrap();
    assert_same(&text, &long, profile, &mut scratch);
    assert_same("the end", &["the", "end"], profile, &mut scratch);
    assert_same("", &[], profile, &mut scratch);
    assert_same(&text, &long, profile, &mut scratch);
}

//! The languages of the paragraphs of a document: shares by language, and the stretches of a foreign one.

use std::collections::BTreeMap;
use std::ops::Range;

use gamayun_language::{Model, Score, Scratch};
use gamayun_quality::clean::{Change, Kind};

/// How paragraphs are looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParagraphParams {
    /// A paragraph of fewer letters is not judged; three for each of Han, kana and Hangul.
    pub min_letters: usize,
    /// A document is mixed if this share of its judged bytes is of other languages.
    pub min_share: f64,
    /// Foreign paragraphs are removed.
    pub drop_foreign: bool,
}

impl Default for ParagraphParams {
    fn default() -> Self {
        Self { min_letters: 100, min_share: 0.2, drop_foreign: false }
    }
}

/// A label below this is no judgement.
const SURE: f32 = 0.7;
/// Nor is one against a language that the model gives as much: it may be that, as close languages are.
const NEITHER: f32 = 0.05;
/// Text has so many letters among what is neither white space nor digits; code and tables have fewer.
const LETTERS: f64 = 0.85;
/// Letters by which a line shows its script.
const TELLING: usize = 20;
/// Labels that are looked at.
const LABELS: usize = 5;

/// A stretch of a text and its language; none where it is too short to tell, code, or the model is not sure.
#[derive(Clone, Debug, PartialEq)]
pub struct Paragraph {
    /// Where it stands, in bytes, with the line feeds after it.
    pub range: Range<usize>,
    /// Its label.
    pub label: Option<u32>,
    /// The probability of the label.
    pub score: f32,
}

/// The languages of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Languages {
    /// Bytes of judged paragraphs by language.
    pub bytes: BTreeMap<String, u64>,
    /// Bytes of the others.
    pub unknown_bytes: u64,
    /// The share of the judged bytes that is not of the document's language; `None` if none was judged.
    pub foreign_share: Option<f64>,
    /// That share is at least the one that makes a document mixed.
    pub mixed: bool,
}

/// Cuts a text at blank lines, around lines of so many letters, where lines change their script, and where lines
/// without blank ones between them have twice the letters together.
fn cut(text: &str, min_letters: usize) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut start, mut at, mut letters, mut fenced) = (0, 0, 0, false);
    let mut script = None;
    for line in text.split_inclusive('\n') {
        let blank = line.trim().is_empty();
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        let (alone, written) = (weight(line), script_of(line));
        let other = written.is_some() && script.is_some() && written != script;
        // A fence begins a stretch of its own, and ends it behind its last line.
        if !fenced && at > start && (fence || alone >= min_letters || other) {
            found.push(start..at);
            (start, letters, script) = (at, 0, None);
        }
        at += line.len();
        letters += alone;
        script = script.or(written);
        let full = alone >= min_letters || letters >= 2 * min_letters;
        let end = if fenced { fence } else { !fence && (blank || full) };
        fenced ^= fence;
        match found.last_mut() {
            // More blank lines belong to the stretch before.
            Some(last) if end && blank && text[start..at].trim().is_empty() => last.end = at,
            _ if end => found.push(start..at),
            _ => continue,
        }
        (start, letters, script) = (at, 0, None);
    }
    if start < text.len() {
        found.push(start..text.len());
    }
    found
}

/// The script that nearly all letters of a line are of; `None` if it has few, or several.
fn script_of(line: &str) -> Option<Script> {
    let mut letters = [0_usize; 5];
    for c in line.chars().filter(|c| c.is_alphabetic()) {
        letters[Script::of(c) as usize] += if is_wide(c) { 3 } else { 1 };
    }
    let all: usize = letters.iter().sum();
    let most = |&script: &Script| 10 * letters[script as usize] >= 9 * all;
    if all >= TELLING { Script::ALL.into_iter().find(most) } else { None }
}

/// Letters of a text, three for each that stands for more.
fn weight(text: &str) -> usize {
    let weigh = |c: char| if is_wide(c) { 3 } else { usize::from(c.is_alphabetic()) };
    text.chars().map(weigh).sum()
}

/// A character of Han, kana or Hangul.
fn is_wide(c: char) -> bool {
    matches!(
        c,
        '\u{1100}'..='\u{11ff}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
    )
}

/// Groups of scripts that no language mixes within a line.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Script {
    Latin,
    Cyrillic,
    Arabic,
    Wide,
    Other,
}

impl Script {
    const ALL: [Self; 5] = [Self::Latin, Self::Cyrillic, Self::Arabic, Self::Wide, Self::Other];

    fn of(c: char) -> Self {
        match c {
            '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => Self::Arabic,
            c if is_wide(c) => Self::Wide,
            _ => Self::Other,
        }
    }
}

/// Whether a stretch is text of some language, and not code, a table or a list of numbers.
#[expect(clippy::cast_precision_loss, reason = "counts of characters of one text")]
fn is_prose(text: &str) -> bool {
    let first = text.trim_start_matches('\n');
    if first.starts_with("```") || first.starts_with("~~~") {
        return false;
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let indented = lines.clone().filter(|line| line.starts_with("    ") || line.starts_with('\t'));
    if 2 * indented.count() > lines.count() {
        return false;
    }
    let (mut letters, mut others) = (0_u64, 0_u64);
    for c in text.chars().filter(|c| !c.is_whitespace() && !c.is_numeric()) {
        // Marks that combine are part of letters in many scripts.
        let letter = c.is_alphabetic() || (!c.is_ascii() && !c.is_ascii_punctuation());
        letters += u64::from(letter);
        others += u64::from(!letter);
    }
    letters as f64 >= LETTERS * (letters + others) as f64
}

/// The paragraphs of a text whose language is `home`.
pub fn paragraphs(
    text: &str,
    home: &str,
    model: &Model,
    names: &[String],
    params: &ParagraphParams,
    scratch: &mut Scratch,
) -> Vec<Paragraph> {
    let mut scores: Vec<Score> = Vec::new();
    let judge = |range: Range<usize>| {
        let piece = &text[range.clone()];
        let unknown = Paragraph { range, label: None, score: 0.0 };
        if weight(piece) < params.min_letters || !is_prose(piece) {
            return unknown;
        }
        model.predict(piece, LABELS, scratch, &mut scores);
        let Some(best) = scores.first() else { return unknown };
        let name = |score: &Score| names[score.label as usize].as_str();
        let at_home = scores.iter().find(|score| name(score) == home);
        let foreign = name(best) != home;
        if foreign && (best.probability < SURE || at_home.is_some_and(|s| s.probability > NEITHER))
        {
            return unknown;
        }
        Paragraph { label: Some(best.label), score: best.probability, ..unknown }
    };
    cut(text, params.min_letters).into_iter().map(judge).collect()
}

/// The shares of the languages of paragraphs of a document of the language `home`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "bytes of one text")]
pub fn languages(
    found: &[Paragraph],
    home: &str,
    names: &[String],
    params: &ParagraphParams,
) -> Languages {
    let mut languages = Languages::default();
    for paragraph in found {
        let bytes = paragraph.range.len() as u64;
        match paragraph.label {
            Some(label) => {
                *languages.bytes.entry(names[label as usize].clone()).or_default() += bytes;
            }
            None => languages.unknown_bytes += bytes,
        }
    }
    let all: u64 = languages.bytes.values().sum();
    let foreign = all - languages.bytes.get(home).copied().unwrap_or(0);
    languages.foreign_share = (all > 0).then(|| foreign as f64 / all as f64);
    languages.mixed = languages.foreign_share.is_some_and(|s| s > 0.0 && s >= params.min_share);
    languages
}

/// The changes that remove foreign paragraphs; what is unknown between two of them goes with them.
///
/// A document without a paragraph of its own language stays as it is: then its language is in doubt, not its paragraphs.
#[must_use]
pub fn foreign(found: &[Paragraph], home: &str, names: &[String]) -> Vec<Change> {
    let is_home = |p: &Paragraph| p.label.is_some_and(|label| names[label as usize] == home);
    if !found.iter().any(is_home) {
        return Vec::new();
    }
    let mut changes: Vec<Change> = Vec::new();
    let mut joined = false;
    for paragraph in found {
        match paragraph.label {
            Some(_) if is_home(paragraph) => joined = false,
            Some(_) => {
                match changes.last_mut().filter(|_| joined) {
                    Some(last) => last.range.end = paragraph.range.end,
                    None => changes.push(Change::new(paragraph.range.clone(), "", Kind::Foreign)),
                }
                joined = true;
            }
            None => joined &= paragraph.range.len() < 200,
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names() -> Vec<String> {
        ["en", "de"].map(str::to_owned).to_vec()
    }

    fn made(labels: &[Option<u32>]) -> Vec<Paragraph> {
        let one = |(n, label): (usize, &Option<u32>)| Paragraph {
            range: n * 100..n * 100 + 100,
            label: *label,
            score: 1.0,
        };
        labels.iter().enumerate().map(one).collect()
    }

    #[test]
    fn shares_tell_what_is_mixed() {
        let params = ParagraphParams::default();
        let found = made(&[Some(0), Some(0), None, Some(1)]);
        let shares = languages(&found, "en", &names(), &params);
        assert_eq!(shares.bytes, BTreeMap::from([("de".to_owned(), 100), ("en".to_owned(), 200)]));
        assert_eq!((shares.unknown_bytes, shares.mixed), (100, true));
        assert!(!languages(&made(&[Some(0), None]), "en", &names(), &params).mixed);
        let few = ParagraphParams { min_share: 0.4, ..params };
        assert!(!languages(&found, "en", &names(), &few).mixed);
    }

    #[test]
    fn what_stands_between_foreign_paragraphs_goes_with_them() {
        let ranges = |labels: &[Option<u32>]| -> Vec<(usize, usize)> {
            let changes = foreign(&made(labels), "en", &names());
            changes.into_iter().map(|change| (change.range.start, change.range.end)).collect()
        };
        assert_eq!(ranges(&[Some(0), Some(1), None, Some(1), None]), [(100, 400)]);
        assert_eq!(ranges(&[Some(1), None, Some(0), Some(1)]), [(0, 100), (300, 400)]);
        assert!(ranges(&[Some(1), None, Some(1)]).is_empty());
    }

    #[test]
    fn code_and_tables_are_no_prose() {
        assert!(is_prose("It rained all day, and nobody went out: \"stay here\", she said."));
        assert!(is_prose("हिन्दी में लिखा हुआ एक वाक्य।"));
        assert!(!is_prose("```\nIt rained all day\n```\n"));
        assert!(!is_prose("    let it be\n    as it was\n"));
        assert!(!is_prose("for (int i = 0; i < n; ++i) { f(x[i], y->z); }"));
    }

    #[test]
    fn long_lines_and_changes_of_script_end_a_paragraph() {
        let pieces = |text: &str| -> Vec<String> {
            cut(text, 40).into_iter().map(|range| text[range].to_owned()).collect()
        };
        let long = "It rained all day, and nobody went out of the house. ".repeat(2) + "\n";
        let short = "Nobody of us went out today.\n";
        assert_eq!(pieces(&format!("{short}{long}{short}")), [short, &long, short]);
        assert_eq!(pieces(&[short; 3].concat()), [[short; 3].concat()]);
        assert_eq!(pieces(&[short; 6].concat()), [[short; 4].concat(), [short; 2].concat()]);
        let other = "Сегодня никто из нас не вышел.\n";
        assert_eq!(
            pieces(&format!("{short}{other}{other}{short}")),
            [short.to_owned(), other.repeat(2), short.to_owned(),]
        );
        // Names, numbers and marks are of no script.
        let plain = format!("{other}PHP 8.2\n{other}");
        assert_eq!(pieces(&plain).len(), 1);
        assert_eq!(pieces("```\nIt rained\nСегодня никто не вышел сегодня\n```\nout\n").len(), 2);
    }

    proptest! {
        #[test]
        fn cuts_cover_the_text(text in "([a-zд]{1,40}|```|\n|\n\n| ){0,40}") {
            let cuts = cut(&text, 20);
            let mut at = 0;
            for range in cuts {
                prop_assert_eq!(range.start, at);
                prop_assert!(range.end > range.start);
                at = range.end;
            }
            prop_assert_eq!(at, text.len());
        }
    }
}

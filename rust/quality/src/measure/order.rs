//! The measurements of a text whose profile edits it: each group of rules sees the text that the groups before it left.

use super::{Scratch, lines, measure};
use crate::c4::{self, Line, Lines, Stop};
use crate::measurement::{Measured, Metric};
use crate::profile::Profile;
use crate::rules::{Group, catalogue};
use crate::segment::{Segmenter, sentences};

/// A text measured in the order of its profile.
#[derive(Clone, Debug)]
pub struct Ordered {
    /// Its measurements, each of the text that its rules see.
    pub measured: Measured,
    /// Words of the text that is left.
    pub words: u64,
    /// What C4 quality made of the lines, if the order of the profile names it.
    pub lines: Option<Lines>,
    /// The text that C4 quality left, if it left another.
    pub text: Option<String>,
}

/// Measures one text as [`measure`] does, and what C4 asks for.
///
/// Rules after C4 quality see the lines that it keeps, unless it drops the document. `words` are those of `text`;
/// `segmenter` makes those of an edited one. `lot` is the document's ([`c4::lot`]).
pub fn measure_in_order(
    text: &str,
    words: &[&str],
    profile: &Profile,
    segmenter: &Segmenter,
    lot: f64,
    scratch: &mut Scratch,
) -> Ordered {
    let mut measured = measure(text, words, profile, scratch);
    let order = profile.order();
    let Some(params) = profile.c4_lines() else {
        c4_groups(text, order, profile, lot, &mut measured);
        return Ordered { measured, words: words.len() as u64, lines: None, text: None };
    };
    let at = order.iter().position(|&group| group == Group::C4Quality).unwrap_or(order.len());
    let (before, after) = order.split_at(at);
    c4_groups(text, before, profile, lot, &mut measured);
    let mut counter = Counter::new(text, words, segmenter);
    let lines = c4::lines(text, &params, |line| counter.sentences(line));
    measured.set(Metric::C4LoremIpsum, flag(lines.stop == Some(Stop::LoremIpsum)));
    measured.set(Metric::C4CurlyBracket, flag(lines.stop == Some(Stop::CurlyBracket)));
    if lines.stop.is_none() {
        measured.set(Metric::C4Sentences, count(lines.sentences));
    }
    let dropped = catalogue()
        .filter(|rule| rule.group == Group::C4Quality)
        .any(|rule| rule.check(&measured.values, profile).is_some());
    let left = counter.words;
    let edited = (!dropped && !lines.edits.is_empty()).then(|| c4::apply(text, &lines.edits));
    if let Some(edited) = &edited {
        edited_groups(edited, left, after, profile, segmenter, scratch, &mut measured);
    }
    c4_groups(edited.as_deref().unwrap_or(text), after, profile, lot, &mut measured);
    let words = if edited.is_some() { left } else { words.len() as u64 };
    Ordered { measured, words, lines: Some(lines), text: edited }
}

fn flag(value: bool) -> f64 {
    f64::from(u8::from(value))
}

#[expect(clippy::cast_precision_loss, reason = "counts of one document are below 2^53")]
fn count(value: u64) -> f64 {
    value as f64
}

/// What the paragraphs and bad words of C4 are judged by.
fn c4_groups(text: &str, groups: &[Group], profile: &Profile, lot: f64, measured: &mut Measured) {
    if groups.contains(&Group::C4Paragraph) {
        measured.set(Metric::C4ThirdLine, count(c4::third_longest_line(text)));
    }
    if groups.contains(&Group::C4BadWords) {
        let found = profile.bad_words().is_some_and(|words| words.occur_in(text));
        measured.set(Metric::C4BadWords, if found { lot } else { 0.0 });
    }
}

/// Measures again what the groups after C4 quality judge. `words` is how many the edited text has.
fn edited_groups(
    edited: &str,
    words: u64,
    groups: &[Group],
    profile: &Profile,
    segmenter: &Segmenter,
    scratch: &mut Scratch,
    measured: &mut Measured,
) {
    if groups.contains(&Group::GopherRepetition) || groups.contains(&Group::GopherQuality) {
        let mut words = Vec::new();
        segmenter.segment(edited, &mut words);
        let again = measure(edited, &words, profile, scratch);
        for rule in catalogue().filter(|rule| groups.contains(&rule.group)) {
            if !matches!(rule.group, Group::C4Paragraph | Group::C4BadWords) {
                measured.set(rule.metric, again.get(rule.metric));
            }
        }
    }
    let characters = edited.chars().count() as u64;
    measured.set(Metric::Characters, count(characters));
    measured.set(Metric::Words, count(words));
    if groups.contains(&Group::FineWebQuality) {
        lines::fineweb(edited, characters, words, profile, &mut scratch.pieces, measured);
    }
}

/// Counts words and sentences of lines, from the words of the whole text where they are slices of it.
struct Counter<'t, 'w> {
    text: &'t str,
    /// The words that are not before the current line; `None` if they are not slices of the text.
    rest: Option<&'w [&'w str]>,
    segmenter: &'w Segmenter,
    /// Words of the lines so far.
    words: u64,
}

impl<'t, 'w> Counter<'t, 'w> {
    fn new(text: &'t str, words: &'w [&'w str], segmenter: &'w Segmenter) -> Self {
        let inside = text.as_bytes().as_ptr_range();
        let is_slice = |word: &&str| {
            let word = word.as_bytes().as_ptr_range();
            inside.start <= word.start && word.end <= inside.end
        };
        let rest = words.iter().all(is_slice).then_some(words);
        Self { text, rest, segmenter, words: 0 }
    }

    fn sentences(&mut self, line: &Line<'t>) -> u64 {
        let whole = matches!(line.text, std::borrow::Cow::Borrowed(_));
        if let Some(rest) = self.rest.filter(|_| whole) {
            let start = self.text.as_ptr().addr();
            let at = |word: &&str| word.as_ptr().addr() - start;
            let before = rest.iter().take_while(|word| at(word) < line.start).count();
            let rest = &rest[before..];
            let (words, rest) =
                rest.split_at(rest.iter().take_while(|word| at(word) < line.end).count());
            self.rest = Some(rest);
            return self.add(words);
        }
        let mut words = Vec::new();
        self.segmenter.segment(&line.text, &mut words);
        self.add(&words)
    }

    fn add(&mut self, words: &[&str]) -> u64 {
        self.words += words.len() as u64;
        sentences::count(words.iter().copied())
    }
}

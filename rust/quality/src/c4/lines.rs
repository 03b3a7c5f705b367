//! C4 quality: which lines of a text stay, and whether the whole is dropped.

use std::borrow::Cow;

use memchr::memchr;

use super::citations;
use super::edit::Edit;
use super::phrases::{Phrase, holds, may_hold};
use crate::chars::{is_space, strip};
use crate::line_ends::for_each_line;

/// What C4 quality does to lines; the defaults are those of C4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each turns one rule of C4 on or off")]
pub struct LinesParams {
    /// A line must end in `.`, `?`, `!`, `"` or `'`, and not in `...`. FineWeb leaves this out.
    pub terminal_punctuation: bool,
    /// Citations of Wikipedia are taken out.
    pub remove_citations: bool,
    /// A line must have so many words between white space.
    pub min_words: u64,
    /// No word of a line may have more code points; 0 allows any.
    pub max_word_length: u64,
    /// A line with `lorem ipsum` drops the document.
    pub lorem_ipsum: bool,
    /// Lines with `javascript` are dropped.
    pub javascript: bool,
    /// A line with `{` drops the document.
    pub curly_bracket: bool,
    /// Lines that speak of terms of use, privacy policy or cookies are dropped.
    pub policy: bool,
}

impl Default for LinesParams {
    fn default() -> Self {
        Self {
            terminal_punctuation: true,
            remove_citations: true,
            min_words: 3,
            max_word_length: 1000,
            lorem_ipsum: true,
            javascript: true,
            curly_bracket: true,
            policy: true,
        }
    }
}

/// Why a document is dropped at a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The line holds `lorem ipsum`.
    LoremIpsum,
    /// The line holds `{`.
    CurlyBracket,
}

/// Lines left out, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DroppedLines {
    /// A word was too long.
    pub long_word: u64,
    /// The end was no terminal punctuation.
    pub no_terminal_punctuation: u64,
    /// There were too few words.
    pub few_words: u64,
    /// It spoke of JavaScript.
    pub javascript: u64,
    /// It spoke of terms of use, privacy policy or cookies.
    pub policy: u64,
}

/// What C4 quality makes of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// A line dropped the document; nothing was read after it.
    pub stop: Option<Stop>,
    /// Sentences of the lines that stay.
    pub sentences: u64,
    /// How the text becomes the lines that stay; empty if it is them already.
    pub edits: Vec<Edit>,
    /// Lines left out.
    pub dropped: DroppedLines,
}

/// A stretch of the text that stays.
#[derive(Clone, Copy)]
struct Piece {
    start: usize,
    end: usize,
    /// A line starts here.
    first: bool,
}

/// A line that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// Where it starts in the text, white space around it left out.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// It, without its citations: borrowed from the text if it has none.
    pub text: Cow<'t, str>,
}

/// Decides which lines of `text` stay.
///
/// `sentences` counts those of a line that stays; a line has at least one. Lines end as in `str.splitlines` of Python,
/// words as in `str.split`. The lines that stay are stripped and joined by a line feed.
pub fn lines<'t>(
    text: &'t str,
    params: &LinesParams,
    mut sentences: impl FnMut(&Line<'t>) -> u64,
) -> Lines {
    let mut found = Lines::default();
    let mut pieces = Vec::new();
    let phrases = may_hold(text);
    for_each_line(text, |start, line| {
        if found.stop.is_some() {
            return;
        }
        let line = Line::new(start, line, params.remove_citations);
        if found.keeps(text, &line, params, phrases) {
            found.sentences += sentences(&line).max(1);
            line.add_to(text, &mut pieces);
        }
    });
    if found.stop.is_none() {
        found.edits = edits(text, trimmed(text, &mut pieces));
    }
    found
}

impl<'t> Line<'t> {
    fn new(start: usize, line: &'t str, remove_citations: bool) -> Self {
        let start = start + (line.len() - line.trim_start_matches(is_space).len());
        let line = strip(line);
        let mut text = Cow::Borrowed(line);
        if remove_citations && citations::find(line).next().is_some() {
            text = without_citations(line).into();
        }
        Self { start, end: start + line.len(), text }
    }

    fn add_to(&self, text: &str, pieces: &mut Vec<Piece>) {
        let mut piece = Piece { start: self.start, end: self.end, first: true };
        if matches!(self.text, Cow::Owned(_)) {
            for citation in citations::find(&text[self.start..self.end]) {
                pieces.push(Piece { end: self.start + citation.start, ..piece });
                piece = Piece { start: self.start + citation.end, end: self.end, first: false };
            }
        }
        pieces.push(piece);
    }
}

fn without_citations(line: &str) -> String {
    let (mut rest, mut from) = (String::with_capacity(line.len()), 0);
    for citation in citations::find(line) {
        rest.push_str(&line[from..citation.start]);
        from = citation.end;
    }
    rest.push_str(&line[from..]);
    rest
}

impl Lines {
    /// Whether a line stays; if not, it is counted or stops the document.
    fn keeps(&mut self, text: &str, line: &Line<'_>, params: &LinesParams, phrases: bool) -> bool {
        let whole = &text[line.start..line.end];
        let words = || whole.split(is_space).filter(|word| !word.is_empty());
        let longer = |word: &str| word.chars().count() as u64 > params.max_word_length;
        let dropped = &mut self.dropped;
        let wanted = usize::try_from(params.min_words).unwrap_or(usize::MAX);
        let holds = |phrase| phrases && may_hold(&line.text) && holds(&line.text, phrase);
        let count = if params.max_word_length > 0
            && whole.len() as u64 > params.max_word_length
            && words().any(longer)
        {
            &mut dropped.long_word
        } else if params.terminal_punctuation && !ends_a_sentence(&line.text) {
            &mut dropped.no_terminal_punctuation
        } else if words().take(wanted).count() < wanted {
            &mut dropped.few_words
        } else if params.lorem_ipsum && holds(Phrase::LoremIpsum) {
            self.stop = Some(Stop::LoremIpsum);
            return false;
        } else if params.javascript && holds(Phrase::JavaScript) {
            &mut dropped.javascript
        } else if params.curly_bracket && memchr(b'{', whole.as_bytes()).is_some() {
            self.stop = Some(Stop::CurlyBracket);
            return false;
        } else if params.policy && holds(Phrase::Policy) {
            &mut dropped.policy
        } else {
            return true;
        };
        *count += 1;
        false
    }
}

fn ends_a_sentence(line: &str) -> bool {
    line.ends_with(['.', '?', '!', '"', '\'']) && !line.ends_with("...")
}

/// The pieces without white space at both ends of the text that they make.
fn trimmed<'p>(text: &str, pieces: &'p mut [Piece]) -> &'p [Piece] {
    let (mut from, mut to) = (0, pieces.len());
    while let Some(piece) = pieces[..to].get_mut(from) {
        piece.start = piece.end - text[piece.start..piece.end].trim_start_matches(is_space).len();
        if piece.start < piece.end {
            break;
        }
        from += 1;
    }
    while to > from {
        let piece = &mut pieces[to - 1];
        piece.end = piece.start + text[piece.start..piece.end].trim_end_matches(is_space).len();
        if piece.start < piece.end {
            break;
        }
        to -= 1;
    }
    &pieces[from..to]
}

/// What lies between the pieces, replaced by the line feed that joins lines or by nothing.
fn edits(text: &str, pieces: &[Piece]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut from = 0;
    let mut replace = |start, end, with| {
        if &text[start..end] != with {
            edits.push(Edit { start, end, with });
        }
    };
    for (n, piece) in pieces.iter().enumerate() {
        replace(from, piece.start, if piece.first && n > 0 { "\n" } else { "" });
        from = piece.end;
    }
    replace(from, text.len(), "");
    edits
}

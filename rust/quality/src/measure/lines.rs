//! Paragraphs and lines: what repeats, how lines end, how long they are.

use memchr::{memchr, memmem};

use super::pieces::Pieces;
use super::set_ratio;
use crate::chars::{is_space, is_terminal, strip};
use crate::measurement::{Measured, Metric};
use crate::profile::Profile;

/// What the lines between line feeds add up to.
#[derive(Default)]
pub(super) struct Lines {
    feeds: u64,
    /// Lines as split at runs of line feeds: empty ones only at the ends of the text.
    all: u64,
    all_repeated: u64,
    all_repeated_chars: u64,
    filled: u64,
    filled_repeated_chars: u64,
    terminal: u64,
    short: u64,
}

pub(super) fn measure(
    text: &str,
    characters: u64,
    words: u64,
    profile: &Profile,
    pieces: &mut Pieces,
    measured: &mut Measured,
) {
    paragraphs(text, characters, pieces, measured);
    let lines = fineweb(text, characters, words, profile, pieces, measured);
    set_ratio(measured, Metric::DupLineFrac, lines.all_repeated, lines.all);
    set_ratio(measured, Metric::DupLineCharFrac, lines.all_repeated_chars, characters);
}

/// What FineWeb quality judges.
pub(super) fn fineweb(
    text: &str,
    characters: u64,
    words: u64,
    profile: &Profile,
    pieces: &mut Pieces,
    measured: &mut Measured,
) -> Lines {
    let lines = count_lines(text, profile.short_line_length(), pieces);
    set_ratio(measured, Metric::Lines, lines.filled, 1);
    set_ratio(measured, Metric::LinePunct, lines.terminal, lines.filled);
    set_ratio(measured, Metric::ShortLine, lines.short, lines.filled);
    let inside = characters - lines.feeds;
    set_ratio(measured, Metric::CharDup, lines.filled_repeated_chars, inside);
    set_ratio(measured, Metric::NewLine, lines.feeds, words);
    lines
}

/// Paragraphs of the stripped text, split at two or more line feeds.
fn paragraphs(text: &str, characters: u64, pieces: &mut Pieces, measured: &mut Measured) {
    let text = strip(text);
    let (mut count, mut repeated, mut repeated_chars, mut start) = (0, 0, 0, 0);
    pieces.clear();
    loop {
        let end =
            memmem::find(&text.as_bytes()[start..], b"\n\n").map_or(text.len(), |at| start + at);
        count += 1;
        if !pieces.insert(text, start, end) {
            repeated += 1;
            repeated_chars += text[start..end].chars().count() as u64;
        }
        if end == text.len() {
            break;
        }
        let feeds = text.as_bytes()[end..].iter().take_while(|&&byte| byte == b'\n').count();
        start = end + feeds;
    }
    set_ratio(measured, Metric::DupParaFrac, repeated, count);
    set_ratio(measured, Metric::DupParaCharFrac, repeated_chars, characters);
}

fn count_lines(text: &str, short_line_length: u64, pieces: &mut Pieces) -> Lines {
    let mut lines = Lines::default();
    let mut start = 0;
    pieces.clear();
    loop {
        let feed = memchr(b'\n', &text.as_bytes()[start..]);
        let end = feed.map_or(text.len(), |at| start + at);
        if start < end {
            lines.add(text, start, end, short_line_length, pieces);
        }
        if feed.is_none() {
            break;
        }
        lines.feeds += 1;
        start = end + 1;
    }
    lines.add_empty_ends(text);
    lines
}

impl Lines {
    fn add(
        &mut self,
        text: &str,
        start: usize,
        end: usize,
        short_length: u64,
        pieces: &mut Pieces,
    ) {
        let line = &text[start..end];
        let chars = line.chars().count() as u64;
        let repeated = if pieces.insert(text, start, end) { 0 } else { chars };
        self.all += 1;
        self.all_repeated += u64::from(repeated > 0);
        self.all_repeated_chars += repeated;
        if !line.chars().all(is_space) {
            self.filled += 1;
            self.filled_repeated_chars += repeated;
            self.terminal += u64::from(line.chars().next_back().is_some_and(is_terminal));
            self.short += u64::from(chars <= short_length);
        }
    }

    /// A text that starts or ends with a line feed has an empty line there; the second one repeats the first.
    fn add_empty_ends(&mut self, text: &str) {
        let empty = if text.is_empty() {
            1
        } else {
            u64::from(text.starts_with('\n')) + u64::from(text.ends_with('\n'))
        };
        self.all += empty;
        self.all_repeated += u64::from(empty == 2);
    }
}

//! Chunks of languages written without spaces, and of Korean: runs of one kind of characters.

use icu_segmenter::WordSegmenterBorrowed;

use super::korean;
use crate::chars::{Class, strip};

/// What a run consists of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unspaced,
    Hangul,
    Letters,
    Digits,
    /// A mark that joins with its like: `---`, `...`.
    Repeated(char),
    Single,
}

impl Kind {
    fn of(c: char, alphanumeric: bool) -> Self {
        let class = Class::of(c);
        if class.is_unspaced() {
            Self::Unspaced
        } else if class.is_hangul() {
            Self::Hangul
        } else if class.is_letter() || (alphanumeric && class.is_digit()) {
            Self::Letters
        } else if class.is_digit() {
            Self::Digits
        } else if matches!(c, '-' | '.' | '#' | '*' | '=' | '`' | '~' | '+' | '_' | '…' | '─') {
            Self::Repeated(c)
        } else {
            Self::Single
        }
    }
}

/// Appends the words of a chunk; `alphanumeric` joins letters and digits.
pub(super) fn split<'t>(
    chunk: &'t str,
    alphanumeric: bool,
    icu: WordSegmenterBorrowed<'static>,
    out: &mut Vec<&'t str>,
) {
    let mut rest = chunk;
    while let Some(first) = rest.chars().next() {
        let kind = Kind::of(first, alphanumeric);
        let end = run_end(rest, first, kind, alphanumeric);
        let (run, tail) = rest.split_at(end);
        match kind {
            Kind::Unspaced => split_by_dictionary(run, icu, out),
            Kind::Hangul => korean::split(run, out),
            _ => out.push(run),
        }
        rest = tail;
    }
}

fn run_end(text: &str, first: char, kind: Kind, alphanumeric: bool) -> usize {
    if kind == Kind::Single {
        return first.len_utf8();
    }
    let mut end = 0;
    while let Some(c) = text[end..].chars().next() {
        let inside = Kind::of(c, alphanumeric) == kind
            || (end > 0 && Class::of(c).is_mark())
            || (matches!(c, '.' | ',') && joins_digits(text, end));
        if !inside {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// Whether the mark at `at` stands between two digits.
fn joins_digits(text: &str, at: usize) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    at > 0 && digit(text.as_bytes().get(at - 1)) && digit(text.as_bytes().get(at + 1))
}

fn split_by_dictionary<'t>(
    run: &'t str,
    icu: WordSegmenterBorrowed<'static>,
    out: &mut Vec<&'t str>,
) {
    let mut start = 0;
    for end in icu.segment_str(run) {
        let word = strip(&run[start..end]);
        if !word.is_empty() {
            out.push(word);
        }
        start = end;
    }
}

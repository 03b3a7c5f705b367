//! Punctuation inside a chunk that ends a word: `well-known`, `end.Next`, `and/or`, `l'homme`.

use super::style::{Hyphen, Style};
use crate::chars::Class;

/// Appends the words of a chunk whose ends were split, and the marks between them.
pub(super) fn split<'t>(text: &'t str, style: &Style, out: &mut Vec<&'t str>) {
    let (mut start, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        let Some(len) = infix_len(text, at, c, style) else {
            at += c.len_utf8();
            continue;
        };
        // A mark right at the start of a word stays with it, as in spaCy.
        if at > start {
            out.push(&text[start..at]);
            if len > 0 {
                out.push(&text[at..at + len]);
            }
            start = at + len;
        }
        at += len.max(c.len_utf8());
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
}

/// Bytes of the mark at `at`, which is `c`; `Some(0)` where a word ends without one; `None` where it goes on.
fn infix_len(text: &str, at: usize, c: char, style: &Style) -> Option<usize> {
    let class = Class::of(c);
    if class.is_letter() {
        return (style.elision && after_elision(&text[..at])).then_some(0);
    }
    if class.is_digit() {
        return None;
    }
    let run = text[at..].chars().take_while(|&other| other == c).count();
    if c == '…' || class.is_symbol() {
        return Some(c.len_utf8());
    }
    if c == '.' && run > 1 {
        return Some(run);
    }
    let len = if matches!(c, '-' | '—') { run * c.len_utf8() } else { c.len_utf8() };
    let before = Class::of(text[..at].chars().next_back()?);
    let after = Class::of(text[at + len..].chars().next()?);
    splits(c, run, before, after, style).then_some(len)
}

fn after_elision(before: &str) -> bool {
    let mut chars = before.chars().rev();
    matches!(chars.next(), Some('\'' | '’'))
        && chars.next().is_some_and(|c| Class::of(c).is_letter())
}

/// Whether a run of `run` times `c` between two characters splits.
fn splits(c: char, run: usize, before: Class, after: Class, style: &Style) -> bool {
    let letters = before.is_letter() && after.is_letter();
    let after_word = before.is_letter() || (before.is_digit() && !style.german);
    match c {
        '.' if style.german => before.is_lower() && after.is_upper(),
        '.' => (before.is_lower() || before.is_quote()) && (after.is_upper() || after.is_quote()),
        ',' => letters,
        '/' if style.german => is_word(before) && is_word(after),
        ':' | '<' | '>' | '=' | '/' => after_word && after.is_letter(),
        '+' | '*' | '^' => before.is_digit() && after.is_digit() && !style.german,
        '-' if before.is_digit() && after.is_digit() => run == 1 && style.hyphen != Hyphen::Never,
        '-' | '–' | '—' | '~' => run <= 3 && hyphen_splits(c, run, before, after, style.hyphen),
        '!' | '?' | '(' | ')' | '[' | ']' => style.german && letters,
        _ => style.german && before.is_letter() && after.is_letter() && is_quote_mark(c),
    }
}

fn is_word(class: Class) -> bool {
    class.is_letter() || class.is_digit()
}

fn is_quote_mark(c: char) -> bool {
    c != '\'' && Class::of(c).is_quote()
}

fn hyphen_splits(c: char, run: usize, before: Class, after: Class, hyphen: Hyphen) -> bool {
    match hyphen {
        Hyphen::Letters => before.is_letter() && after.is_letter(),
        Hyphen::AlsoAfterDigit => is_word(before) && after.is_letter(),
        Hyphen::BeforeLower => before.is_letter() && after.is_lower(),
        Hyphen::Double => c == '-' && run == 2 && before.is_letter() && after.is_letter(),
        Hyphen::Never => false,
    }
}

//! Punctuation at both ends of a chunk: each mark a token, until a word is left.

use super::infixes;
use super::style::{Period, Style};
use super::url::is_url;
use crate::chars::Class;

/// Units that follow a number without a space (spaCy, `lang/char_classes.py`).
const UNITS: &[&str] = &[
    "km", "km²", "km³", "m", "m²", "m³", "dm", "dm²", "dm³", "cm", "cm²", "cm³", "mm", "mm²",
    "mm³", "ha", "µm", "nm", "yd", "in", "ft", "kg", "g", "mg", "µg", "t", "lb", "oz", "m/s",
    "km/h", "kmh", "mph", "hPa", "Pa", "mbar", "mb", "MB", "kb", "KB", "gb", "GB", "tb", "TB", "T",
    "G", "M", "K", "%", "км", "км²", "км³", "м", "м²", "м³", "дм", "дм²", "дм³", "см", "см²",
    "см³", "мм", "мм²", "мм³", "нм", "кг", "г", "мг", "м/с", "км/ч", "кПа", "Па", "мбар", "Кб",
    "КБ", "кб", "Мб", "МБ", "мб", "Гб", "ГБ", "гб", "Тб", "ТБ",
];

const CONTRACTIONS: &[&str] =
    &["n't", "n’t", "'re", "’re", "'ve", "’ve", "'ll", "’ll", "'m", "’m", "'d", "’d"];

/// Appends the words of a chunk: the marks before it, what is between, the marks after it.
pub(super) fn split<'t>(chunk: &'t str, style: &Style, out: &mut Vec<&'t str>) {
    let mut rest = chunk;
    while let prefix @ 1.. = prefix_len(rest) {
        let (mark, tail) = rest.split_at(prefix);
        out.push(mark);
        rest = tail;
    }
    let marks = out.len();
    while let suffix @ 1.. = suffix_len(rest, style) {
        let (head, mark) = rest.split_at(rest.len() - suffix);
        out.push(mark);
        rest = head;
    }
    let middle = out.len();
    out[marks..].reverse();
    between(rest, style, out);
    out[marks..].rotate_left(middle - marks);
}

/// Appends the two words of ASCII letters with one other mark at the end, if they are two.
#[inline]
pub(super) fn split_end<'t>(chunk: &'t str, style: &Style, out: &mut Vec<&'t str>) -> bool {
    // `US$` stands before a number.
    if chunk.len() < 2 || chunk.ends_with('$') || suffix_len(chunk, style) != 1 {
        return false;
    }
    let (word, mark) = chunk.split_at(chunk.len() - 1);
    out.extend([word, mark]);
    true
}

fn between<'t>(text: &'t str, style: &Style, out: &mut Vec<&'t str>) {
    if text.is_empty() {
    } else if text.chars().all(|c| Class::of(c).is_letter()) || is_url(text) {
        out.push(text);
    } else {
        infixes::split(text, style, out);
    }
}

/// Bytes of the mark at the start; 0 where there is none.
fn prefix_len(text: &str) -> usize {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return 0 };
    match first {
        '.' => dots(text.bytes()),
        '+' => usize::from(!chars.next().is_some_and(|c| Class::of(c).is_digit())),
        _ if Class::of(first).is_prefix() => first.len_utf8(),
        'A'..='Z' => foreign_dollar(text),
        _ => 0,
    }
}

/// Length of a run of two full stops or more.
fn dots(bytes: impl Iterator<Item = u8>) -> usize {
    let run = bytes.take_while(|&byte| byte == b'.').count();
    if run > 1 { run } else { 0 }
}

fn foreign_dollar(text: &str) -> usize {
    ["US$", "C$", "A$", "R$"].into_iter().find(|sign| text.starts_with(sign)).map_or(0, str::len)
}

/// Bytes of the mark or unit at the end; 0 where there is none.
fn suffix_len(text: &str, style: &Style) -> usize {
    let mut before = text.chars();
    let Some(last) = before.next_back() else { return 0 };
    let class = Class::of(last);
    match last {
        '.' => full_stop(text, before.as_str(), style),
        '+' => usize::from(ends_in_digit(before.as_str())),
        '/' => usize::from(style.german),
        's' | 'S' if style.possessive && ends_in_apostrophe(before.as_str()) => {
            1 + before.next_back().map_or(0, char::len_utf8)
        }
        _ if class.is_suffix() => last.len_utf8(),
        _ if class.is_currency() && ends_in_digit(before.as_str()) => last.len_utf8(),
        _ if text.starts_with(|c| Class::of(c).is_digit()) => unit(text),
        _ if style.contractions && last.is_ascii_lowercase() => contraction(text),
        _ => 0,
    }
}

fn full_stop(text: &str, before: &str, style: &Style) -> usize {
    let run = dots(text.bytes().rev());
    if run > 0 {
        return run;
    }
    let mut chars = before.chars().rev();
    let Some(last) = chars.next() else { return 0 };
    let class = Class::of(last);
    let two_upper = class.is_upper() && chars.next().is_some_and(|c| Class::of(c).is_upper());
    let ends_sentence = class.is_lower()
        || (class.is_digit() && style.period == Period::AfterDigit)
        || matches!(last, '%' | '²' | '-' | '+')
        || class.is_suffix();
    // `a.` is an initial.
    let initial = before.len() == last.len_utf8() && class.is_lower();
    usize::from(two_upper || (ends_sentence && !initial && style.period != Period::AfterUpper))
}

fn ends_in_digit(text: &str) -> bool {
    text.ends_with(|c| Class::of(c).is_digit())
}

fn ends_in_apostrophe(text: &str) -> bool {
    text.ends_with(['\'', '’'])
}

/// The unit that follows the last digit.
fn unit(text: &str) -> usize {
    let digits = text.rfind(|c| Class::of(c).is_digit()).map_or(0, |at| at + 1);
    let tail = &text[digits..];
    if UNITS.contains(&tail) { tail.len() } else { 0 }
}

fn contraction(text: &str) -> usize {
    let shorter = |ending: &&&str| text.len() > ending.len() && text.ends_with(**ending);
    CONTRACTIONS.iter().find(shorter).map_or(0, |ending| ending.len())
}

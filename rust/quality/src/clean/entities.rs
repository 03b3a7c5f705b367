//! Character references of HTML left in text: `&nbsp;`, `&#105;`, `&#x2014;`, also those that were escaped twice.

use std::sync::OnceLock;

use super::edits::Change;
use super::kind::Kind;

/// Names and the characters that they stand for, sorted by name; from the HTML standard, section 13.5.
static NAMES: &str = include_str!("../../data/entities.tsv");

fn names() -> &'static Vec<(&'static str, String)> {
    static TABLE: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();
    TABLE.get_or_init(|| NAMES.lines().filter_map(named).collect())
}

fn named(line: &'static str) -> Option<(&'static str, String)> {
    let (name, codes) = line.split_once('\t')?;
    let text = codes.split(' ').filter_map(|code| character(u32::from_str_radix(code, 16).ok()?));
    Some((name, text.collect()))
}

/// The character of a number; those of Windows-1252 that stand in the range of controls are read as browsers do.
fn character(code: u32) -> Option<char> {
    const WESTERN: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž',
        '\u{8F}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}',
        'ž', 'Ÿ',
    ];
    match code {
        0x80..=0x9F => WESTERN.get(code as usize - 0x80).copied(),
        _ => char::from_u32(code),
    }
}

/// Adds the changes that resolve the references of `text[from..to]`.
pub(crate) fn resolve(text: &str, from: usize, to: usize, changes: &mut Vec<Change>) {
    let mut at = from;
    while let Some(found) = memchr::memchr(b'&', &text.as_bytes()[at..to]) {
        let start = at + found;
        at = start + 1;
        if let Some((length, by)) = reference(&text[start..to]) {
            changes.push(Change::new(start..start + length, by, Kind::Entity));
            at = start + length;
        }
    }
}

/// The length of the reference that a text begins with, and what it stands for.
fn reference(text: &str) -> Option<(usize, String)> {
    let mut length = 1;
    // `&amp;nbsp;` was escaped twice.
    while let Some(rest) = text[length..].strip_prefix("amp;") {
        if !rest.starts_with(|c: char| c == '#' || c.is_ascii_lowercase()) {
            break;
        }
        reference_body(rest)?;
        length += 4;
    }
    let (body, by) = reference_body(&text[length..])?;
    let end = length + body;
    let by = if by == "\u{a0}" { " ".to_owned() } else { by };
    // What would look like markup, or like another reference, is what somebody wrote about.
    let next = text[end..].chars().next();
    let opens = by == "<" && next.is_some_and(|c| c.is_ascii_alphabetic() || "/!?&".contains(c));
    let again = by == "&" && next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '#');
    let hidden = by.chars().any(|c| gamayun_text::is_removed(c) || c == '\r');
    (!opens && !again && !hidden).then_some((end, by))
}

/// The same after the ampersand.
fn reference_body(text: &str) -> Option<(usize, String)> {
    let end = text.bytes().take(33).position(|b| b == b';')?;
    let body = &text[..end];
    let by = if let Some(digits) = body.strip_prefix('#') {
        let code = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => digits.parse().ok()?,
        };
        character(code)?.to_string()
    } else {
        let table = names();
        let place = table.binary_search_by_key(&body, |(name, _)| name).ok()?;
        table[place].1.clone()
    };
    Some((end + 1, by))
}

//! Citations of Wikipedia: `[12]`, `[]`, `[edit]`, `[citation needed]`.

use std::ops::Range;

use memchr::memchr;

use crate::chars::is_decimal;

/// The citations of a line, from the left, none within another.
pub(super) fn find(line: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + memchr(b'[', &line.as_bytes()[from..])?;
            from = start + 1;
            if let Some(inside) = inside_len(&line[from..]) {
                from += inside;
                return Some(start..from);
            }
        }
    })
}

/// Bytes up to and with the closing bracket; `None` if this is no citation.
fn inside_len(rest: &str) -> Option<usize> {
    for words in ["edit]", "citation needed]"] {
        if rest.starts_with(words) {
            return Some(words.len());
        }
    }
    let number = rest.len() - rest.trim_start_matches(is_decimal).len();
    rest[number..].starts_with(']').then_some(number + 1)
}

//! Number signs, ellipses, bullets: what is counted in the raw text.

use memchr::{memchr_iter, memchr3, memmem};

use super::set_ratio;
use crate::chars::{is_line_end, is_space};
use crate::measurement::{Measured, Metric};

pub(super) fn measure(text: &str, words: u64, measured: &mut Measured) {
    let hashes = memchr_iter(b'#', text.as_bytes()).count() as u64;
    let dots = memmem::find_iter(text.as_bytes(), "...").count() as u64;
    let signs = memmem::find_iter(text.as_bytes(), "…").count() as u64;
    set_ratio(measured, Metric::Hashes, hashes, words);
    set_ratio(measured, Metric::Ellipses, dots + signs, words);
    let (mut lines, mut bullets, mut ellipses) = (0, 0, 0);
    for_each_line(text, |line| {
        lines += 1;
        bullets += u64::from(line.trim_start_matches(is_space).starts_with(['•', '-']));
        let line = line.trim_end_matches(is_space);
        ellipses += u64::from(line.ends_with("...") || line.ends_with('…'));
    });
    set_ratio(measured, Metric::BulletLines, bullets, lines);
    set_ratio(measured, Metric::EllipsisLines, ellipses, lines);
}

/// The lines of `str.splitlines` of Python.
fn for_each_line(text: &str, mut take: impl FnMut(&str)) {
    if has_other_line_ends(text.as_bytes()) {
        return for_each_line_of_any_end(text, take);
    }
    let mut start = 0;
    for end in memchr_iter(b'\n', text.as_bytes()) {
        take(&text[start..end]);
        start = end + 1;
    }
    if start < text.len() {
        take(&text[start..]);
    }
}

/// Whether a line may end in something else than a line feed: rare, and found faster than a class of characters is.
fn has_other_line_ends(text: &[u8]) -> bool {
    memchr3(b'\r', 0x0b, 0x0c, text).is_some()
        || memchr3(0x1c, 0x1d, 0x1e, text).is_some()
        || ["\u{85}", "\u{2028}", "\u{2029}"]
            .iter()
            .any(|end| memmem::find(text, end.as_bytes()).is_some())
}

fn for_each_line_of_any_end(text: &str, mut take: impl FnMut(&str)) {
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_line_end).unwrap_or(rest.len());
        take(&rest[..end]);
        rest = &rest[end..];
        rest = rest.strip_prefix("\r\n").unwrap_or_else(|| {
            let mut ends = rest.chars();
            ends.next();
            ends.as_str()
        });
    }
}

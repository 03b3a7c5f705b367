//! Number signs, ellipses, bullets: what is counted in the raw text.

use memchr::{memchr_iter, memmem};

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
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_line_end).unwrap_or(rest.len());
        take(&rest[..end]);
        rest = &rest[end..];
        let mut ends = rest.chars();
        if ends.next() == Some('\r') && ends.clone().next() == Some('\n') {
            ends.next();
        }
        rest = ends.as_str();
    }
}

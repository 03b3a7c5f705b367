//! Number signs, ellipses, bullets: what is counted in the raw text.

use memchr::{memchr_iter, memmem};

use super::set_ratio;
use crate::chars::is_space;
use crate::line_ends::for_each_line;
use crate::measurement::{Measured, Metric};

pub(super) fn measure(text: &str, words: u64, measured: &mut Measured) {
    let hashes = memchr_iter(b'#', text.as_bytes()).count() as u64;
    let dots = memmem::find_iter(text.as_bytes(), "...").count() as u64;
    let signs = memmem::find_iter(text.as_bytes(), "…").count() as u64;
    set_ratio(measured, Metric::Hashes, hashes, words);
    set_ratio(measured, Metric::Ellipses, dots + signs, words);
    let (mut lines, mut bullets, mut ellipses) = (0, 0, 0);
    for_each_line(text, |_, line| {
        lines += 1;
        bullets += u64::from(line.trim_start_matches(is_space).starts_with(['•', '-']));
        let line = line.trim_end_matches(is_space);
        ellipses += u64::from(line.ends_with("...") || line.ends_with('…'));
    });
    set_ratio(measured, Metric::BulletLines, bullets, lines);
    set_ratio(measured, Metric::EllipsisLines, ellipses, lines);
}

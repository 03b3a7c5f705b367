//! Lines as `str.splitlines` of Python makes them, which knows ten ends.

use memchr::{memchr_iter, memchr3, memmem};

use crate::chars::is_line_end;

/// Calls `take` with every line and where it starts.
pub(crate) fn for_each_line<'t>(text: &'t str, mut take: impl FnMut(usize, &'t str)) {
    if has_other_line_ends(text.as_bytes()) {
        return for_each_line_of_any_end(text, take);
    }
    let mut start = 0;
    for end in memchr_iter(b'\n', text.as_bytes()) {
        take(start, &text[start..end]);
        start = end + 1;
    }
    if start < text.len() {
        take(start, &text[start..]);
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

fn for_each_line_of_any_end<'t>(text: &'t str, mut take: impl FnMut(usize, &'t str)) {
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_line_end).unwrap_or(rest.len());
        take(text.len() - rest.len(), &rest[..end]);
        rest = &rest[end..];
        rest = rest.strip_prefix("\r\n").unwrap_or_else(|| {
            let mut ends = rest.chars();
            ends.next();
            ends.as_str()
        });
    }
}

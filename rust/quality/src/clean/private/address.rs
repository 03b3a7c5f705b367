//! E-mail addresses.

use std::ops::Range;

use super::Found;
use crate::clean::kind::Kind;

/// Ends of file names and units that stand after an at sign.
const NO_DOMAINS: &[&str] = &[
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "css",
    "js",
    "html",
    "py",
    "ts",
    "service",
    "socket",
    "target",
    "mount",
    "timer",
    "conf",
    "so",
    "slice",
    "scope",
    "device",
    "local",
    "invalid",
    "test",
    "localhost",
    "example",
];

/// Local parts that are no persons.
const NO_PERSONS: &[&str] = &["git", "svn", "hg", "ssh"];

/// Adds the addresses of a text.
pub(crate) fn emails(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    for at in memchr::memchr_iter(b'@', bytes) {
        if let Some(range) = email(text, at) {
            found.push((range, Kind::Email));
        }
    }
}

fn email(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_local = |b: &u8| b.is_ascii_alphanumeric() || b"._%+-".contains(b);
    let length = bytes[..at].iter().rev().take(65).take_while(|b| is_local(b)).count();
    let trimmed = bytes[at - length..at].iter().take_while(|b| !b.is_ascii_alphanumeric()).count();
    let start = at - length + trimmed;
    let is_domain = |b: &u8| b.is_ascii_alphanumeric() || b".-".contains(b);
    let mut end = at + 1 + bytes[at + 1..].iter().take(255).take_while(|b| is_domain(b)).count();
    while end > at + 1 && !bytes[end - 1].is_ascii_alphanumeric() {
        end -= 1;
    }
    let (local, domain) = (&text[start..at], &text[at + 1..end]);
    let (name, top) = domain.rsplit_once('.')?;
    let labels = name.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
    let top_fits = (2..=24).contains(&top.len()) && top.bytes().all(|b| b.is_ascii_alphabetic());
    let reserved = NO_DOMAINS.contains(&top) || name == "example" || name.ends_with(".example");
    let fits = !local.is_empty() && length <= 64 && !local.ends_with('.');
    (fits && labels && top_fits && !reserved && !NO_PERSONS.contains(&local)).then_some(start..end)
}

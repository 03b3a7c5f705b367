//! Whether a chunk is an address (`example.org/a?b`, `me@example.org`, `file.txt`), which is one word.

use crate::chars::Class;

/// Whether all of `text` is an address: a host of two labels or more, with or without scheme, user, port and path.
///
/// Close to the pattern of spaCy (`lang/tokenizer_exceptions.py`), which takes any two names joined by a full stop, the
/// last in lower case, for a host.
pub(super) fn is_url(text: &str) -> bool {
    if !text.contains('.') {
        return false;
    }
    let rest = after_scheme(text);
    is_host_and_path(rest)
        || rest.match_indices('@').any(|(at, _)| at > 0 && is_host_and_path(&rest[at + 1..]))
}

fn after_scheme(text: &str) -> &str {
    let scheme = |c: char| c.is_alphanumeric() || matches!(c, '_' | '+' | '-' | '.');
    match text.split_once("://") {
        Some((head, rest)) if head.chars().count() > 1 && head.chars().all(scheme) => rest,
        _ => text,
    }
}

fn is_host_and_path(text: &str) -> bool {
    let (host, rest) = text.split_at(text.find([':', '/', '?', '#']).unwrap_or(text.len()));
    (is_named_host(host) || is_address(host)) && is_port_and_path(rest)
}

fn is_port_and_path(text: &str) -> bool {
    let rest = text.strip_prefix(':').map_or(Some(text), after_port);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

fn after_port(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (2..=5).contains(&digits).then(|| &text[digits..])
}

fn is_named_host(host: &str) -> bool {
    let Some((labels, last)) = host.rsplit_once('.') else { return false };
    labels.split('.').all(is_label)
        && last.chars().all(|c| Class::of(c).is_lower())
        && (2..=63).contains(&last.chars().count())
}

fn is_label(label: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || ('\u{a1}'..='\u{ffff}').contains(&c);
    label.starts_with(name)
        && label.ends_with(name)
        && label.chars().all(|c| name(c) || matches!(c, '_' | '-'))
}

/// An IPv4 address.
fn is_address(host: &str) -> bool {
    host.split('.').count() == 4 && host.split('.').all(|part| part.parse::<u8>().is_ok())
}

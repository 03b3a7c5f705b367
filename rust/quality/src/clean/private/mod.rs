//! What names a person or opens a door: addresses, numbers, keys; found, and replaced by what is reserved for examples.
//!
//! The replacement depends on the document and the match alone: the first address of a text becomes the first example,
//! and so wherever else it stands in that text.

mod address;
mod number;
mod secret;

use std::ops::Range;

use super::edits::Change;
use super::kind::Kind;

/// A stretch of text and what it is.
pub(crate) type Found = (Range<usize>, Kind);

/// The changes that replace what is private, of the kinds that are wanted.
pub(crate) fn replace(text: &str, wanted: &[Kind]) -> Vec<Change> {
    let mut found: Vec<Found> = Vec::new();
    let wants = |kind| wanted.contains(&kind);
    if wants(Kind::Secret) {
        secret::find(text, &mut found);
    }
    if wants(Kind::Email) {
        address::emails(text, &mut found);
    }
    if [Kind::Ip, Kind::Phone, Kind::Iban, Kind::Card].into_iter().any(wants) {
        number::find(text, &mut found);
    }
    found.retain(|(_, kind)| wants(*kind));
    // Of two that share text the one that begins first stays, and of those the longer.
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut end = 0;
    found.retain(|(range, _)| {
        let free = range.start >= end;
        end = if free { range.end } else { end };
        free
    });
    numbered(text, &found)
}

/// The changes, equal matches with equal numbers.
fn numbered(text: &str, found: &[Found]) -> Vec<Change> {
    let mut seen: Vec<(&str, Kind)> = Vec::new();
    let mut changes = Vec::with_capacity(found.len());
    for (range, kind) in found {
        let this = (&text[range.clone()], *kind);
        let place = seen.iter().position(|known| *known == this).unwrap_or_else(|| {
            seen.push(this);
            seen.len() - 1
        });
        let number = 1 + seen[..place].iter().filter(|(_, known)| known == kind).count();
        changes.push(Change::new(range.clone(), example(this.0, *kind, number), *kind));
    }
    changes
}

/// What stands for the n-th of a kind in a text; none of it belongs to anybody.
fn example(matched: &str, kind: Kind, number: usize) -> String {
    match kind {
        Kind::Email => format!("email{number}@example.com"),
        // RFC 5737 and RFC 3849 keep these for documentation.
        Kind::Ip if matched.contains(':') => format!("2001:db8::{number:x}"),
        Kind::Ip => format!("192.0.2.{}", (number - 1) % 254 + 1),
        // Numbers that are kept for fiction.
        Kind::Phone => format!("+1-202-555-01{:02}", (number - 1) % 100),
        Kind::Iban => format!("XX00 0000 0000 {number:04}"),
        Kind::Card => format!("0000-0000-0000-{number:04}"),
        _ => format!("[secret {number}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::edits::Cleaned;

    const ALL: [Kind; 6] =
        [Kind::Email, Kind::Ip, Kind::Phone, Kind::Iban, Kind::Card, Kind::Secret];

    fn replaced(text: &str) -> String {
        let mut cleaned = Cleaned { text: text.to_owned(), edits: Vec::new() };
        cleaned.apply(&replace(text, &ALL));
        assert_eq!(cleaned.undo(), text);
        assert_eq!(replace(&cleaned.text, &ALL), [], "{}", cleaned.text);
        cleaned.text
    }

    #[test]
    fn what_is_private_is_replaced() {
        let key = format!("AKIA{}", "IOSFODNN7EXAMPL2");
        for (text, expected) in [
            (
                "Write to Anna.Berg+x@mail.company.de, or a@b.co, or Anna.Berg+x@mail.company.de.",
                "Write to email1@example.com, or email2@example.com, or email1@example.com.",
            ),
            (
                "from 93.184.216.34 to 2606:2800:220:1:248:1893:25c8:1946!",
                "from 192.0.2.1 to 2001:db8::2!",
            ),
            ("call +49 30 901820 or +7 (495) 123-45-67", "call +1-202-555-0100 or +1-202-555-0101"),
            (
                "Tel.: 030 / 90 18 20, тел. 8 (495) 123-45-67",
                "Tel.: +1-202-555-0100, тел. +1-202-555-0101",
            ),
            ("IBAN DE89 3704 0044 0532 0130 00 ok", "IBAN XX00 0000 0000 0001 ok"),
            ("card 4111 1111 1111 1111.", "card 0000-0000-0000-0001."),
            (&format!("aws {key} end"), "aws [secret 1] end"),
            ("api_key = \"a8Fj3kLm9QpX2vBn7TzR4w\"", "api_key = \"[secret 1]\""),
            (
                "x -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- y",
                "x [secret 1] y",
            ),
        ] {
            assert_eq!(replaced(text), expected);
        }
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for text in [
            "git@github.com:a/b.git icon@2x.png getty@tty1.service user@host me@example.org",
            "version 93.184.216.34, 1.2.3.4, 127.0.0.1, 192.168.1.1, 10.0.0.1, 256.1.1.1, 1.2.3.4.5",
            "12:30:45 std::vec a::b ::1 fe80::1 2001:db8::1",
            "2024-01-15 12:30, 1 234 567 890, 3.14159265358979, 978-3-16-148410-0, +0300, +12345",
            "DE89 3704 0044 0532 0130 01, card 4111 1111 1111 1112, 0x4111111111111111",
            "token = get_token_from_environment(), password: correct horse, key=0000000000000000000000",
        ] {
            assert_eq!(replaced(text), text);
        }
    }
}

//! Numbers: IP addresses, bank accounts, payment cards, phones; each held to its own check.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::Found;
use crate::clean::kind::Kind;

/// Adds the numbers of a text.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(u8::is_ascii_digit) {
        let digit = at + next;
        let (end, number) = number(text, digit);
        found.extend(number);
        at = end.max(digit + 1);
    }
}

/// Whether a number of one kind holds the digits at a place, and where it lies.
type Check = fn(&str, usize) -> Option<Range<usize>>;

/// What the digits at `digit` belong to, and where to look on.
fn number(text: &str, digit: usize) -> (usize, Option<Found>) {
    let run = text.as_bytes()[digit..].iter().take_while(|b| b.is_ascii_digit()).count();
    let checks: [(Check, Kind); 5] = [
        (ip4, Kind::Ip),
        (ip6, Kind::Ip),
        (iban, Kind::Iban),
        (card, Kind::Card),
        (phone, Kind::Phone),
    ];
    for (check, kind) in checks {
        if let Some(range) = check(text, digit) {
            return (range.end, Some((range, kind)));
        }
    }
    (digit + run, None)
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || !b.is_ascii()
}

/// Whether nothing that would make it part of something longer stands around a stretch.
fn is_free(text: &str, range: &Range<usize>, apart: &[u8]) -> bool {
    let bytes = text.as_bytes();
    let joins = |b: u8| is_word(b) || apart.contains(&b);
    let before = range.start > 0 && joins(bytes[range.start - 1]);
    let after = bytes.get(range.end).is_some_and(|&b| is_word(b));
    // A point ends a sentence, unless a digit follows.
    let goes_on = matches!(bytes.get(range.end), Some(b'.' | b'-' | b'/' | b':' | b','))
        && bytes.get(range.end + 1).is_some_and(u8::is_ascii_digit);
    !before && !after && !goes_on
}

/// A globally routable address of four numbers, not all of them small as those of versions are.
fn ip4(text: &str, digit: usize) -> Option<Range<usize>> {
    let length =
        text[digit..].bytes().take(16).take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let token = text[digit..digit + length].trim_end_matches('.');
    let octets = token.parse::<Ipv4Addr>().ok()?.octets();
    let range = digit..digit + token.len();
    let [a, b, c, _] = octets;
    let reserved = matches!(a, 0 | 10 | 127 | 224..)
        || a == 100 && (64..128).contains(&b)
        || a == 169 && b == 254
        || a == 172 && (16..32).contains(&b)
        || a == 192 && (b == 168 || b == 0 || b == 88 && c == 99)
        || a == 198 && (b == 18 || b == 19 || b == 51 && c == 100)
        || a == 203 && b == 0 && c == 113;
    let small = octets.iter().all(|octet| *octet <= 20);
    let last = text[..digit].trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    let version = ["version", "v", "release", "section", "kernel"].contains(&&*last.to_lowercase());
    (!reserved && !small && !version && is_free(text, &range, b".-/")).then_some(range)
}

/// A global unicast address of eight groups, `2000::/3`, but for those of documentation.
fn ip6(text: &str, digit: usize) -> Option<Range<usize>> {
    let length =
        text[digit..].bytes().take(40).take_while(|b| b.is_ascii_hexdigit() || *b == b':').count();
    let token = text[digit..digit + length].trim_end_matches(':');
    let segments = token.parse::<Ipv6Addr>().ok()?.segments();
    let range = digit..digit + token.len();
    let global = segments[0] & 0xE000 == 0x2000 && !(segments[0] == 0x2001 && segments[1] == 0xDB8);
    (global && is_free(text, &range, b":.-")).then_some(range)
}

/// Characters of accounts by country, from the register of ISO 13616.
const ACCOUNTS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GR", 27),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MT", 31),
    ("NL", 18),
    ("NO", 15),
    ("PK", 24),
    ("PL", 28),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("SA", 24),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("XK", 20),
];

/// An account: two letters before the digits, the length of its country, remainder 1 by 97.
fn iban(text: &str, digit: usize) -> Option<Range<usize>> {
    let start = digit.checked_sub(2)?;
    let country = text.get(start..digit)?;
    let (_, length) = ACCOUNTS.iter().find(|(known, _)| *known == country)?;
    let mut compact = String::new();
    let mut end = start;
    for (offset, c) in text[start..].char_indices() {
        if compact.len() == *length {
            break;
        }
        match c {
            ' ' if compact.len().is_multiple_of(4) => {}
            _ if c.is_ascii_alphanumeric() => compact.push(c.to_ascii_uppercase()),
            _ => return None,
        }
        end = start + offset + c.len_utf8();
    }
    if compact.len() != *length {
        return None;
    }
    let turned = compact[4..].bytes().chain(compact[..4].bytes());
    let remainder = turned.fold(0_u64, |sum, b| match b {
        b'0'..=b'9' => (sum * 10 + u64::from(b - b'0')) % 97,
        _ => (sum * 100 + u64::from(b - b'A') + 10) % 97,
    });
    let range = start..end;
    (remainder == 1 && is_free(text, &range, b"")).then_some(range)
}

/// A number of digits with one kind of separator between groups: where it ends, and its digits.
fn grouped(text: &str, digit: usize, separators: &[u8], most: usize) -> (usize, String) {
    let bytes = text.as_bytes();
    let mut digits = String::new();
    let mut end = digit;
    while let Some(&b) = bytes.get(end) {
        if b.is_ascii_digit() && digits.len() <= most {
            digits.push(char::from(b));
        } else if !(separators.contains(&b) && bytes.get(end + 1).is_some_and(u8::is_ascii_digit)) {
            break;
        }
        end += 1;
    }
    (end, digits)
}

/// A payment card: a known beginning, the length that goes with it, Luhn's check.
fn card(text: &str, digit: usize) -> Option<Range<usize>> {
    let (end, digits) = grouped(text, digit, b" -", 19);
    let head =
        |length: usize| digits.get(..length).and_then(|head| head.parse::<u32>().ok()).unwrap_or(0);
    let known = match digits.len() {
        15 => matches!(head(2), 34 | 37),
        16 => {
            head(1) == 4
                || matches!(head(2), 51..=55 | 62 | 65)
                || matches!(head(4), 2200..=2204 | 2221..=2720 | 6011 | 3528..=3589)
        }
        19 => head(2) == 62,
        _ => false,
    };
    let token = &text[digit..end];
    let parts: Vec<usize> = token.split([' ', '-']).map(str::len).collect();
    let shaped = parts.len() == 1 || parts.iter().all(|&part| part == 4) || parts == [4, 6, 5];
    let varied = digits.bytes().any(|b| b != digits.as_bytes()[0]);
    let range = digit..end;
    (known && shaped && varied && luhn(&digits) && is_free(text, &range, b".-/#=+,"))
        .then_some(range)
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, b)| {
            let value = u32::from(b - b'0') * if place % 2 == 1 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Words before a number that say it is a phone's.
const PHONES: &[&str] = &[
    "tel",
    "telefon",
    "telephone",
    "phone",
    "fax",
    "mobile",
    "cell",
    "whatsapp",
    "tél",
    "téléphone",
    "teléfono",
    "telefone",
    "telefono",
    "móvil",
    "celular",
    "cellulare",
    "handy",
    "mobil",
    "тел",
    "телефон",
    "факс",
    "моб",
    "gsm",
    "telefonu",
    "电话",
    "手机",
    "電話",
    "携帯",
    "전화",
    "휴대폰",
    "هاتف",
    "جوال",
    "تلفون",
    "điện thoại",
];

/// A phone: international, with an area in brackets, or after a word that says so.
fn phone(text: &str, digit: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let plus = digit > 0 && bytes[digit - 1] == b'+';
    let bracket = digit > 0 && bytes[digit - 1] == b'(';
    let (end, digits) = spread(text, digit);
    let parts = text[digit..end]
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .count();
    let start = if plus || bracket { digit - 1 } else { digit };
    let area = text[digit..end].contains('(') || bracket;
    let fits = if plus {
        bytes[digit] != b'0' && (9..=15).contains(&digits) && (parts >= 2 || digits >= 11)
    } else if area && text[start..end].contains(')') {
        (10..=12).contains(&digits) && parts >= 3
    } else {
        (7..=12).contains(&digits) && is_announced(&text[..start])
    };
    let range = start..end;
    // What stands for examples in this module, and elsewhere in fiction.
    let fiction = text[range.clone()].contains("555-01");
    (fits && !fiction && is_free(text, &range, b".-/#=+,")).then_some(range)
}

/// Where digits in groups end, brackets included, and how many they are.
fn spread(text: &str, digit: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let (mut digits, mut end, mut at) = (0, digit, digit);
    let mut gap = 0;
    while let Some(&b) = bytes.get(at) {
        at += 1;
        if b.is_ascii_digit() {
            digits += 1;
            (end, gap) = (at, 0);
        } else if b" -./()".contains(&b) && gap < 3 {
            gap += 1;
        } else {
            break;
        }
    }
    (end, digits)
}

/// Whether the word before is one of [`PHONES`].
fn is_announced(before: &str) -> bool {
    let before = before.trim_end_matches([' ', ':', '.', '：', '(', '\u{a0}', '№']);
    let from = before.floor_char_boundary(before.len().saturating_sub(24));
    let tail = before[from..].to_lowercase();
    PHONES.iter().any(|word| {
        tail.strip_suffix(word).is_some_and(|rest| {
            let last = rest.chars().next_back();
            last.is_none_or(|c| !c.is_alphabetic() || c >= '\u{2E80}')
        })
    })
}

//! Keys, tokens and passwords: by the prefixes of their makers, and by what they are called.

use super::Found;
use crate::clean::kind::Kind;

/// A prefix, how many characters follow it at least, and which.
type Prefix = (&'static str, usize, fn(u8) -> bool);

const PREFIXES: &[Prefix] = &[
    ("AKIA", 16, |b| b.is_ascii_uppercase() || b.is_ascii_digit()),
    ("ASIA", 16, |b| b.is_ascii_uppercase() || b.is_ascii_digit()),
    ("ghp_", 36, |b| b.is_ascii_alphanumeric()),
    ("gho_", 36, |b| b.is_ascii_alphanumeric()),
    ("ghu_", 36, |b| b.is_ascii_alphanumeric()),
    ("ghs_", 36, |b| b.is_ascii_alphanumeric()),
    ("github_pat_", 40, is_token),
    ("glpat-", 20, is_token),
    ("xoxb-", 20, is_token),
    ("xoxp-", 20, is_token),
    ("AIza", 35, is_token),
    ("sk_live_", 24, |b| b.is_ascii_alphanumeric()),
];

fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

/// Names after which a value is a secret.
const NAMES: &[&str] = &["key", "secret", "token", "passwd", "password"];

/// The least length of a value that has only its name to tell of it, and the least bits a character.
const LEAST: usize = 20;
const BITS: f64 = 3.5;

/// Adds the secrets of a text.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    for &(prefix, least, fits) in PREFIXES {
        for start in memchr::memmem::find_iter(bytes, prefix.as_bytes()) {
            let from = start + prefix.len();
            let length = bytes[from..].iter().take_while(|b| fits(**b)).count();
            if length >= least && !text[..start].ends_with(|c: char| c.is_ascii_alphanumeric()) {
                found.push((start..from + length, Kind::Secret));
            }
        }
    }
    private_keys(text, found);
    web_tokens(text, found);
    for at in memchr::memchr2_iter(b'=', b':', bytes) {
        named(text, at, found);
    }
}

fn private_keys(text: &str, found: &mut Vec<Found>) {
    let mut at = 0;
    while let Some(start) = text[at..].find("-----BEGIN ").map(|start| at + start) {
        at = start + 11;
        let head = &text[at..text.ceil_char_boundary((at + 48).min(text.len()))];
        if !head.contains("PRIVATE KEY-----") {
            continue;
        }
        let Some(end) = text[at..].find("-----END ").map(|end| at + end + 9) else { break };
        let Some(close) = text[end..].find("-----").map(|close| end + close + 5) else { break };
        found.push((start..close, Kind::Secret));
        at = close;
    }
}

/// Three parts of base64 with dots between them, the first two of which open a JSON object.
fn web_tokens(text: &str, found: &mut Vec<Found>) {
    for start in memchr::memmem::find_iter(text.as_bytes(), b"eyJ") {
        let rest = &text[start..];
        let length = rest.bytes().take_while(|&b| is_token(b) || b == b'.').count();
        let parts: Vec<&str> = rest[..length].trim_end_matches('.').split('.').collect();
        if parts.len() == 3
            && parts[1].starts_with("eyJ")
            && parts.iter().all(|part| part.len() >= 10)
        {
            found.push((
                start..start + parts.iter().map(|part| part.len() + 1).sum::<usize>() - 1,
                Kind::Secret,
            ));
        }
    }
}

/// A value after `key =` and the like, if it looks drawn by lot.
fn named(text: &str, at: usize, found: &mut Vec<Found>) {
    let before = text[..at].trim_end_matches([' ', '"', '\'']);
    let name: Vec<u8> = before.bytes().rev().take(8).map(|b| b.to_ascii_lowercase()).collect();
    if !NAMES.iter().any(|known| name.starts_with(&known.bytes().rev().collect::<Vec<u8>>())) {
        return;
    }
    let rest = &text[at + 1..];
    let skipped = rest.len() - rest.trim_start_matches([' ', '"', '\'']).len();
    let value = &rest[skipped..];
    let fits = |b: u8| is_token(b) || b == b'+' || b == b'/';
    let length = value.bytes().take_while(|&b| fits(b)).count();
    let value = &value[..length];
    let mixed = value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_lowercase())
        && !value.contains("//");
    if length >= LEAST && mixed && bits(value.as_bytes()) >= BITS {
        let start = at + 1 + skipped;
        found.push((start..start + length, Kind::Secret));
    }
}

/// Shannon's entropy of the bytes of a value, in bits a byte.
fn bits(value: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for b in value {
        counts[usize::from(*b)] += 1;
    }
    let total = f64::from(u32::try_from(value.len()).unwrap_or(u32::MAX));
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / total);
    shares.map(|share| -share * share.log2()).sum()
}

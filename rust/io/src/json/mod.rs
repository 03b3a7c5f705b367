//! JSON lines taken apart, and canonical JSON written.
//!
//! Canonical: object keys sorted by their bytes, no white space, only the escapes that must be,
//! integers as written, other numbers as the shortest decimal of their `f64`. Of equal keys the
//! last wins, as in Python. Nothing lenient: what RFC 8259 forbids is an error.

use std::ops::Range;

mod parse;
#[cfg(test)]
mod reference;
mod write;

pub(crate) use parse::{Field, JsonError, Scratch, has_field, parse};
pub(crate) use write::{object, sorted, write_f64, write_string};

/// A key and a value, as ranges of the text that both were written to.
pub(crate) type Entry = (Range<usize>, Range<usize>);

/// The place of the first quote, backslash or control character from `from` on, else the length.
///
/// Eight bytes at a time: a byte is below 0x20, or equals a quote or backslash, where the
/// subtraction borrows ("Bit Twiddling Hacks": hasless, haszero). The lowest mark is exact.
fn special(bytes: &[u8], from: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let mut at = from;
    while let Some(chunk) = bytes[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * 0x22);
        let slash = word ^ (ONES * 0x5c);
        let marks = (word.wrapping_sub(ONES * 0x20) & !word)
            | (quote.wrapping_sub(ONES) & !quote)
            | (slash.wrapping_sub(ONES) & !slash);
        if marks & HIGH != 0 {
            return at + ((marks & HIGH).trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes[at..].iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\');
    rest.map_or(bytes.len(), |found| at + found)
}

//! JSON lines taken apart, and canonical JSON written.
//!
//! Canonical: object keys sorted by their bytes, no white space, only the escapes that must be,
//! integers as written, other numbers as the shortest decimal of their `f64`. Of equal keys the
//! last wins, as in Python. Nothing lenient: what RFC 8259 forbids is an error.

use std::ops::Range;

mod copy;
mod parse;
#[cfg(test)]
mod reference;
mod special;
mod write;

pub(crate) use copy::copy;
pub(crate) use parse::{Field, JsonError, Scratch, Want, has_field, parse};
pub(crate) use special::special;
pub(crate) use write::{object, sorted, write_f64, write_string};

/// A key and a value, as ranges of the text that both were written to.
pub(crate) type Entry = (Range<usize>, Range<usize>);

//! The identity of a document: never its file, row or thread.

use std::fmt;

use crate::hash::{hash128, hash128_of, mix64};

/// xxh3-128 of (source name, the user's id or else the text).
///
/// Written as 32 lower-case hexadecimal digits; stored as 16 big-endian bytes, so that the order of ids, of their
/// bytes and of their digits is one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct DocId(pub u128);

impl DocId {
    /// The id of a document that its user named.
    #[must_use]
    pub fn of_name(source: &str, id: &str) -> Self {
        Self::of(source, b"id", id)
    }

    /// The id of a document that has only its text.
    #[must_use]
    pub fn of_text(source: &str, text: &str) -> Self {
        Self::of(source, b"text", text)
    }

    fn of(source: &str, kind: &[u8], value: &str) -> Self {
        Self(hash128_of(&[source.as_bytes(), &[0], kind, &[0], value.as_bytes()]))
    }

    /// The id of the `n`-th document of those that share this one; the first keeps it.
    #[must_use]
    pub fn numbered(self, n: u64) -> Self {
        if n == 0 {
            return self;
        }
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(&self.to_bytes());
        bytes[16..].copy_from_slice(&n.to_be_bytes());
        Self(hash128(&bytes))
    }

    /// The 16 bytes that are stored.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The id whose stored bytes these are.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The id whose 32 hexadecimal digits these are.
    #[must_use]
    pub fn from_hex(digits: &str) -> Option<Self> {
        (digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .then(|| u128::from_str_radix(digits, 16).ok().map(Self))
            .flatten()
    }

    /// A 64-bit value for ordering and sampling with `seed`: well mixed, the same on every machine.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
    pub fn draw(self, seed: u64) -> u64 {
        mix64((self.0 >> 64) as u64 ^ mix64(self.0 as u64, seed), seed)
    }

    /// The shuffle key of copy `copy` of `copies`: [`draw`](Self::draw), gone on by an equal part of the circle of 2⁶⁴
    /// a copy, so that the copies of a document lie evenly round its pool and not beside each other.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a copy below the number of copies gives a part below 2⁶⁴"
    )]
    pub fn copy_draw(self, seed: u64, copy: u32, copies: u32) -> u64 {
        let part = (u128::from(copy) << 64) / u128::from(copies.max(1));
        self.draw(seed).wrapping_add(part as u64)
    }
}

impl fmt::Display for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_and_unnamed_documents_differ() {
        assert_ne!(DocId::of_name("web", "a"), DocId::of_text("web", "a"));
        assert_ne!(DocId::of_name("we", "ba"), DocId::of_name("web", "a"));
    }

    #[test]
    fn digits_bytes_and_order_agree() {
        let (a, b) = (DocId::of_name("web", "a"), DocId::of_name("web", "b"));
        assert_eq!(DocId::from_hex(&a.to_string()), Some(a));
        assert_eq!(DocId::from_bytes(b.to_bytes()), b);
        assert_eq!(a < b, a.to_bytes() < b.to_bytes());
        assert_eq!(a < b, a.to_string() < b.to_string());
        assert_eq!(DocId::from_hex("+0000000000000000000000000000001"), None);
    }

    #[test]
    fn copies_lie_evenly_round_the_circle() {
        let id = DocId::of_name("web", "a");
        assert_eq!(id.copy_draw(7, 0, 1), id.draw(7));
        for copies in 1..=12_u32 {
            let mut keys: Vec<u64> = (0..copies).map(|c| id.copy_draw(7, c, copies)).collect();
            assert_eq!(keys[0], id.draw(7));
            keys.sort_unstable();
            let gaps = keys.windows(2).map(|pair| pair[1] - pair[0]);
            let even = u64::MAX / u64::from(copies);
            assert!(gaps.into_iter().all(|gap| gap.abs_diff(even) <= 1), "{copies}");
        }
    }

    #[test]
    fn the_first_of_a_tie_keeps_its_id() {
        let id = DocId::of_name("web", "a");
        assert_eq!(id.numbered(0), id);
        assert_ne!(id.numbered(1), id.numbered(2));
    }
}

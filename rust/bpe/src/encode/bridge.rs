//! Which neighbouring characters some token joins: where none does, a pretoken can be cut and its pieces merged apart.
//!
//! Every symbol that merging ever makes is a token. If no token holds the end of one character and the start of the next,
//! no merge crosses between them, so the tokens of the whole are those of the pieces. Chinese and Japanese pretokens are
//! whole clauses and rarely met twice; their pieces are words, and often met.

use crate::key::fold;

/// Bits of the filter for each pair of characters in it.
const BITS_PER_PAIR: usize = 16;

/// A filter: it may take two characters for joined that are not, never the other way round.
#[derive(Clone, Debug)]
pub(crate) struct Bridges {
    /// By hash of two whole characters.
    pairs: Vec<u64>,
    /// By last byte of one and first byte of the next, for tokens that hold a part of either character only.
    bytes: Vec<u64>,
}

impl Bridges {
    /// The bridges of all tokens.
    pub(crate) fn new<'v>(tokens: impl Iterator<Item = &'v [u8]> + Clone) -> Self {
        let boundaries: usize = tokens.clone().map(|token| starts(token).count()).sum();
        let bits = (boundaries * BITS_PER_PAIR).next_power_of_two().max(64);
        let mut bridges = Self { pairs: vec![0; bits / 64], bytes: vec![0; (1 << 16) / 64] };
        for token in tokens {
            for at in starts(token) {
                bridges.add(token, at);
            }
        }
        bridges
    }

    fn add(&mut self, token: &[u8], at: usize) {
        let before = (0..at).rev().find(|&n| is_start(token[n])).map(|from| &token[from..at]);
        let len = width(token[at]);
        match (before, token.get(at..at + len)) {
            (Some(before), Some(after)) if before.len() == width(before[0]) => {
                let bit = self.bit(before, after);
                self.pairs[bit / 64] |= 1 << (bit % 64);
            }
            _ => {
                let bit = byte_bit(token[at - 1], token[at]);
                self.bytes[bit / 64] |= 1 << (bit % 64);
            }
        }
    }

    /// Whether a token may join two characters that follow each other.
    #[inline]
    fn joins(&self, before: &[u8], after: &[u8]) -> bool {
        let pair = self.bit(before, after);
        if self.pairs[pair / 64] >> (pair % 64) & 1 == 1 {
            return true;
        }
        let byte = byte_bit(before[before.len() - 1], after[0]);
        self.bytes[byte / 64] >> (byte % 64) & 1 == 1
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the mask keeps less than a usize")]
    fn bit(&self, before: &[u8], after: &[u8]) -> usize {
        let hash = fold(u128::from(code(before)) << 64 | u128::from(code(after)));
        hash as usize & (self.pairs.len() * 64 - 1)
    }

    /// The length of the first piece of a text that begins and ends at characters; its own if nothing cuts it.
    #[inline]
    pub(crate) fn piece(&self, text: &[u8]) -> usize {
        let mut from = 0;
        loop {
            let at = from + width(text[from]);
            if at >= text.len() {
                return text.len();
            }
            if !self.joins(&text[from..at], &text[at..text.len().min(at + width(text[at]))]) {
                return at;
            }
            from = at;
        }
    }
}

fn byte_bit(before: u8, after: u8) -> usize {
    usize::from(before) << 8 | usize::from(after)
}

#[inline]
fn code(char: &[u8]) -> u64 {
    char.iter().fold(0, |code, &byte| code << 8 | u64::from(byte))
}

#[inline]
fn is_start(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// Bytes of the character that a byte starts.
#[inline]
fn width(start: u8) -> usize {
    match start {
        ..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0.. => 4,
    }
}

/// Where characters start inside of a token.
fn starts(token: &[u8]) -> impl Iterator<Item = usize> {
    (1..token.len()).filter(|&at| is_start(token[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces<'t>(tokens: &[&[u8]], text: &'t str) -> Vec<&'t str> {
        let bridges = Bridges::new(tokens.iter().copied());
        let (mut pieces, mut rest) = (Vec::new(), text);
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(bridges.piece(rest.as_bytes()));
            pieces.push(piece);
            rest = after;
        }
        pieces
    }

    #[test]
    fn cuts_where_no_token_joins() {
        let tokens = ["日本".as_bytes(), "語学".as_bytes(), b"ab"];
        assert_eq!(pieces(&tokens, "日本語学abc"), ["日本", "語学", "ab", "c"]);
        assert_eq!(pieces(&tokens, "日"), ["日"]);
    }

    #[test]
    fn tokens_of_parts_of_characters_join_too() {
        // The last byte of 日 and the first of 本.
        let (day, book) = ("日".as_bytes(), "本".as_bytes());
        assert_eq!(pieces(&[&[day[2], book[0]]], "日本"), ["日本"]);
        assert_eq!(pieces(&[&[day[0], day[1], day[2], book[0]]], "日本"), ["日本"]);
        assert_eq!(pieces(&[&[day[0], day[1], day[2]]], "日本"), ["日", "本"]);
    }
}

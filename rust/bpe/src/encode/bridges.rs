//! Places of a text that no token crosses: what is encoded can be cut there first.
//!
//! A token that crosses the place between two characters holds both of them, or ends or begins inside of one and then holds
//! the two bytes around the place. So a set of all pairs of characters inside of tokens, and one of pairs of bytes, tell where
//! none can cross. Long pretokens, as of languages without spaces, become short pieces that come again.

/// Bits of the set for each pair of characters in it.
const BITS_PER_PAIR: usize = 16;

/// Pairs of neighbours in tokens.
#[derive(Clone, Debug)]
pub(crate) struct Bridges {
    /// Whole characters, by hash.
    chars: Vec<u64>,
    /// Bytes around a place where a character of the token is not whole.
    bytes: Vec<u64>,
}

impl Bridges {
    /// Of all tokens that merging may make at some time.
    pub(crate) fn new<'t>(tokens: impl Iterator<Item = &'t [u8]> + Clone) -> Self {
        let bits = tokens.clone().map(<[u8]>::len).sum::<usize>() * BITS_PER_PAIR / 2;
        let words = (bits / 64).next_power_of_two().max(2);
        let mut bridges = Self { chars: vec![0; words], bytes: vec![0; 1 << 10] };
        for token in tokens {
            bridges.add(token);
        }
        bridges
    }

    fn add(&mut self, token: &[u8]) {
        let mut left = None;
        for (at, &byte) in token.iter().enumerate().filter(|(_, byte)| is_first(**byte)) {
            let right = token.get(at..at + width(byte)).map(number);
            let whole = left.filter(|&(_, end)| end == at).zip(right);
            if let Some(((left, _), right)) = whole {
                let (word, bit) = self.spot(left, right);
                self.chars[word] |= bit;
            } else if at > 0 {
                let (word, bit) = spot_of_bytes(token[at - 1], byte);
                self.bytes[word] |= bit;
            }
            left = right.map(|right| (right, at + width(byte)));
        }
    }

    /// Calls `f` with start and length of each piece of a part of a text, which begins and ends between characters.
    #[inline]
    pub(crate) fn pieces(
        &self,
        text: &[u8],
        (start, len): (usize, usize),
        mut f: impl FnMut(usize, usize),
    ) {
        let (mut from, mut at, mut left) = (start, start, None);
        while at < start + len {
            let end = (at + width(text[at])).min(start + len);
            let right = number(&text[at..end]);
            if left.is_some_and(|left| !self.cross(left, right, (text[at - 1], text[at]))) {
                f(from, at - from);
                from = at;
            }
            (at, left) = (end, Some(right));
        }
        f(from, at - from);
    }

    /// Whether a token may cross the place between two characters; around it are these bytes.
    #[inline]
    fn cross(&self, left: u32, right: u32, bytes: (u8, u8)) -> bool {
        let (word, bit) = self.spot(left, right);
        let (word_of_bytes, bit_of_bytes) = spot_of_bytes(bytes.0, bytes.1);
        (self.chars[word] & bit) | (self.bytes[word_of_bytes] & bit_of_bytes) != 0
    }

    /// Word and bit of a pair of characters.
    #[inline]
    fn spot(&self, left: u32, right: u32) -> (usize, u64) {
        let pair = u64::from(left) << 32 | u64::from(right);
        let hash = (pair ^ pair >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((hash >> 32) as usize & (self.chars.len() - 1), 1 << (hash >> 26 & 63))
    }
}

#[inline]
fn spot_of_bytes(left: u8, right: u8) -> (usize, u64) {
    (usize::from(left) << 2 | usize::from(right >> 6), 1 << (right & 63))
}

/// Whether a character may begin with a byte.
#[inline]
fn is_first(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// The bytes of a character by its first.
#[inline]
fn width(first: u8) -> usize {
    match first {
        ..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0.. => 4,
    }
}

/// The bytes of a character as a number.
#[inline]
fn number(char: &[u8]) -> u32 {
    char.iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cuts(bridges: &Bridges, text: &str) -> Vec<usize> {
        let mut cuts = Vec::new();
        bridges.pieces(text.as_bytes(), (0, text.len()), |start, len| cuts.push(start + len));
        cuts
    }

    /// Any bytes, so that tokens begin and end inside of characters.
    fn parts(texts: &[(String, usize, usize)]) -> Vec<&[u8]> {
        let part = |(text, from, to): &'_ (String, usize, usize)| {
            let from = from % (text.len() + 1);
            (from, (from + to % 9).min(text.len()))
        };
        texts.iter().map(|text| &text.0.as_bytes()[part(text).0..part(text).1]).collect()
    }

    proptest! {
        #[test]
        fn cuts_where_no_token_crosses(
            texts in prop::collection::vec(("[a-cäüßあ-う日本中😀]{1,9}", 0_usize.., 0_usize..), 0..40),
            text in "[a-cäüßあ-う日本中😀]{1,40}",
        ) {
            let tokens = parts(&texts);
            let cuts = cuts(&Bridges::new(tokens.iter().copied()), &text);
            prop_assert_eq!(cuts.last(), Some(&text.len()));
            for &cut in &cuts[..cuts.len() - 1] {
                prop_assert!(text.is_char_boundary(cut));
                for token in &tokens {
                    let begins = (cut + 1).saturating_sub(token.len())..cut;
                    let crosses = |at: usize| text.as_bytes()[at..].starts_with(token);
                    prop_assert!(!begins.clone().any(crosses), "{:?} {:?} {}", token, text, cut);
                }
            }
        }
    }

    #[test]
    fn cuts_between_what_is_in_no_token() {
        let tokens = ["日本", "本語", "abc", "é"].map(str::as_bytes);
        let bridges = Bridges::new(tokens.into_iter());
        assert_eq!(cuts(&bridges, "日本語日本éab"), [9, 15, 17, 19]);
    }
}

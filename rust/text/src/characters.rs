//! Words by characters: which texts are split so, and each letter, combining mark and digit as a word of its own.
//!
//! Scripts without spaces have no runs to go by. A full stop that is changed would join or split the Latin words that
//! stand between ideographs, and change five shingles each time; by characters it changes nothing.

use crate::class::{Class, Classes, Lower};
use crate::words::{Sink, bytes_of};

/// How many letters, combining marks and digits a text has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Those of Han, Hiragana, Katakana, Thai, Lao, Khmer and Myanmar.
    pub(crate) singles: u64,
    /// All of them.
    pub(crate) all: u64,
}

impl Tally {
    /// At least one tenth is of a script without spaces: the text is split by characters.
    #[inline]
    pub(crate) fn by_characters(self) -> bool {
        self.singles > 0 && self.singles.saturating_mul(10) >= self.all
    }
}

/// Counts the characters of UTF-8 bytes, which may begin and end inside a character.
pub(crate) fn tally(bytes: &[u8], classes: &Classes) -> Tally {
    let mut tally = Tally::default();
    let mut at = 0;
    while at < bytes.len() {
        let (word, ascii) = crate::block::classify(bytes, at);
        let limit = ascii.trailing_ones();
        let inside = if limit == 64 { u64::MAX } else { (1 << limit) - 1 };
        tally.all += u64::from((word & inside).count_ones());
        at += limit as usize;
        while bytes.get(at).is_some_and(|byte| !byte.is_ascii()) {
            at += tally.add(&bytes[at..], classes);
        }
    }
    tally
}

impl Tally {
    /// Counts the first character, which is not ASCII; returns its bytes.
    #[inline]
    fn add(&mut self, bytes: &[u8], classes: &Classes) -> usize {
        let (code, count, _) = decode(bytes);
        let class = classes.get(code).class();
        self.all += u64::from(class != Class::Separator);
        self.singles += u64::from(class == Class::Single);
        count as usize
    }
}

/// The first character of bytes that begin with one beyond ASCII: its code point, its length and its bytes,
/// little-endian. Of half a character at either end: something that is no letter, and at least one byte.
#[inline]
pub(crate) fn decode(bytes: &[u8]) -> (u32, u32, u32) {
    let four = bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut four = [0; 4];
        let held = bytes.len().min(4);
        four[..held].copy_from_slice(&bytes[..held]);
        four
    });
    let [a, b, c, d] = four.map(u32::from);
    let (code, count, kept) = match a {
        0..0xC0 => (0, 1, 0xFF),
        0xC0..0xE0 => ((a & 0x1F) << 6 | b & 0x3F, 2, 0xFFFF),
        0xE0..0xF0 => ((a & 0xF) << 12 | (b & 0x3F) << 6 | c & 0x3F, 3, 0x00FF_FFFF),
        _ => ((a & 7) << 18 | (b & 0x3F) << 12 | (c & 0x3F) << 6 | d & 0x3F, 4, u32::MAX),
    };
    let cut = bytes.len() < count as usize;
    (if cut { 0 } else { code }, count, u32::from_le_bytes(four) & kept)
}

/// Tells the sink each letter, combining mark and digit of `text` as a word; returns how many there were.
///
/// Lower case is that of the code point alone; where it has several code points they are one word.
pub(crate) fn scan(text: &str, classes: &Classes, sink: &mut impl Sink) -> Tally {
    let bytes = text.as_bytes();
    let mut tally = Tally::default();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if matches!(byte, 0xE3..=0xE9) {
            at += ideographs(&bytes[at..], classes, &mut tally, sink);
            continue;
        }
        if byte < 0x80 {
            if byte.is_ascii_alphanumeric() {
                tally.all += 1;
                sink.single(u32::from(byte | 0x20), 1);
            }
            at += 1;
            continue;
        }
        let (code, count, utf8) = decode(&bytes[at..]);
        at += count as usize;
        let entry = classes.get(code);
        let lower = if count == 2 { classes.lower(code) } else { 0 };
        match entry.class() {
            Class::Separator => continue,
            Class::Single => {
                tally.singles += 1;
                sink.single(utf8, count);
            }
            Class::Word if lower > Lower::SIGMA => sink.single(u32::from(lower), 2),
            Class::Word if count > 2 && !entry.is_upper() => sink.single(utf8, count),
            Class::Word => lower_slowly(code, sink),
        }
        tally.all += 1;
    }
    tally
}

/// Tells the characters from U+3000 to U+9FFF that the bytes begin with, none of which has a case; returns their bytes.
#[inline]
fn ideographs(bytes: &[u8], classes: &Classes, tally: &mut Tally, sink: &mut impl Sink) -> usize {
    let mut rest = bytes;
    while let Some(&[a @ 0xE3..=0xE9, b, c]) = rest.first_chunk::<3>() {
        let [x, y, z] = [a, b, c].map(u32::from);
        // From U+5000 to U+8FFF all are ideographs.
        let class = match a {
            0xE5..=0xE8 => Class::Single,
            _ => classes.get((x & 0xF) << 12 | (y & 0x3F) << 6 | z & 0x3F).class(),
        };
        if class != Class::Separator {
            tally.all += 1;
            tally.singles += u64::from(class == Class::Single);
            sink.single(x | y << 8 | z << 16, 3);
        }
        rest = &rest[3..];
    }
    bytes.len() - rest.len()
}

#[cold]
fn lower_slowly(code: u32, sink: &mut impl Sink) {
    for c in char::from_u32(code).into_iter().flat_map(char::to_lowercase) {
        let mut utf8 = [0; 4];
        c.encode_utf8(&mut utf8);
        sink.push(u32::from_le_bytes(utf8), bytes_of(c));
    }
    sink.end();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::class::CLASSES;

    fn slow(text: &str) -> Tally {
        let mut tally = Tally::default();
        for c in text.chars() {
            let class = CLASSES.get(u32::from(c)).class();
            tally.all += u64::from(class != Class::Separator);
            tally.singles += u64::from(class == Class::Single);
        }
        tally
    }

    struct Deaf;

    impl Sink for Deaf {
        fn ascii(&mut self, _: &[u8], _: usize, _: usize) {}
        fn begin(&mut self, _: &[u8], _: usize, _: usize) {}
        fn push(&mut self, _: u32, _: u32) {}
        fn end(&mut self) {}
        fn single(&mut self, _: u32, _: u32) {}
        fn clear(&mut self) {}
    }

    proptest! {
        #[test]
        fn both_counts_equal_their_slow_twin(pieces in prop::collection::vec("[a-z0-9 .]{0,70}|[à-я]{0,9}|[一-龥ぁ-んก-๙]{0,40}|\\PC{0,4}", 0..9)) {
            let text = pieces.concat();
            prop_assert_eq!(tally(text.as_bytes(), &CLASSES), slow(&text));
            prop_assert_eq!(scan(&text, &CLASSES, &mut Deaf), slow(&text));
        }

        #[test]
        fn a_text_cut_anywhere_is_counted_to_the_cut(text in "[aé我𠀀😀]{0,40}", from in 0usize..90, to in 0usize..90) {
            let cut = &text.as_bytes()[from.min(text.len())..];
            let cut = &cut[..to.min(cut.len())];
            let whole: Vec<_> = String::from_utf8_lossy(cut).chars().filter(|c| *c != '\u{fffd}').collect();
            prop_assert_eq!(tally(cut, &CLASSES), slow(&whole.iter().collect::<String>()));
        }
    }

    #[test]
    fn what_is_not_looked_up_is_an_ideograph() {
        assert!((0x5000..=0x8FFF).all(|code| CLASSES.get(code).class() == Class::Single));
    }

    #[test]
    fn one_tenth_is_enough_and_less_is_not() {
        assert!(Tally { singles: 1, all: 10 }.by_characters());
        assert!(!Tally { singles: 1, all: 11 }.by_characters());
        assert!(!Tally::default().by_characters());
    }
}

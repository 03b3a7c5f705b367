//! The class of a character for the words of shingles, and its lower case, by table.

use std::sync::LazyLock;

use crate::ranges::{SINGLE, WORD};

/// What a character does to the word it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Ends a word.
    Separator,
    /// Extends a word.
    Word,
    /// Is a word of its own.
    Single,
}

/// A character's entry: two bits of class, then a flag.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) struct Entry(u8);

impl Entry {
    const CASED: u8 = 4;

    /// The class of the character.
    #[inline]
    pub(crate) fn class(self) -> Class {
        match self.0 & 3 {
            0 => Class::Separator,
            1 => Class::Word,
            _ => Class::Single,
        }
    }

    /// Lower-casing changes the character.
    #[inline]
    pub(crate) fn is_upper(self) -> bool {
        self.0 & Self::CASED != 0
    }
}

/// No character from here on has a case.
const CASED: u32 = 0x2_0000;
const PAGE: usize = 256;
const PAGES: usize = 0x11_0000 / PAGE;

/// A two-stage table over the code points, and a direct one over those of two bytes.
pub(crate) struct Classes {
    stage: [u8; PAGES],
    pages: Vec<[u8; PAGE]>,
    /// Per code point below U+0800, see [`Lower`].
    lower: Vec<u16>,
}

/// The one table of the process, built at first use (about a millisecond).
pub(crate) static CLASSES: LazyLock<Classes> = LazyLock::new(Classes::new);

impl Classes {
    /// The entry of a code point.
    #[inline]
    pub(crate) fn get(&self, code: u32) -> Entry {
        let code = code as usize;
        let Some(&page) = self.stage.get(code / PAGE) else { return Entry::default() };
        Entry(self.pages[usize::from(page)][code % PAGE])
    }

    /// The lower case of a code point below U+0800 as two bytes of UTF-8, little-endian, or one of [`Lower`].
    #[inline]
    pub(crate) fn lower(&self, code: u32) -> u16 {
        self.lower[code as usize & 0x7FF]
    }

    fn new() -> Self {
        let mut entries = vec![0u8; PAGES * PAGE];
        for (ranges, class) in [(&WORD[..], 1), (&SINGLE[..], 2)] {
            for range in ranges.chunks_exact(2) {
                entries[range[0] as usize..range[1] as usize].fill(class);
            }
        }
        for (code, entry) in (0..CASED).zip(&mut entries) {
            if Entry(*entry).class() == Class::Word && char::from_u32(code).is_some_and(changes) {
                *entry |= Entry::CASED;
            }
        }
        let (stage, pages) = fold(&entries);
        let lower =
            (0..0x800).zip(&entries).map(|(code, entry)| Lower::of(code, Entry(*entry))).collect();
        Self { stage, pages, lower }
    }
}

fn changes(c: char) -> bool {
    c.to_lowercase().next() != Some(c)
}

/// Shares equal pages, most of which are all separators or all ideographs.
fn fold(entries: &[u8]) -> ([u8; PAGES], Vec<[u8; PAGE]>) {
    let (mut stage, mut pages) = ([0; PAGES], Vec::<[u8; PAGE]>::new());
    for (slot, page) in stage.iter_mut().zip(entries.as_chunks::<PAGE>().0) {
        // Most are equal to one of the last that were new.
        let behind = pages.iter().rev().position(|known| known == page);
        let number = behind.map_or(pages.len(), |behind| pages.len() - 1 - behind);
        if number == pages.len() {
            pages.push(*page);
        }
        *slot = u8::try_from(number).unwrap_or(0); // fewer than 256 pages differ, as the tests show
    }
    (stage, pages)
}

/// Values beside the lower case of a character of two bytes; none of them is UTF-8.
pub(crate) struct Lower;

impl Lower {
    /// The character separates words.
    pub(crate) const NONE: u16 = 0;
    /// The lower case has another length.
    pub(crate) const LONG: u16 = 1;
    /// The lower case depends on the neighbours.
    pub(crate) const SIGMA: u16 = 2;

    fn of(code: u32, entry: Entry) -> u16 {
        let Some(c) = char::from_u32(code).filter(|_| entry.class() != Class::Separator) else {
            return Self::NONE;
        };
        let mut lower = c.to_lowercase();
        match (lower.next(), lower.next()) {
            _ if c == 'Σ' => Self::SIGMA,
            (Some(lower), None) if lower.len_utf8() == 2 => {
                let mut bytes = [0; 2];
                lower.encode_utf8(&mut bytes);
                u16::from_le_bytes(bytes)
            }
            _ => Self::LONG,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(c: char) -> Class {
        CLASSES.get(u32::from(c)).class()
    }

    #[test]
    fn every_character_has_the_class_of_its_unicode_properties() {
        let word = regex_automata::meta::Regex::new(r"^[\p{L}\p{Nl}\p{M}\p{Nd}]$").unwrap();
        let single = regex_automata::meta::Regex::new(
            r"^[\p{scx:Han}\p{scx:Hiragana}\p{scx:Katakana}\p{scx:Thai}\p{scx:Lao}\p{scx:Khmer}\p{scx:Myanmar}]$",
        )
        .unwrap();
        let mut buffer = [0; 4];
        for c in '\0'..=char::MAX {
            let text: &str = c.encode_utf8(&mut buffer);
            let expected = match word.is_match(text) {
                false => Class::Separator,
                true if c >= '\u{e00}' && single.is_match(text) => Class::Single,
                true => Class::Word,
            };
            assert_eq!(class(c), expected, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn lower_case_keeps_the_class_and_is_flagged() {
        for c in '\0'..=char::MAX {
            let lower: String = c.to_lowercase().collect();
            if class(c) != Class::Separator {
                assert!(lower.chars().all(|l| class(l) == class(c)), "U+{:04X}", u32::from(c));
                assert_eq!(CLASSES.get(u32::from(c)).is_upper(), lower != c.to_string());
            }
        }
    }
}

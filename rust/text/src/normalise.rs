//! The base text of a document: composed (NFC), with one line end and without control characters.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::inert::plain;
use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// What `normalise` changed in one text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NormaliseCounts {
    /// 1 if composition changed the text, else 0; a sum over texts counts the texts.
    pub nfc: u64,
    /// Characters removed: see [`is_removed`].
    pub controls: u64,
    /// CRLF and lone CR that became LF.
    pub line_ends: u64,
    /// Bytes of the input less bytes of the output; below 0 where composition lengthens the text.
    pub bytes_removed: i64,
}

impl NormaliseCounts {
    /// Adds the counts of another text.
    pub fn add(&mut self, other: &Self) {
        self.nfc += other.nfc;
        self.controls += other.controls;
        self.line_ends += other.line_ends;
        self.bytes_removed += other.bytes_removed;
    }
}

/// Whether `normalise` removes this character.
///
/// The list: the control characters U+0000–U+001F but tab, LF and CR (a CR becomes LF), U+007F–U+009F; the byte order
/// mark U+FEFF; the 66 noncharacters U+FDD0–U+FDEF and U+nFFFE, U+nFFFF of every plane.
#[must_use]
pub fn is_removed(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        '\0'..='\x1F' | '\x7F'..='\u{9F}' | '\u{FEFF}' | '\u{FDD0}'..='\u{FDEF}' => true,
        _ => u32::from(c) & 0xFFFE == 0xFFFE,
    }
}

/// Makes line ends LF, removes the characters of [`is_removed`], then composes (NFC), in this order.
///
/// The text is borrowed when nothing changes. Normalising twice changes nothing more.
///
/// ```
/// let (text, counts) = gamayun_text::normalise("cafe\u{301}\r\n\0");
/// assert_eq!(text, "café\n");
/// assert_eq!((counts.nfc, counts.controls, counts.line_ends, counts.bytes_removed), (1, 1, 1, 3));
/// ```
#[must_use]
pub fn normalise(text: &str) -> (Cow<'_, str>, NormaliseCounts) {
    let mut rewrite =
        Rewrite { text, out: String::new(), copied: 0, counts: NormaliseCounts::default() };
    rewrite.run();
    rewrite.finish()
}

/// Bit c of this table says that character c of the basic plane is inert: kept, of combining class 0, and never part
/// of a composition with what stands before it (`NFC_Quick_Check` = Yes).
///
/// A text may therefore be cut before any inert character and its pieces composed one by one.
fn inert_table() -> &'static [u64; 1024] {
    static TABLE: OnceLock<Box<[u64; 1024]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Box::new([0; 1024]);
        for c in (0..=0xFFFF).filter_map(char::from_u32).filter(|&c| is_inert(c)) {
            table[c as usize >> 6] |= 1 << (c as u32 & 63);
        }
        table
    })
}

fn is_inert(c: char) -> bool {
    c != '\r'
        && !is_removed(c)
        && canonical_combining_class(c) == 0
        && is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes
}

/// A text on its way through `normalise`: `out` holds what became of `text[..copied]`.
struct Rewrite<'a> {
    text: &'a str,
    out: String,
    copied: usize,
    counts: NormaliseCounts,
}

impl<'a> Rewrite<'a> {
    fn run(&mut self) {
        let table = inert_table();
        let mut at = 0;
        while at < self.text.len() {
            let (mut start, stop) = inert_run(&self.text[at..], table);
            (start, at) = (at + start, at + stop);
            let rest = &self.text[at..];
            let end = rest.find(|c| c == '\r' || is_inert_by(table, c));
            let end = at + end.unwrap_or(rest.len());
            if end > at {
                self.segment(start, end);
            }
            at = end;
            if self.text[at..].starts_with('\r') {
                at = self.line_end(at);
            }
        }
    }

    /// Replaces the CR or CRLF at `at`; returns where the next line begins.
    fn line_end(&mut self, at: usize) -> usize {
        let end = at + if self.text[at..].starts_with("\r\n") { 2 } else { 1 };
        self.counts.line_ends += 1;
        self.replace(at, end, "\n");
        end
    }

    /// Strips and composes one inert character with all the others that follow it.
    fn segment(&mut self, start: usize, end: usize) {
        let text: &'a str = &self.text[start..end];
        let removed = text.chars().filter(|&c| is_removed(c)).count();
        let mut kept = Cow::Borrowed(text);
        if removed > 0 {
            self.counts.controls += removed as u64;
            kept = text.chars().filter(|&c| !is_removed(c)).collect();
        }
        if is_nfc_quick(kept.chars()) != IsNormalized::Yes {
            let composed: String = kept.nfc().collect();
            if composed != kept {
                self.counts.nfc = 1;
                kept = Cow::Owned(composed);
            }
        }
        if let Cow::Owned(kept) = kept {
            self.replace(start, end, &kept);
        }
    }

    fn replace(&mut self, start: usize, end: usize, by: &str) {
        self.out.push_str(&self.text[self.copied..start]);
        self.out.push_str(by);
        self.copied = end;
    }

    fn finish(mut self) -> (Cow<'a, str>, NormaliseCounts) {
        if self.copied == 0 {
            return (Cow::Borrowed(self.text), self.counts);
        }
        self.out.push_str(&self.text[self.copied..]);
        self.counts.bytes_removed = difference(self.text.len(), self.out.len());
        (Cow::Owned(self.out), self.counts)
    }
}

#[inline]
fn is_inert_by(table: &[u64; 1024], c: char) -> bool {
    table.get(c as usize >> 6).map_or_else(|| is_inert(c), |w| w >> (c as u32 & 63) & 1 == 1)
}

/// Where the last of the inert characters at the front begins, and where they end.
fn inert_run(text: &str, table: &[u64; 1024]) -> (usize, usize) {
    let bytes = text.as_bytes();
    let (mut last, mut at) = (0, 0);
    while at < bytes.len() {
        let plain = plain(&bytes[at..]);
        if plain > 0 {
            at += plain;
            last = text.floor_char_boundary(at - 1);
        } else if bytes[at].is_ascii() {
            break;
        }
        for c in text[at..].chars().take_while(|c| !c.is_ascii()) {
            if !is_inert_by(table, c) {
                return (last, at);
            }
            last = at;
            at += c.len_utf8();
        }
    }
    (last, at)
}

/// `before − after`; texts are far shorter than 2^63 bytes.
#[expect(clippy::cast_possible_wrap, reason = "lengths of slices fit i64")]
fn difference(before: usize, after: usize) -> i64 {
    before as i64 - after as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The slow twin: the three steps of the definition, one after the other.
    fn reference(text: &str) -> (String, NormaliseCounts) {
        let crlf = text.matches("\r\n").count();
        let lf = text.replace("\r\n", "\n");
        let line_ends = crlf + lf.matches('\r').count();
        let lf = lf.replace('\r', "\n");
        let kept: String = lf.chars().filter(|&c| !is_removed(c)).collect();
        let nfc: String = kept.nfc().collect();
        let counts = NormaliseCounts {
            nfc: u64::from(nfc != kept),
            controls: (lf.chars().count() - kept.chars().count()) as u64,
            line_ends: line_ends as u64,
            bytes_removed: difference(text.len(), nfc.len()),
        };
        (nfc, counts)
    }

    fn awkward_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => any::<char>().prop_map(String::from),
            4 => "[ -~]{1,50}",
            3 => "[\r\n\t\u{0}\u{7f}\u{85}\u{feff}\u{fdd0}\u{ffff}\u{1fffe}]",
            3 => "[ea\u{301}\u{323}\u{302}\u{31b}\u{1100}\u{1161}\u{11a8}\u{ac00}]{1,4}",
            2 => "[\u{915}\u{93c}\u{958}\u{653}\u{654}\u{627}\u{344}\u{340}\u{3099}か]{1,3}",
            2 => "[а-яё一-龥가-힣ء-ي]{1,9}",
        ];
        prop::collection::vec(piece, 0..12).prop_map(|v| v.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn equals_the_slow_twin_and_is_idempotent(text in awkward_text()) {
            let (fast, counts) = normalise(&text);
            let (slow, expected) = reference(&text);
            prop_assert_eq!(&*fast, &slow);
            prop_assert_eq!(counts, expected);
            prop_assert_eq!(matches!(fast, Cow::Borrowed(_)), slow == text);
            let (again, nothing) = normalise(&slow);
            prop_assert_eq!(&*again, &slow);
            prop_assert_eq!(nothing, NormaliseCounts::default());
        }
    }

    #[test]
    fn every_single_character_and_every_pair_with_a_letter_agree() {
        for c in (0..=0x0010_FFFF).filter_map(char::from_u32) {
            for text in [String::from(c), format!("e{c}"), format!("{c}\u{301}")] {
                assert_eq!(normalise(&text).0, reference(&text).0, "{text:?}");
            }
        }
    }

    #[test]
    fn every_character_is_plain_only_if_it_is_inert_at_every_place_of_a_block() {
        let table = inert_table();
        for c in (0..=0x0010_FFFF).filter_map(char::from_u32) {
            let at = u32::from(c) as usize * 7 % 67;
            let text = format!("{}{c}", "x".repeat(at));
            let found = plain(text.as_bytes());
            assert!(found == at || found == text.len() && is_inert_by(table, c), "{c:?}");
        }
    }

    #[test]
    fn clean_text_is_borrowed() {
        for text in
            ["", "plain\ttext\n", "déjà vu", "дом", "漢字かな", "한국어", "Tiếng Việt", "العَرَبِيَّة"]
        {
            assert!(matches!(normalise(text), (Cow::Borrowed(_), _)), "{text}");
        }
    }
}

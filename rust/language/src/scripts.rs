//! How many letters of each script a text has.

/// The scripts that are told apart, in the order of [`letters`]; what is of none of them counts as the last.
pub const SCRIPTS: [&str; 11] = [
    "latin",
    "cyrillic",
    "greek",
    "arabic",
    "hebrew",
    "devanagari",
    "thai",
    "han",
    "kana",
    "hangul",
    "other",
];

const LATIN: usize = 0;
const CYRILLIC: usize = 1;
const GREEK: usize = 2;
const ARABIC: usize = 3;
const HEBREW: usize = 4;
const DEVANAGARI: usize = 5;
const THAI: usize = 6;
const HAN: usize = 7;
const KANA: usize = 8;
const HANGUL: usize = 9;
const OTHER: usize = 10;

/// The letters of a text by script, as [`SCRIPTS`] has them; digits, marks and signs are no letters.
#[must_use]
pub fn letters(text: &str) -> [u64; SCRIPTS.len()] {
    let mut counts = [0; SCRIPTS.len()];
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if next.is_ascii() {
            // Most text: runs of ASCII are counted a byte at a time.
            let end = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
            let found = rest.bytes().take(end).filter(u8::is_ascii_alphabetic).count();
            counts[LATIN] += found as u64;
            rest = &rest[end..];
        } else {
            if next.is_alphabetic() {
                counts[script(next)] += 1;
            }
            rest = &rest[next.len_utf8()..];
        }
    }
    counts
}

/// The script of a letter, by the blocks of Unicode.
fn script(letter: char) -> usize {
    match u32::from(letter) {
        0..0x2B0 | 0x1E00..0x1F00 | 0x2C60..0x2C80 | 0xA720..0xA800 | 0xFF21..0xFF5B => LATIN,
        0x370..0x400 | 0x1F00..0x2000 => GREEK,
        0x400..0x530 | 0x1C80..0x1C90 | 0x2DE0..0x2E00 | 0xA640..0xA6A0 => CYRILLIC,
        0x590..0x600 | 0xFB1D..0xFB50 => HEBREW,
        0x600..0x700 | 0x750..0x780 | 0x870..0x900 | 0xFB50..0xFE00 | 0xFE70..0xFF00 => ARABIC,
        0x900..0x980 | 0xA8E0..0xA900 => DEVANAGARI,
        0xE00..0xE80 => THAI,
        0x3005..0x3008 | 0x3400..0x4DC0 | 0x4E00..0xA000 | 0xF900..0xFB00 | 0x2_0000..0x4_0000 => {
            HAN
        }
        0x3040..0x3100 | 0x31F0..0x3200 | 0xFF66..0xFFA0 => KANA,
        0x1100..0x1200 | 0x3130..0x3190 | 0xA960..0xA980 | 0xAC00..0xD800 => HANGUL,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<(&'static str, u64)> {
        SCRIPTS.into_iter().zip(letters(text)).filter(|(_, n)| *n > 0).collect()
    }

    #[test]
    fn letters_are_counted_by_script() {
        assert_eq!(found("Été 2026, d'un œil!"), [("latin", 9)]);
        assert_eq!(found("Привет, Ωmega и ёж"), [("latin", 4), ("cyrillic", 9), ("greek", 1)]);
        assert_eq!(
            found("東京タワーへ 서울 a"),
            [("latin", 1), ("han", 2), ("kana", 4), ("hangul", 2)]
        );
        assert_eq!(found("سلام שלום"), [("arabic", 4), ("hebrew", 4)]);
        assert_eq!(found("हिन्दी ไทย ქართული"), [("devanagari", 5), ("thai", 3), ("other", 7)]);
        assert_eq!(found("12 — ☂ \u{301}"), []);
    }

    proptest! {
        #[test]
        fn equals_letter_by_letter(text in "[a-zÀ-ɏа-яα-ωא-תء-ي一-三ぁ-ん가-각ก-ฮ 0-9.]{0,80}") {
            let mut plain = [0; SCRIPTS.len()];
            for letter in text.chars().filter(|c| c.is_alphabetic()) {
                plain[script(letter)] += 1;
            }
            prop_assert_eq!(letters(&text), plain);
        }
    }
}

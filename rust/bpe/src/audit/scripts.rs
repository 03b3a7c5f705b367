//! What tokens are written in: the script of their letters, or digits, punctuation, white space, parts of characters.

use regex_syntax::hir::{Class, HirKind};

/// Scripts that are told apart, by their names in Unicode (UAX 24).
const SCRIPTS: [&str; 26] = [
    "Latin",
    "Cyrillic",
    "Greek",
    "Han",
    "Hiragana",
    "Katakana",
    "Hangul",
    "Arabic",
    "Hebrew",
    "Devanagari",
    "Bengali",
    "Gurmukhi",
    "Gujarati",
    "Oriya",
    "Tamil",
    "Telugu",
    "Kannada",
    "Malayalam",
    "Sinhala",
    "Thai",
    "Lao",
    "Khmer",
    "Myanmar",
    "Ethiopic",
    "Georgian",
    "Armenian",
];
const OTHER: &str = "other letters";
const DIGITS: &str = "digits";
const SPACE: &str = "white space";
const MARKS: &str = "punctuation and symbols";
/// Of a token that is no whole characters.
pub(crate) const PARTS: &str = "parts of characters";

/// The ranges of the scripts.
pub(crate) struct Scripts {
    /// First and last code point, and the name; by rising code point.
    ranges: Vec<(u32, u32, &'static str)>,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        let mut ranges: Vec<_> =
            SCRIPTS.iter().flat_map(|&name| ranges(&format!(r"\p{{{name}}}"), name)).collect();
        ranges.sort_unstable();
        Self { ranges }
    }

    /// What a token is written in: by its first letter, else by its first character that is no white space.
    pub(crate) fn of(&self, token: &[u8]) -> &'static str {
        let Ok(text) = std::str::from_utf8(token) else { return PARTS };
        if let Some(letter) = text.chars().find(|letter| letter.is_alphabetic()) {
            return self.script(letter).unwrap_or(OTHER);
        }
        match text.chars().find(|other| !other.is_whitespace()) {
            None => SPACE,
            Some(digit) if digit.is_numeric() => DIGITS,
            Some(mark) => self.script(mark).unwrap_or(MARKS),
        }
    }

    fn script(&self, character: char) -> Option<&'static str> {
        let code = u32::from(character);
        let at = self.ranges.partition_point(|&(_, last, _)| last < code);
        let &(first, _, name) = self.ranges.get(at)?;
        (first <= code).then_some(name)
    }
}

fn ranges(pattern: &str, name: &'static str) -> Vec<(u32, u32, &'static str)> {
    let Ok(hir) = regex_syntax::parse(pattern) else { return Vec::new() };
    let HirKind::Class(Class::Unicode(class)) = hir.kind() else { return Vec::new() };
    class.iter().map(|range| (u32::from(range.start()), u32::from(range.end()), name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_apart() {
        let scripts = Scripts::new();
        let cases = [
            (" the", "Latin"),
            ("ß", "Latin"),
            ("'s", "Latin"),
            ("привет", "Cyrillic"),
            ("中文", "Han"),
            ("の", "Hiragana"),
            ("한", "Hangul"),
            (" في", "Arabic"),
            ("ᐁ", OTHER),
            ("12", DIGITS),
            (" \n", SPACE),
            ("...", MARKS),
            ("", SPACE),
        ];
        for (token, expected) in cases {
            assert_eq!(scripts.of(token.as_bytes()), expected, "{token:?}");
        }
        assert_eq!(scripts.of(b"\xE4\xB8"), PARTS);
    }

    #[test]
    fn every_script_is_known() {
        let scripts = Scripts::new();
        for name in SCRIPTS {
            assert!(scripts.ranges.iter().any(|&(_, _, found)| found == name), "{name}");
        }
    }
}

//! Lines that belong to the page around a text: consent, sharing, navigation, rights, and lines of symbols.

use std::ops::Range;

use super::edits::Change;
use super::kind::Kind;
use super::phrases::{Phrases, folded, of_language};
use crate::error::{Error, Result};

/// The kinds of lines by name.
pub const LINES: [Kind; 2] = [Kind::Boilerplate, Kind::Symbols];

/// A line of more characters is text, whatever it holds.
const LONGEST: usize = 300;
/// So many entries of menus together are a menu.
const MENU: usize = 3;

/// What finds the lines.
#[derive(Clone, Debug, Default)]
pub struct LineFilter {
    boilerplate: bool,
    symbols: bool,
    own: Option<Phrases>,
}

impl LineFilter {
    /// A filter of the kinds of lines that are named, and of the phrases of a file of the user's: a line each, `#` before
    /// comments; a line of a text goes if it is the phrase, or holds it where the phrase is written `*so*`.
    ///
    /// # Errors
    /// [`Error::UnknownCleaning`] for a name that is none of [`LINES`].
    pub fn new(names: &[String], phrases: Option<&str>) -> Result<Self> {
        let mut filter = Self { own: phrases.map(Phrases::of_file), ..Self::default() };
        for name in names {
            match name.as_str() {
                "boilerplate" => filter.boilerplate = true,
                "symbols" => filter.symbols = true,
                _ => {
                    let known = LINES.map(Kind::name).join(", ");
                    return Err(Error::UnknownCleaning {
                        what: "lines",
                        name: name.clone(),
                        known,
                    });
                }
            }
        }
        Ok(filter)
    }

    /// Whether it looks for nothing.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        !self.boilerplate && !self.symbols && self.own.is_none()
    }

    /// The lines of a text of a language that go. Code in fences or indented is not looked at.
    #[must_use]
    pub fn changes(&self, text: &str, language: &str) -> Vec<Change> {
        if self.is_idle() {
            return Vec::new();
        }
        let phrases = self.phrases(language);
        let lines = lines(text);
        let mut kinds: Vec<Option<Kind>> = Vec::with_capacity(lines.len());
        let mut menu: Vec<usize> = Vec::new();
        let mut scratch = String::new();
        let mut fenced = false;
        for (n, line) in lines.iter().enumerate() {
            let raw = &text[line.clone()];
            let fence = raw.trim_start().starts_with("```") || raw.trim_start().starts_with("~~~");
            let code = fenced || fence || raw.starts_with("    ") || raw.starts_with('\t');
            fenced ^= fence;
            let found = if code { Found::Text } else { self.find(raw, &phrases, &mut scratch) };
            kinds.push(match found {
                Found::Line(kind) => Some(kind),
                _ => None,
            });
            match found {
                Found::Blank => {}
                Found::Item | Found::Line(Kind::Boilerplate) => menu.push(n),
                Found::Text | Found::Line(_) => settle(&mut menu, &mut kinds),
            }
        }
        settle(&mut menu, &mut kinds);
        runs(text, &lines, &kinds)
    }

    /// Those of the user, of the language, and of English, which stands on pages of any language.
    fn phrases(&self, language: &str) -> Vec<&Phrases> {
        let mut all: Vec<&Phrases> = self.own.iter().collect();
        if self.boilerplate {
            all.extend(of_language(language));
            all.extend((language != "en").then(|| of_language("en")).flatten());
        }
        all
    }

    fn find(&self, raw: &str, phrases: &[&Phrases], scratch: &mut String) -> Found {
        let line = raw.trim();
        if line.is_empty() {
            return Found::Blank;
        }
        if self.symbols && is_symbols(line) {
            return Found::Line(Kind::Symbols);
        }
        if phrases.is_empty() || line.len() > LONGEST * 4 || line.chars().nth(LONGEST).is_some() {
            return Found::Text;
        }
        folded(line, scratch);
        if phrases.iter().any(|set| set.has_line(scratch) || set.holds(scratch)) {
            return Found::Line(Kind::Boilerplate);
        }
        if !self.boilerplate {
            return Found::Text;
        }
        if is_copyright(line, scratch) || is_bar(line, phrases) {
            return Found::Line(Kind::Boilerplate);
        }
        if phrases.iter().any(|set| set.has_item(scratch)) { Found::Item } else { Found::Text }
    }
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Blank,
    Text,
    /// An entry of a menu, which alone may as well be text.
    Item,
    Line(Kind),
}

/// Takes entries that stand together for a menu if they are enough.
fn settle(menu: &mut Vec<usize>, kinds: &mut [Option<Kind>]) {
    if menu.len() >= MENU {
        for &n in menu.iter() {
            kinds[n] = Some(Kind::Boilerplate);
        }
    }
    menu.clear();
}

/// Where the lines of a text are, their line feeds not counted.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()) {
        found.push(start..end);
        start = end + 1;
    }
    found.push(start..text.len());
    found
}

/// A change for each run of lines of one kind, with their line feeds.
fn runs(text: &str, lines: &[Range<usize>], kinds: &[Option<Kind>]) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for (n, kind) in kinds.iter().enumerate() {
        let Some(kind) = *kind else { continue };
        let end = (lines[n].end + 1).min(text.len());
        match changes.last_mut() {
            Some(last) if last.kind == kind && last.range.end == lines[n].start => {
                last.range.end = end;
            }
            _ => changes.push(Change::new(lines[n].start..end, "", kind)),
        }
    }
    // Without the last line the text ends before the line feed that stood before it.
    if let Some(last) = changes.pop() {
        let from_line = last.range.start;
        let free = changes.last().is_none_or(|before| before.range.end < from_line);
        let ends = last.range.end == text.len() && !text.ends_with('\n');
        let start = from_line - usize::from(ends && from_line > 0 && free);
        changes.push(Change { range: start..last.range.end, ..last });
    }
    changes
}

/// Bullets, arrows and bars alone. Rules and underlines (`---`, `===`), rows of tables and brackets of code are none.
fn is_symbols(line: &str) -> bool {
    let bullets = "|•·▪●○◦‣⁃■□▲▼►◄▶◀»«›‹→←↑↓⇒★☆✓✔✕✖✗❯❮…©®™🔗";
    let symbol = |c: char| c.is_whitespace() || bullets.contains(c);
    let single = |c: char| "-*+–—/\\~^:.,;!?_=#>".contains(c);
    line.chars().all(symbol) || (line.chars().count() == 1 && line.chars().all(single))
}

/// A sign or word of copyright at the start, a year, and no sentence.
fn is_copyright(line: &str, folded: &str) -> bool {
    let sign = line.starts_with('©') || line.starts_with("(c) ") || line.starts_with("(C) ");
    let digits = line.as_bytes().windows(4).any(|four| four.iter().all(u8::is_ascii_digit));
    (sign || folded.starts_with("copyright ")) && digits && line.len() <= 150
}

/// Entries of menus between bars; one in four may be another.
fn is_bar(line: &str, phrases: &[&Phrases]) -> bool {
    let signs = ['|', '·', '•', '»', '›', '→', '¦', '▸', '/'];
    if !line.contains(signs) {
        return false;
    }
    let (mut items, mut known, mut scratch) = (0, 0, String::new());
    for part in line.split(signs).map(str::trim).filter(|part| !part.is_empty()) {
        folded(part, &mut scratch);
        items += 1;
        known +=
            usize::from(phrases.iter().any(|set| set.has_item(&scratch) || set.has_line(&scratch)));
    }
    items >= MENU && 4 * known >= 3 * items
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clean::Cleaned;

    fn filter(phrases: Option<&str>) -> LineFilter {
        LineFilter::new(&["boilerplate".to_owned(), "symbols".to_owned()], phrases).unwrap()
    }

    fn left(text: &str, language: &str) -> String {
        let mut cleaned = Cleaned::untouched(text.to_owned());
        cleaned.apply(&filter(None).changes(text, language));
        assert_eq!(cleaned.undo(), text);
        cleaned.text
    }

    #[test]
    fn the_page_around_a_text_goes() {
        for (language, text, expected) in [
            (
                "en",
                "Home | About us | Contact\n\nIt rained.\n© 2020 The Rain Company",
                "\nIt rained.",
            ),
            ("en", "It rained.\n\n• Home\n• Search\n• Login\n", "It rained.\n\n"),
            ("en", "It rained.\n|\n•\nIt snowed.", "It rained.\nIt snowed."),
            (
                "de",
                "Es regnet.\nWir verwenden Cookies, um Inhalte zu zeigen.\nEs schneit.",
                "Es regnet.\nEs schneit.",
            ),
            ("ru", "Читать далее…\nИдёт дождь.", "Идёт дождь."),
            ("fr", "Il pleut.\n» Lire la suite\nShare this", "Il pleut."),
            ("zh", "下雨了。\n版权所有 © 某公司\n分享到：", "下雨了。"),
            ("ja", "雨が降る。\nこの記事をシェア\n", "雨が降る。\n"),
            ("ko", "비가 온다.\n이용약관 | 개인정보처리방침 | 문의하기", "비가 온다."),
            ("ar", "تمطر.\nجميع الحقوق محفوظة 2020", "تمطر."),
            ("tr", "Yağmur yağıyor.\nTÜM HAKLARI SAKLIDIR", "Yağmur yağıyor."),
        ] {
            assert_eq!(left(text, language), expected, "{text}");
        }
    }

    #[test]
    fn text_stays() {
        for text in [
            "Home\n\nThe house stands by the river, and search parties came.",
            "Browsers send cookies back; a policy on cookies says which of them a page may set.",
            "Title\n=====\n\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |\n}\n",
            "```\n|\nShare this\n```\n    Share this\n",
            "and/or/not",
            "Copyright is the right to copy.",
        ] {
            assert_eq!(left(text, "en"), text);
        }
    }

    #[test]
    fn phrases_of_the_user_go_too() {
        let own = "# our pages\nBy our own reporter\n*reporting from*\n";
        let filter = LineFilter::new(&[], Some(own)).unwrap();
        let text = "By our own reporter:\nIt rained.\nAnna, reporting from Kyiv\nShare this";
        let mut cleaned = Cleaned::untouched(text.to_owned());
        cleaned.apply(&filter.changes(text, "en"));
        assert_eq!(cleaned.text, "It rained.\nShare this");
        assert!(LineFilter::new(&["ads".to_owned()], None).is_err());
    }

    proptest! {
        #[test]
        fn lines_lead_back_and_are_found_once(
            parts in prop::collection::vec("(Home|Share this|•|text of a line|© 2001 X|```|)\n{0,2}", 0..12)
        ) {
            let text = parts.concat();
            let filter = filter(None);
            let mut cleaned = Cleaned::untouched(text.clone());
            cleaned.apply(&filter.changes(&text, "en"));
            prop_assert_eq!(cleaned.undo(), text.clone());
            let kept = cleaned.text.lines().filter(|line| line.starts_with("text")).count();
            prop_assert_eq!(kept, text.lines().filter(|line| line.starts_with("text")).count());
        }
    }
}

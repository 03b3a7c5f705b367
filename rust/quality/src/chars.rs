//! Classes of characters as Python and `datatrove` see them.
//!
//! Letters follow the Unicode version of ICU4X; Python 3.11 knows Unicode 14, so letters assigned since then are
//! letters here and not there. No such letter occurs in text of the twelve languages.

use std::sync::LazyLock;

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

const ALPHA: u16 = 1;
const PUNCTUATION: u16 = 2;
const TERMINAL: u16 = 4;
const SPACE: u16 = 8;
const UPPER: u16 = 16;
const MARK: u16 = 32;
/// Written without spaces: only a dictionary finds the words.
const UNSPACED: u16 = 64;
/// A token of its own at the start of a chunk.
const PREFIX: u16 = 128;
/// A token of its own at the end of a chunk.
const SUFFIX: u16 = 256;
const QUOTE: u16 = 512;
const SYMBOL: u16 = 1024;
const CURRENCY: u16 = 2048;
const DIGIT: u16 = 4096;
const HANGUL: u16 = 8192;
/// A letter without case.
const UNCASED: u16 = 16384;
const NUMBER: u16 = 32768;

/// `PUNCTUATION` of `datatrove` (`utils/text.py`), but for its control characters.
const MARKS: &str =
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«´»–—’“”„…∶━►、。〈〉《》「」【】！％（），．１：；？～";

/// The control characters of `PUNCTUATION`: all but tab and line feed.
const CONTROLS: [std::ops::Range<u32>; 4] = [0..9, 11..13, 13..32, 127..160];

/// `TERMINAL_PUNCTUATION` of `datatrove` (`utils/text.py`), in the order of code points.
const TERMINALS: &str = "\
     \u{21}\u{2e}\u{3f}\u{589}\u{61d}\u{61e}\u{61f}\u{6d4}\u{700}\u{701}\u{702}\u{7f9}\u{837}\
     \u{839}\u{83d}\u{83e}\u{964}\u{965}\u{104a}\u{104b}\u{1362}\u{1367}\u{1368}\u{166e}\u{1735}\
     \u{1736}\u{17d4}\u{17d5}\u{17d6}\u{17d9}\u{17da}\u{1803}\u{1809}\u{1944}\u{1945}\u{1aa8}\
     \u{1aa9}\u{1aaa}\u{1aab}\u{1b5a}\u{1b5b}\u{1b5e}\u{1b5f}\u{1b7d}\u{1b7e}\u{1c3b}\u{1c3c}\
     \u{1c7e}\u{1c7f}\u{203c}\u{203d}\u{2047}\u{2048}\u{2049}\u{2e2e}\u{2e3c}\u{2e53}\u{2e54}\
     \u{3002}\u{a4ff}\u{a60e}\u{a60f}\u{a6f3}\u{a6f7}\u{a876}\u{a877}\u{a8ce}\u{a8cf}\u{a92f}\
     \u{a9c8}\u{a9c9}\u{aa5d}\u{aa5e}\u{aa5f}\u{aaf0}\u{aaf1}\u{abeb}\u{fe52}\u{fe56}\u{fe57}\
     \u{ff01}\u{ff0e}\u{ff1f}\u{ff61}\u{10a56}\u{10a57}\u{10f55}\u{10f56}\u{10f57}\u{10f58}\
     \u{10f59}\u{10f86}\u{10f87}\u{10f88}\u{10f89}\u{11047}\u{11048}\u{110be}\u{110bf}\u{110c0}\
     \u{110c1}\u{11141}\u{11142}\u{11143}\u{111c5}\u{111c6}\u{111cd}\u{111de}\u{111df}\u{11238}\
     \u{11239}\u{1123b}\u{1123c}\u{112a9}\u{1144b}\u{1144c}\u{115c2}\u{115c3}\u{115c9}\u{115ca}\
     \u{115cb}\u{115cc}\u{115cd}\u{115ce}\u{115cf}\u{115d0}\u{115d1}\u{115d2}\u{115d3}\u{115d4}\
     \u{115d5}\u{115d6}\u{115d7}\u{11641}\u{11642}\u{1173c}\u{1173d}\u{1173e}\u{11944}\u{11946}\
     \u{11a42}\u{11a43}\u{11a9b}\u{11a9c}\u{11c41}\u{11c42}\u{11ef7}\u{11ef8}\u{11f43}\u{11f44}\
     \u{16a6e}\u{16a6f}\u{16af5}\u{16b37}\u{16b38}\u{16b44}\u{16e98}\u{1bc9f}\u{1da88}";

/// What `str.strip` of Python takes away: bidirectional classes WS, B and S, and category Zs.
const SPACES: &str = "\t\n\u{b}\u{c}\r\u{1c}\u{1d}\u{1e}\u{1f} \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\
     \u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

/// Marks that spaCy (`lang/char_classes.py`, version 3.8) splits from both ends of a word.
const AFFIXES: &str = "…,:;!?¿؟¡()[]{}<>_#*&。？！，、；：～·।،۔؛٪—–";
const QUOTES: &str = "'\"”“`‘´’‚„»«「」『』（）〔〕【】《》〈〉⟦⟧";
const CURRENCIES: &str = "$£€¥฿₽﷼₴₠₡₢₣₤₥₦₧₨₩₪₫₭₮₯₰₱₲₳₵₶₷₸₹₺₻₼₾₿";

/// Scripts whose words ICU4X finds with a dictionary or a model: Thai, Lao, Myanmar, Khmer, kana and Han.
const UNSPACED_RANGES: [std::ops::RangeInclusive<u32>; 19] = [
    0x0e00..=0x0eff,
    0x1000..=0x109f,
    0x1780..=0x17ff,
    0x19e0..=0x19ff,
    0x2e80..=0x2fdf,
    0x3005..=0x3007,
    0x3021..=0x302f,
    0x3031..=0x303c,
    0x3041..=0x3096,
    0x3099..=0x30ff,
    0x31f0..=0x31ff,
    0x3400..=0x4dbf,
    0x4e00..=0x9fff,
    0xa9e0..=0xa9ff,
    0xaa60..=0xaa7f,
    0xf900..=0xfaff,
    0xff66..=0xff9f,
    0x1_b000..=0x1_b16f,
    0x2_0000..=0x3_ffff,
];

/// Flags for every code point.
static FLAGS: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut flags = vec![0; 0x11_0000];
    let category = CodePointMapData::<GeneralCategory>::new();
    for (group, flag) in [
        (GeneralCategoryGroup::Letter, ALPHA),
        (GeneralCategoryGroup::UppercaseLetter, UPPER),
        (GeneralCategoryGroup::TitlecaseLetter, UPPER),
        (GeneralCategoryGroup::OtherLetter, UNCASED),
        (GeneralCategoryGroup::Mark, MARK),
        (GeneralCategoryGroup::Number, NUMBER),
        (GeneralCategoryGroup::OtherSymbol, SYMBOL | PREFIX | SUFFIX),
    ] {
        category.iter_ranges_for_group(group).flatten().for_each(|c| flags[c as usize] |= flag);
    }
    (0xac00..=0xd7a3_usize).for_each(|c| flags[c] |= HANGUL);
    UNSPACED_RANGES.into_iter().flatten().for_each(|c| flags[c as usize] |= UNSPACED);
    AFFIXES.chars().for_each(|c| flags[c as usize] |= PREFIX | SUFFIX);
    QUOTES.chars().for_each(|c| flags[c as usize] |= PREFIX | SUFFIX | QUOTE);
    CURRENCIES.chars().for_each(|c| flags[c as usize] |= PREFIX | CURRENCY);
    "§%=".chars().for_each(|c| flags[c as usize] |= PREFIX);
    ('0'..='9').for_each(|c| flags[c as usize] |= DIGIT);
    CONTROLS.into_iter().flatten().for_each(|c| flags[c as usize] |= PUNCTUATION);
    MARKS.chars().for_each(|c| flags[c as usize] |= PUNCTUATION);
    TERMINALS.chars().for_each(|c| flags[c as usize] |= PUNCTUATION | TERMINAL);
    SPACES.chars().for_each(|c| flags[c as usize] |= SPACE);
    flags
});

fn has(c: char, flag: u16) -> bool {
    FLAGS[c as usize] & flag != 0
}

/// What the segmenter asks of a character.
#[derive(Clone, Copy)]
pub(crate) struct Class(u16);

impl Class {
    pub(crate) fn of(c: char) -> Self {
        Self(FLAGS[c as usize])
    }

    /// A letter, or a mark on one.
    pub(crate) fn is_letter(self) -> bool {
        self.0 & (ALPHA | MARK) != 0
    }

    /// An upper case letter, or one without case.
    pub(crate) fn is_upper(self) -> bool {
        self.0 & (UPPER | UNCASED) != 0
    }

    /// A lower case letter, or one without case.
    pub(crate) fn is_lower(self) -> bool {
        self.is_letter() && self.0 & UPPER == 0
    }

    /// A combining mark.
    pub(crate) fn is_mark(self) -> bool {
        self.0 & MARK != 0
    }

    /// A syllable of Korean.
    pub(crate) fn is_hangul(self) -> bool {
        self.0 & HANGUL != 0
    }

    /// An ASCII digit.
    pub(crate) fn is_digit(self) -> bool {
        self.0 & DIGIT != 0
    }

    pub(crate) fn is_space(self) -> bool {
        self.0 & SPACE != 0
    }

    pub(crate) fn is_unspaced(self) -> bool {
        self.0 & UNSPACED != 0
    }

    pub(crate) fn is_prefix(self) -> bool {
        self.0 & PREFIX != 0
    }

    pub(crate) fn is_suffix(self) -> bool {
        self.0 & SUFFIX != 0
    }

    pub(crate) fn is_quote(self) -> bool {
        self.0 & QUOTE != 0
    }

    /// A pictograph or another symbol that is neither mathematical nor a currency.
    pub(crate) fn is_symbol(self) -> bool {
        self.0 & SYMBOL != 0
    }

    pub(crate) fn is_currency(self) -> bool {
        self.0 & CURRENCY != 0
    }
}

/// `str.isalpha` of Python for one character: a letter (L*), marks and letter-like numbers excluded.
pub(crate) fn is_alpha(c: char) -> bool {
    has(c, ALPHA)
}

/// `\w` of Python for one character: a letter, a number of any kind, or a low line.
pub(crate) fn is_word(c: char) -> bool {
    has(c, ALPHA | NUMBER) || c == '_'
}

/// `\d` of Python for one character: a decimal digit of any script.
pub(crate) fn is_decimal(c: char) -> bool {
    c.is_ascii_digit()
        || (!c.is_ascii()
            && CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::DecimalNumber)
}

/// Punctuation of Unicode (P*), as spaCy's `is_punct` asks of every character of a token.
pub(crate) fn is_unicode_punctuation(c: char) -> bool {
    GeneralCategoryGroup::Punctuation.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

/// A member of `PUNCTUATION_SET` of `datatrove`.
pub(crate) fn is_punctuation(c: char) -> bool {
    has(c, PUNCTUATION)
}

/// A member of `TERMINAL_PUNCTUATION` of `datatrove`.
pub(crate) fn is_terminal(c: char) -> bool {
    has(c, TERMINAL)
}

/// White space of `str.strip` of Python, which knows four controls more than `char::is_whitespace`.
pub(crate) fn is_space(c: char) -> bool {
    has(c, SPACE)
}

/// `str.strip` of Python.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Where `str.splitlines` of Python ends a line; CR LF is one end.
pub(crate) fn is_line_end(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where Rust's or Unicode's notion differs from Python's. (All code points were compared with Python 3.11 once: only
    /// letters that Unicode 14 did not know differ.)
    #[test]
    fn classes_are_those_of_python() {
        assert!("aяª漢ـ".chars().all(is_alpha));
        assert!(!"ⅷ\u{301}\u{903}७²_".chars().any(is_alpha));
        assert!("\u{1c}\u{1f}\u{85}\u{a0}\u{2028}\u{3000}".chars().all(is_space));
        assert!(!"\u{180e}\u{200b}\u{feff}".chars().any(is_space));
        assert!("\u{b}\u{c}\r\u{1c}\u{1e}\u{85}\u{2029}".chars().all(is_line_end));
        assert!(!"\u{1f}\t".chars().any(is_line_end));
        assert!("!…»\u{0}\u{9f}\r。".chars().all(is_punctuation));
        assert!(!"\t\n •€©".chars().any(is_punctuation));
        assert!("。؟.!‼".chars().all(is_terminal));
        assert!(!"…;»\"".chars().any(is_terminal));
    }
}

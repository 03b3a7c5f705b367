//! What kind of character a code point is, as far as junk is concerned.

use std::sync::LazyLock;

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};

/// Scripts that are told apart; all others with letters are [`OTHER`](script::OTHER).
pub(crate) mod script {
    pub(crate) const LATIN: u8 = 1;
    pub(crate) const CYRILLIC: u8 = 2;
    pub(crate) const GREEK: u8 = 3;
    pub(crate) const ARABIC: u8 = 4;
    pub(crate) const HEBREW: u8 = 5;
    /// Han, Hiragana, Katakana, Bopomofo.
    pub(crate) const HAN: u8 = 6;
    pub(crate) const HANGUL: u8 = 7;
    pub(crate) const OTHER: u8 = 8;
}

const SCRIPT: u8 = 15;
const LETTER: u8 = 16;
const UPPER: u8 = 32;
const SPACE: u8 = 64;
const BROKEN: u8 = 128;

/// The kind of a character.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind(u8);

impl Kind {
    pub(crate) fn of(c: char) -> Self {
        Self(TABLE.get(c as usize).copied().unwrap_or_else(|| beyond(c)))
    }

    /// 0: no letter.
    pub(crate) fn script(self) -> u8 {
        self.0 & SCRIPT
    }

    /// A letter, or a mark on one.
    pub(crate) fn is_letter(self) -> bool {
        self.0 & LETTER != 0
    }

    pub(crate) fn is_upper(self) -> bool {
        self.0 & UPPER != 0
    }

    pub(crate) fn is_space(self) -> bool {
        self.0 & SPACE != 0
    }

    /// What stands for a character that was lost: U+FFFD, controls, private use, no character at all.
    pub(crate) fn is_broken(self) -> bool {
        self.0 & BROKEN != 0
    }
}

/// Beyond the basic plane: Han, pictographs and rare scripts.
fn beyond(c: char) -> u8 {
    match c as u32 {
        0x2_0000..=0x3_ffff => LETTER | script::HAN,
        0xf_0000.. => BROKEN,
        _ if c.is_alphabetic() => LETTER | script::OTHER,
        _ => 0,
    }
}

/// Kinds of the basic plane.
static TABLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut table = vec![0; 0x1_0000];
    let category = CodePointMapData::<GeneralCategory>::new();
    let mut set = |ranges: &mut dyn Iterator<Item = std::ops::RangeInclusive<u32>>, flag: u8| {
        for c in ranges.flatten().filter(|&c| c < 0x1_0000) {
            table[c as usize] |= flag;
        }
    };
    for (group, flag) in [
        (GeneralCategoryGroup::Letter, LETTER),
        (GeneralCategoryGroup::Mark, LETTER),
        (GeneralCategoryGroup::UppercaseLetter, UPPER),
        (GeneralCategoryGroup::PrivateUse, BROKEN),
    ] {
        set(&mut category.iter_ranges_for_group(group), flag);
    }
    let scripts = CodePointMapData::<Script>::new();
    for (name, number) in [
        (Script::Latin, script::LATIN),
        (Script::Cyrillic, script::CYRILLIC),
        (Script::Greek, script::GREEK),
        (Script::Arabic, script::ARABIC),
        (Script::Hebrew, script::HEBREW),
        (Script::Han, script::HAN),
        (Script::Hiragana, script::HAN),
        (Script::Katakana, script::HAN),
        (Script::Bopomofo, script::HAN),
        (Script::Hangul, script::HANGUL),
    ] {
        set(&mut scripts.iter_ranges_for_value(name), number);
    }
    for (c, kind) in (0_u32..).zip(&mut table) {
        *kind = settle(c, *kind, scripts);
    }
    table
});

/// White space, what is broken, and letters of scripts that have no number.
fn settle(code: u32, kind: u8, scripts: CodePointMapDataBorrowed<'_, Script>) -> u8 {
    let Some(c) = char::from_u32(code) else { return 0 };
    if c.is_whitespace() {
        return SPACE;
    }
    if c == '\u{fffd}'
        || c.is_control()
        || code & 0xfffe == 0xfffe
        || (0xfdd0..0xfdf0).contains(&code)
    {
        return BROKEN;
    }
    match (kind & LETTER != 0, kind & SCRIPT) {
        // Marks take the script of their letter.
        (true, 0) if scripts.get32(code) == Script::Inherited => LETTER,
        (true, 0) => kind | script::OTHER,
        (false, _) => kind & BROKEN,
        _ => kind,
    }
}

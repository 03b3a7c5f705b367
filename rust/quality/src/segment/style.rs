//! How the words of a language are written: the few choices in which spaCy's rules differ by language.

/// Where a hyphen between two words splits them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hyphen {
    /// Between letters.
    Letters,
    /// Between a letter or a digit and a letter.
    AlsoAfterDigit,
    /// Between a letter and a letter that is not upper case.
    BeforeLower,
    /// Only a double one between letters, and a single one between digits.
    Double,
    /// Never.
    Never,
}

/// After what a full stop at the end is a token of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    /// A letter that is not upper case, a digit, punctuation, or two upper case letters.
    AfterDigit,
    /// The same without digits: `3.` is an ordinal number.
    Ordinal,
    /// Two upper case letters only.
    AfterUpper,
}

/// The choices of one language.
#[derive(Debug)]
pub(super) struct Style {
    pub(super) hyphen: Hyphen,
    pub(super) period: Period,
    /// A word ends after an apostrophe between letters (`l'|homme`).
    pub(super) elision: bool,
    /// Contractions are split (`do|n't`, `we|'ll`).
    pub(super) contractions: bool,
    /// `'s` at the end is a token.
    pub(super) possessive: bool,
    /// A slash at the end is a token, brackets and quotes between letters are, and one between letters and digits is.
    pub(super) german: bool,
}

const BASE: Style = Style {
    hyphen: Hyphen::Letters,
    period: Period::AfterDigit,
    elision: false,
    contractions: false,
    possessive: true,
    german: false,
};
const ENGLISH: Style = Style { hyphen: Hyphen::AlsoAfterDigit, contractions: true, ..BASE };
const GERMAN: Style = Style {
    hyphen: Hyphen::Double,
    period: Period::Ordinal,
    possessive: false,
    german: true,
    ..BASE
};
const FRENCH: Style = Style { elision: true, possessive: false, ..BASE };
const ITALIAN: Style = Style { hyphen: Hyphen::BeforeLower, elision: true, ..BASE };
const SPANISH: Style = Style { hyphen: Hyphen::Never, possessive: false, ..BASE };
const PORTUGUESE: Style = Style { hyphen: Hyphen::Never, ..BASE };
const ARABIC: Style = Style { period: Period::AfterUpper, possessive: false, ..BASE };

impl Style {
    pub(super) fn of(language: &str) -> &'static Self {
        match language {
            "en" => &ENGLISH,
            "de" => &GERMAN,
            "fr" => &FRENCH,
            "it" => &ITALIAN,
            "es" => &SPANISH,
            "pt" => &PORTUGUESE,
            "ar" => &ARABIC,
            _ => &BASE,
        }
    }
}

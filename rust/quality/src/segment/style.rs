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

/// How a chunk between white space becomes words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    /// Marks are split from its ends, then at some places inside.
    Affixes,
    /// Every run of one kind of characters is a word, or is split further by its script.
    Runs(Runs),
}

/// How runs of characters become words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Runs {
    /// Letters and digits make one run.
    pub(super) alphanumeric: bool,
    /// Korean particles and endings are words.
    pub(super) particles: bool,
}

impl Runs {
    /// For a chunk in another script than that of its text.
    pub(super) const FOREIGN: Self = Self { alphanumeric: true, particles: false };
}

/// The choices of one language.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent habit of writing")]
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
    /// How chunks are split.
    pub(super) chunks: Chunks,
}

const BASE: Style = Style {
    hyphen: Hyphen::Letters,
    period: Period::AfterDigit,
    elision: false,
    contractions: false,
    possessive: true,
    german: false,
    chunks: Chunks::Affixes,
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
const CHINESE: Style = Style { chunks: Chunks::Runs(Runs::FOREIGN), ..BASE };
const RUNS: Style =
    Style { chunks: Chunks::Runs(Runs { alphanumeric: false, particles: false }), ..BASE };
const KOREAN: Style =
    Style { chunks: Chunks::Runs(Runs { alphanumeric: false, particles: true }), ..BASE };
const ARABIC: Style = Style { period: Period::AfterUpper, possessive: false, ..BASE };

impl Style {
    pub(super) fn of(language: &str) -> &'static Self {
        match language {
            "en" => &ENGLISH,
            "de" => &GERMAN,
            "fr" | "ca" => &FRENCH,
            "it" => &ITALIAN,
            "es" => &SPANISH,
            "pt" => &PORTUGUESE,
            "ar" => &ARABIC,
            "zh" => &CHINESE,
            "ko" => &KOREAN,
            "ja" | "th" | "lo" | "km" | "my" => &RUNS,
            _ => &BASE,
        }
    }
}

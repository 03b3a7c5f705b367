//! Phrases that C4 looks for in lower-cased lines.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};

/// What a line is looked through for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phrase {
    LoremIpsum,
    JavaScript,
    Policy,
}

/// `POLICY_SUBSTRINGS` of `datatrove`, after the two others.
const PHRASES: [&str; 8] = [
    "lorem ipsum",
    "javascript",
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
];

/// The one character beside ASCII whose lower case is an ASCII letter of a phrase: the sign of kelvin.
const KELVIN: &str = "\u{212a}";

static SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(PHRASES)
        .ok()
});

/// Whether any phrase may stand in a text: where not, none of its lines needs to be looked at.
pub(super) fn may_hold(text: &str) -> bool {
    text.contains(KELVIN) || SEARCH.as_ref().is_none_or(|search| search.is_match(text))
}

/// Whether a line holds a phrase, whatever its case.
pub(super) fn holds(line: &str, phrase: Phrase) -> bool {
    let lower = line.to_lowercase();
    let phrases = match phrase {
        Phrase::LoremIpsum => &PHRASES[..1],
        Phrase::JavaScript => &PHRASES[1..2],
        Phrase::Policy => &PHRASES[2..],
    };
    phrases.iter().any(|phrase| lower.contains(phrase))
}

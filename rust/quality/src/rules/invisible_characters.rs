//! Characters that are not seen.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "invisible_characters",
    reason: "invisible_characters",
    group: Group::Junk,
    summary: "Drops documents with many characters that are not seen.",
    metric: Metric::InvisibleCharacters,
    parameter: "max_invisible_chars",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_invisible_chars,
    examples: Examples {
        threshold: 0.03,
        kept: "Nothing is hidden here.",
        dropped: "No\u{200b}thing is hid\u{ad}den he\u{200b}re.",
    },
}];

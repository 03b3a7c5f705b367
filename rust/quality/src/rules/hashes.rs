//! Number signs over words.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "hashes",
    reason: "gopher_too_many_hashes",
    group: Group::GopherQuality,
    summary: "Drops documents with many number signs for their words.",
    metric: Metric::Hashes,
    parameter: "max_symbol_word_ratio",
    drops: Drops::Above,
    zero_is_off: true,
    of: |profile| profile.gopher_quality.max_symbol_word_ratio,
    examples: Examples {
        threshold: 0.1,
        kept: "The winner of this wet race is number #1, once again.",
        dropped: "#rain #wet #home",
    },
}];

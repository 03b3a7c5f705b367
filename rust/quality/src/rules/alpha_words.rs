//! Words that hold a letter.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "alpha_words",
    reason: "gopher_below_alpha_threshold",
    group: Group::GopherQuality,
    summary: "Drops documents of few words that hold a letter.",
    metric: Metric::AlphaWords,
    parameter: "min_alpha_words_ratio",
    drops: Drops::Below,
    zero_is_off: true,
    of: |profile| profile.gopher_quality.min_alpha_words_ratio,
    examples: Examples {
        threshold: 0.8,
        kept: "It rained all day long.",
        dropped: "12 30 45 rain 7.5 8",
    },
}];

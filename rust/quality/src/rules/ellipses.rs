//! Ellipses over words.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "ellipses",
    reason: "gopher_too_many_ellipsis",
    group: Group::GopherQuality,
    summary: "Drops documents with many ellipses for their words.",
    metric: Metric::Ellipses,
    parameter: "max_symbol_word_ratio",
    drops: Drops::Above,
    zero_is_off: true,
    of: |profile| profile.gopher_quality.max_symbol_word_ratio,
    examples: Examples {
        threshold: 0.1,
        kept: "It rained all day, and all night, and then … it rained again.",
        dropped: "Read more… and more…",
    },
}];

//! Distinct stop words that occur.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "stop_words",
    reason: "gopher_enough_stop_words",
    group: Group::GopherQuality,
    summary: "Drops documents that hold too few distinct stop words of their language.",
    metric: Metric::StopWords,
    parameter: "min_stop_words",
    drops: Drops::Below,
    zero_is_off: true,
    of: |profile| profile.gopher_quality.min_stop_words,
    examples: Examples {
        threshold: 2.0,
        kept: "We went to the house.",
        dropped: "Bread, milk, eggs.",
    },
}];

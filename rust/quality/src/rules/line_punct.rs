//! Lines that end in terminal punctuation.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "line_punct",
    reason: "line_punct_ratio",
    group: Group::FineWebQuality,
    summary: "Drops documents whose lines seldom end in terminal punctuation.",
    metric: Metric::LinePunct,
    parameter: "line_punct_thr",
    drops: Drops::Below,
    zero_is_off: false,
    of: |profile| profile.fineweb_quality.line_punct_thr,
    examples: Examples {
        threshold: 0.12,
        kept: "It rained.\nWe went home",
        dropped: "Home\nNews\nContact us",
    },
}];

//! Characters in repeated lines that are not blank.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "char_dup",
    reason: "char_dup_ratio",
    group: Group::FineWebQuality,
    summary: "Drops documents whose lines that are not blank repeat: counted in characters.",
    metric: Metric::CharDup,
    parameter: "char_duplicates_ratio",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.fineweb_quality.char_duplicates_ratio,
    examples: Examples {
        threshold: 0.01,
        kept: "It rained.\nWe went home.",
        dropped: "It rained.\nIt rained.",
    },
}];

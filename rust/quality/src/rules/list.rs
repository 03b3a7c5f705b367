//! Line feeds over words: lists and menus.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "list",
    reason: "list_ratio",
    group: Group::FineWebQuality,
    summary: "Drops documents with many line feeds for their words: lists.",
    metric: Metric::NewLine,
    parameter: "new_line_ratio",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.fineweb_quality.new_line_ratio,
    examples: Examples {
        threshold: 0.3,
        kept: "It rained all day long.\nWe went home.",
        dropped: "One\nTwo\nThree",
    },
}];

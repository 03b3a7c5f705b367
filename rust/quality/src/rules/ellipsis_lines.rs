//! Lines that end in an ellipsis.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "ellipsis_lines",
    reason: "gopher_too_many_end_ellipsis",
    group: Group::GopherQuality,
    summary: "Drops documents whose lines often end in an ellipsis.",
    metric: Metric::EllipsisLines,
    parameter: "max_ellipsis_lines_ratio",
    drops: Drops::Above,
    zero_is_off: true,
    of: |profile| profile.gopher_quality.max_ellipsis_lines_ratio,
    examples: Examples {
        threshold: 0.3,
        kept: "It rained.\nWe went home.\nThen...\nIt rained again.",
        dropped: "It rained all...\nWe went…\nThe end.",
    },
}];

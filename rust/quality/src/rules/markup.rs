//! HTML over characters.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "markup",
    reason: "markup",
    group: Group::Junk,
    summary: "Drops documents of much leftover HTML.",
    metric: Metric::Markup,
    parameter: "max_markup",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_markup,
    examples: Examples {
        threshold: 0.15,
        kept: "If a < b, then b > a.",
        dropped: "<p class=\"text\">A <b>line</b>&nbsp;of it.</p>",
    },
}];

//! What a text costs backwards.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "backwards",
    reason: "backwards",
    group: Group::Fluency,
    summary: "Drops documents that cost no less than read backwards: reversed, shuffled or random letters.",
    metric: Metric::Direction,
    parameter: "min_direction",
    drops: Drops::Below,
    zero_is_off: false,
    of: |profile| profile.fluency.min_direction,
    examples: Examples {
        threshold: 0.25,
        kept: "The committee met on Tuesday and agreed that the work should go on as before.",
        dropped: ".erofeb sa no og dluohs krow eht taht deerga dna yadseuT no tem eettimmoc ehT",
    },
}];

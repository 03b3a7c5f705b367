//! Words of one letter.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "single_letters",
    reason: "single_letters",
    group: Group::Junk,
    summary: "Drops documents whose words are spaced out to letters.",
    metric: Metric::SingleLetters,
    parameter: "max_single_letters",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_single_letters,
    examples: Examples {
        threshold: 0.6,
        kept: "This is a line.",
        dropped: "T h i s   i s   a   l i n e .",
    },
}];

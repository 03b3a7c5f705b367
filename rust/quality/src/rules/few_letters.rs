//! Letters over characters.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "few_letters",
    reason: "few_letters",
    group: Group::Junk,
    summary: "Drops documents of few letters: tables of numbers, dumps of symbols.",
    metric: Metric::Letters,
    parameter: "min_letters",
    drops: Drops::Below,
    zero_is_off: false,
    of: |profile| profile.junk.min_letters,
    examples: Examples {
        threshold: 0.5,
        kept: "Only 3 of 10 came.",
        dropped: "12.5 8.1 3.9 | 77 -- 14.2 x",
    },
}];

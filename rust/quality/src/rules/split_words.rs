//! Words split at line ends.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "split_words",
    reason: "split_words",
    group: Group::Junk,
    summary: "Drops documents whose lines end within words.",
    metric: Metric::SplitWords,
    parameter: "max_split_words",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_split_words,
    examples: Examples {
        threshold: 0.4,
        kept: "A line of well-\nKnown words.",
        dropped: "A line of bro-\nken words and bro-\nken lines",
    },
}];

//! Sentences of the lines that stay.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "c4_sentences",
    reason: "too_few_sentences",
    group: Group::C4Quality,
    summary: "Drops documents of few sentences, counted in the lines that C4 keeps.",
    metric: Metric::C4Sentences,
    parameter: "min_num_sentences",
    drops: Drops::Below,
    zero_is_off: false,
    of: |profile| profile.c4_quality.min_num_sentences,
    examples: Examples {
        threshold: 2.0,
        kept: "It rained all day long.\nSo we went home.",
        dropped: "It rained all day long.\nWe need JavaScript for this. So we went home.",
    },
}];

//! Order of the words.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "word_order",
    reason: "word_order",
    group: Group::Fluency,
    summary: "Drops documents whose words stand in no order.",
    metric: Metric::WordOrder,
    parameter: "min_word_order",
    drops: Drops::Below,
    zero_is_off: false,
    of: |profile| profile.fluency.min_word_order,
    examples: Examples {
        threshold: 0.4,
        kept: "The committee met on Tuesday and agreed that the work should go on as it did before, and that the house would be opened to all who wished to see it.",
        dropped: "that as house the it before go did should opened who on all work agreed Tuesday to the committee see wished and The be it to would met and that on the",
    },
}];

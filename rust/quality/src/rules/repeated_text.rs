//! Text that repeats itself.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "repeated_text",
    reason: "repeated_text",
    group: Group::Junk,
    summary: "Drops documents that say the same again and again.",
    metric: Metric::RepeatedText,
    parameter: "max_repeated_text",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_repeated_text,
    examples: Examples {
        threshold: 0.5,
        kept: "Every word of this line is new to the reader.",
        dropped: "Buy now and save. Buy now and save. Buy now and save. Buy now and save.",
    },
}];

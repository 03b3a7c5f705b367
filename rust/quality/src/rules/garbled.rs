//! Stretches that are not text of the language.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "garbled",
    reason: "garbled",
    group: Group::Fluency,
    summary: "Drops documents of which many stretches are not text of their language.",
    metric: Metric::Garbled,
    parameter: "max_garbled",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.fluency.max_garbled,
    examples: Examples {
        threshold: 0.3,
        kept: "The committee met on Tuesday and agreed that the work should go on as before.",
        dropped: "Xq zkqv jwpx qqzt vbkx wzzq kjxv pqwk zvxj qkzw bxqj vkzq jxwq zqkv xjqz wkvq.",
    },
}];

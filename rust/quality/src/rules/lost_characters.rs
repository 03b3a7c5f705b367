//! Characters that were lost.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "lost_characters",
    reason: "lost_characters",
    group: Group::Junk,
    summary: "Drops documents of which many characters were lost.",
    metric: Metric::BrokenCharacters,
    parameter: "max_broken_chars",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_broken_chars,
    examples: Examples {
        threshold: 0.01,
        kept: "All of it is there.",
        dropped: "All \u{fffd}f it \u{fffd}s th\u{fffd}re.",
    },
}];

//! Capitals over letters.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "capitals",
    reason: "capitals",
    group: Group::Junk,
    summary: "Drops documents of mostly capitals.",
    metric: Metric::Uppercase,
    parameter: "max_uppercase",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_uppercase,
    examples: Examples {
        threshold: 0.6,
        kept: "The UN met in NYC.",
        dropped: "CLICK HERE TO WIN NOW.",
    },
}];

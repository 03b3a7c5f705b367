//! UTF-8 read as a Latin encoding.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "misread",
    reason: "misread",
    group: Group::Junk,
    summary: "Drops documents of UTF-8 that was read as a Latin encoding.",
    metric: Metric::Misread,
    parameter: "max_misread_chars",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_misread_chars,
    examples: Examples {
        threshold: 0.02,
        kept: "The café «Größe» is naïve.",
        dropped: "The cafÃ© is naÃ¯ve, â€œhe saidâ€\u{9d}.",
    },
}];

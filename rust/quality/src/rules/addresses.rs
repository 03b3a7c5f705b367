//! Addresses over characters.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "addresses",
    reason: "addresses",
    group: Group::Junk,
    summary: "Drops documents that are lists of addresses.",
    metric: Metric::Addresses,
    parameter: "max_addresses",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_addresses,
    examples: Examples {
        threshold: 0.5,
        kept: "See https://example.org/a for all that there is to say about this.",
        dropped: "https://example.org/a\nhttps://example.org/b",
    },
}];

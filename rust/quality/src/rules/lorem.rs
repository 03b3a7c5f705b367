//! Words of lorem ipsum.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "lorem",
    reason: "lorem",
    group: Group::Junk,
    summary: "Drops documents of lorem ipsum.",
    metric: Metric::Lorem,
    parameter: "max_lorem",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_lorem,
    examples: Examples {
        threshold: 0.5,
        kept: "The dolor of the passage is a word.",
        dropped: "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
    },
}];

//! Filler text: `lorem ipsum`.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "c4_lorem_ipsum",
    reason: "lorem_ipsum",
    group: Group::C4Quality,
    summary: "Drops documents with a line of filler text.",
    metric: Metric::C4LoremIpsum,
    parameter: "",
    drops: Drops::Above,
    zero_is_off: false,
    of: |_| Some(0.0),
    examples: Examples {
        threshold: 0.0,
        kept: "It rained all day long.\nWe went home, and the sun came out.",
        dropped: "It rained all day long.\nLorem ipsum dolor sit amet.",
    },
}];

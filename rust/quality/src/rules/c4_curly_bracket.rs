//! Curly brackets: program code.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "c4_curly_bracket",
    reason: "curly_bracket",
    group: Group::C4Quality,
    summary: "Drops documents with a curly bracket in a line that would stay: program code.",
    metric: Metric::C4CurlyBracket,
    parameter: "",
    drops: Drops::Above,
    zero_is_off: false,
    of: |_| Some(0.0),
    examples: Examples {
        threshold: 0.0,
        kept: "It rained all day long.\nhome {",
        dropped: "It rained all day long.\nif (rain) { go home }",
    },
}];

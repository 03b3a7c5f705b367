//! Letters that the language hardly has.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "strange_letters",
    reason: "strange_letters",
    group: Group::Fluency,
    summary: "Drops documents with many letters that their language hardly has.",
    metric: Metric::StrangeLetters,
    parameter: "max_strange_letters",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.fluency.max_strange_letters,
    examples: Examples {
        threshold: 0.015,
        kept: "The committee met at a café in Genève.",
        dropped: "The cömmittee þet on Tuesdaý and aðreed thaþ the wõrk.",
    },
}];

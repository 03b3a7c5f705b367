//! Words of two alphabets.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "mixed_words",
    reason: "mixed_words",
    group: Group::Junk,
    summary: "Drops documents whose words mix alphabets.",
    metric: Metric::MixedWords,
    parameter: "max_mixed_words",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_mixed_words,
    examples: Examples {
        threshold: 0.05, kept: "Слово and word.", dropped: "Cлoвo аnd wоrd."
    },
}];

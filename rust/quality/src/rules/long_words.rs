//! Words that are long on average.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "long_words",
    reason: "gopher_above_avg_threshold",
    group: Group::GopherQuality,
    summary: "Drops documents whose words are long on average.",
    metric: Metric::WordLength,
    parameter: "max_avg_word_length",
    drops: Drops::Above,
    zero_is_off: true,
    of: |profile| profile.gopher_quality.max_avg_word_length,
    examples: Examples {
        threshold: 10.0,
        kept: "Rain fell all day.",
        dropped: "incomprehensibilities counterrevolutionary",
    },
}];

//! Words that are short on average.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "short_words",
    reason: "gopher_below_avg_threshold",
    group: Group::GopherQuality,
    summary: "Drops documents whose words are short on average.",
    metric: Metric::WordLength,
    parameter: "min_avg_word_length",
    drops: Drops::Below,
    zero_is_off: true,
    of: |profile| profile.gopher_quality.min_avg_word_length,
    examples: Examples { threshold: 3.0, kept: "Rain fell all day.", dropped: "a b c d e f g" },
}];

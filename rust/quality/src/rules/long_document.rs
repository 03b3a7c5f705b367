//! Too many words that are not punctuation.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "long_document",
    reason: "gopher_long_doc",
    group: Group::GopherQuality,
    summary: "Drops documents of too many words, words of punctuation alone not counted.",
    metric: Metric::PlainWords,
    parameter: "max_doc_words",
    drops: Drops::Above,
    zero_is_off: true,
    of: |profile| profile.gopher_quality.max_doc_words,
    examples: Examples {
        threshold: 5.0,
        kept: "It rained all day long.",
        dropped: "It rained all day long, and all night.",
    },
}];

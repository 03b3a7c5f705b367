//! Too few words that are not punctuation.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "short_document",
    reason: "gopher_short_doc",
    group: Group::GopherQuality,
    summary: "Drops documents of few words, words of punctuation alone not counted.",
    metric: Metric::PlainWords,
    parameter: "min_doc_words",
    drops: Drops::Below,
    zero_is_off: true,
    of: |profile| profile.gopher_quality.min_doc_words,
    examples: Examples {
        threshold: 5.0,
        kept: "It rained all day long.",
        dropped: "It rained, again!",
    },
}];

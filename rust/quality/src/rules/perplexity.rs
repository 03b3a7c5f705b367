//! Perplexity over that of reference text.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "perplexity",
    reason: "perplexity",
    group: Group::Fluency,
    summary: "Drops documents that cost far more than text of their language.",
    metric: Metric::RelativePerplexity,
    parameter: "max_relative_perplexity",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.fluency.max_relative_perplexity,
    examples: Examples {
        threshold: 3.0,
        kept: "The committee met on Tuesday and agreed that the work should go on as before.",
        dropped: ".erofeb sa no og dluohs krow eht taht deerga dna yadseuT no tem eettimmoc ehT",
    },
}];

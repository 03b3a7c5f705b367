//! Paragraphs that occurred before, of all paragraphs.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "dup_paragraphs",
    reason: "dup_para_frac",
    group: Group::GopherRepetition,
    summary: "Drops documents whose paragraphs repeat: counted in paragraphs.",
    metric: Metric::DupParaFrac,
    parameter: "dup_para_frac",
    drops: Drops::Above,
    zero_is_off: true,
    of: |profile| profile.gopher_repetition.dup_para_frac,
    examples: Examples {
        threshold: 0.3,
        kept: "One.\n\nTwo.\n\nThree.\n\nOne.",
        dropped: "One.\n\nOne.\n\nTwo.",
    },
}];

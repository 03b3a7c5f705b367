//! Long paragraphs: the third longest line.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "c4_paragraphs",
    reason: "< 3 paragraphs",
    group: Group::C4Paragraph,
    summary: "Drops documents with fewer than three long lines.",
    metric: Metric::C4ThirdLine,
    parameter: "min_paragraph_length",
    drops: Drops::Below,
    zero_is_off: false,
    of: |profile| profile.c4_paragraph.min_paragraph_length,
    examples: Examples {
        threshold: 20.0,
        kept: "It rained all day long.\nSo we went home in a hurry.\nOn the next day the sun came out.",
        dropped: "It rained all day long.\nSo we went home in a hurry.\nSun.",
    },
}];

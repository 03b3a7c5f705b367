//! Question marks for letters.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "question_marks",
    reason: "question_marks",
    group: Group::Junk,
    summary: "Drops documents whose letters became question marks.",
    metric: Metric::QuestionMarks,
    parameter: "max_question_marks",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_question_marks,
    examples: Examples {
        threshold: 0.2,
        kept: "Is it? It is.",
        dropped: "???? ?? ??? ??????, 2024.",
    },
}];

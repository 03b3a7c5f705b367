//! Lines that occurred before, of all lines.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "dup_lines",
    reason: "dup_line_frac",
    group: Group::GopherRepetition,
    summary: "Drops documents whose lines repeat: counted in lines.",
    metric: Metric::DupLineFrac,
    parameter: "dup_line_frac",
    drops: Drops::Above,
    zero_is_off: true,
    of: |profile| profile.gopher_repetition.dup_line_frac,
    examples: Examples {
        threshold: 0.3,
        kept: "Home\nNews\nContact\nHome",
        dropped: "Home\nHome\nContact",
    },
}];

//! Characters in lines that occurred before, of all characters.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "dup_line_chars",
    reason: "dup_line_char_frac",
    group: Group::GopherRepetition,
    summary: "Drops documents whose lines repeat: counted in characters.",
    metric: Metric::DupLineCharFrac,
    parameter: "dup_line_char_frac",
    drops: Drops::Above,
    zero_is_off: true,
    of: |profile| profile.gopher_repetition.dup_line_char_frac,
    examples: Examples {
        threshold: 0.2,
        kept: "A line that stands alone here.\nNote\nNote",
        dropped: "Note\nClick here to read more\nClick here to read more",
    },
}];

//! Characters in paragraphs that occurred before, of all characters.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "dup_paragraph_chars",
    reason: "dup_para_char_frac",
    group: Group::GopherRepetition,
    summary: "Drops documents whose paragraphs repeat: counted in characters.",
    metric: Metric::DupParaCharFrac,
    parameter: "dup_para_char_frac",
    drops: Drops::Above,
    zero_is_off: true,
    of: |profile| profile.gopher_repetition.dup_para_char_frac,
    examples: Examples {
        threshold: 0.2,
        kept: "A paragraph that stands alone.\n\nNote.\n\nNote.",
        dropped: "Note.\n\nSubscribe to our letter.\n\nSubscribe to our letter.",
    },
}];

//! Bad words.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "c4_bad_words",
    reason: "document_removed_with_badwords",
    group: Group::C4BadWords,
    summary: "Drops documents with a bad word of the profile, but for a share of them drawn by their ids.",
    metric: Metric::C4BadWords,
    parameter: "keep_fraction",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| Some(profile.c4_bad_words.keep_fraction),
    examples: Examples {
        threshold: 0.1,
        kept: "Where have you darned those socks?",
        dropped: "Where are those darn socks?",
    },
}];

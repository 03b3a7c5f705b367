//! Lists of key words.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "key_words",
    reason: "key_words",
    group: Group::Junk,
    summary: "Drops documents that are lists of key words between commas.",
    metric: Metric::Commas,
    parameter: "max_commas",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_commas,
    examples: Examples {
        threshold: 0.28,
        kept: "The committee met on Tuesday, as it had been agreed, and said that the work should go on as before and that the house should be opened to all who wished to see it.",
        dropped: "cheap shoes online, shoes free, red shoes casino, buy shoes, cheap shoes online, shoes free, red shoes casino, buy shoes, cheap shoes online, shoes free, red shoes casino, buy shoes, cheap shoes online, shoes free, red shoes casino, buy shoes,",
    },
}];

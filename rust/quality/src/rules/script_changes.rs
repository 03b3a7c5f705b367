//! Changes of script between letters.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "script_changes",
    reason: "script_changes",
    group: Group::Junk,
    summary: "Drops documents whose letters change script within words.",
    metric: Metric::ScriptChanges,
    parameter: "max_script_changes",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_script_changes,
    examples: Examples {
        threshold: 0.2, kept: "Слово and word.", dropped: "nиrЁgy秲пc搷Й楀"
    },
}];

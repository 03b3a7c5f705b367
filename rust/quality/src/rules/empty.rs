//! A document without a line that is not blank.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "empty",
    reason: "empty",
    group: Group::FineWebQuality,
    summary: "Drops documents without a line that is not blank.",
    metric: Metric::Lines,
    parameter: "",
    drops: Drops::Below,
    zero_is_off: false,
    of: |_| Some(1.0),
    examples: Examples { threshold: 1.0, kept: "A line.", dropped: " \n\t\n" },
}];

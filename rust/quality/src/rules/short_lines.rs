//! Lines of few characters.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "short_lines",
    reason: "short_line_ratio",
    group: Group::FineWebQuality,
    summary: "Drops documents of mostly short lines.",
    metric: Metric::ShortLine,
    parameter: "short_line_thr",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.fineweb_quality.short_line_thr,
    examples: Examples {
        threshold: 0.67,
        kept: "This line says more than thirty characters can hold.\nShort.\nYet another line of more than thirty characters.",
        dropped: "Home\nNews\nContact us",
    },
}];

//! Lines that start with a bullet.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "bullet_lines",
    reason: "gopher_too_many_bullets",
    group: Group::GopherQuality,
    summary: "Drops documents whose lines nearly all start with a bullet or a hyphen.",
    metric: Metric::BulletLines,
    parameter: "max_bullet_lines_ratio",
    drops: Drops::Above,
    zero_is_off: true,
    of: |profile| profile.gopher_quality.max_bullet_lines_ratio,
    examples: Examples {
        threshold: 0.9,
        kept: "We need:\n- bread\n- milk",
        dropped: "- bread\n- milk\n• eggs",
    },
}];

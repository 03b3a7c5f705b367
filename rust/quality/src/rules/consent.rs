//! Lines of consent banners.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "consent",
    reason: "consent",
    group: Group::Junk,
    summary: "Drops documents that are consent banners.",
    metric: Metric::ConsentLines,
    parameter: "max_consent",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_consent,
    examples: Examples {
        threshold: 0.5,
        kept: "We baked cookies.\nThe children ate all of them before the evening came, and nobody minded it.",
        dropped: "We use cookies to analyse our traffic\nAccept all\nReject all",
    },
}];

//! Chunks too long for words.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "long_chunks",
    reason: "long_chunks",
    group: Group::Junk,
    summary: "Drops documents of encoded data.",
    metric: Metric::LongChunks,
    parameter: "max_long_chunks",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_long_chunks,
    examples: Examples {
        threshold: 0.3,
        kept: "Words have ends.",
        dropped: "Yt7VxAM0NRlpfCSFtku2aG4Ntwx1I69iXpnKabNqbvMLjXGfjt7GUmAIO95i5G8sIRc0hd",
    },
}];

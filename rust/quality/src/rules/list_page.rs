//! Lines of lists over lines.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "list_page",
    reason: "list_page",
    group: Group::Junk,
    summary: "Drops pages that are lists, menus or tables.",
    metric: Metric::ListLines,
    parameter: "max_list_lines",
    drops: Drops::Above,
    zero_is_off: false,
    of: |profile| profile.junk.max_list_lines,
    examples: Examples {
        threshold: 0.7,
        kept: "a.\nb.\nc.\nd.\ne.\nf.\ng.\nh.\ni.\nj.",
        dropped: "Home\nNews\nAbout\nShop\nHelp\nJobs\nLogin\nBasket\nMap\nImprint",
    },
}];

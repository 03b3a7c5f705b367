//! The most frequent n-gram of words, for n of 2 to 4.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;
use crate::profile::Profile;

pub(super) const RULES: &[Rule] = &[
    rule("top_2_gram", Metric::Top2Gram, 0.2, |profile| profile.gopher_repetition.top_2_gram),
    rule("top_3_gram", Metric::Top3Gram, 0.18, |profile| profile.gopher_repetition.top_3_gram),
    rule("top_4_gram", Metric::Top4Gram, 0.16, |profile| profile.gopher_repetition.top_4_gram),
];

const fn rule(
    reason: &'static str,
    metric: Metric,
    threshold: f64,
    of: fn(&Profile) -> Option<f64>,
) -> Rule {
    Rule {
        name: "top_n_gram",
        reason,
        group: Group::GopherRepetition,
        summary: "Drops documents of which one n-gram of words covers much: its length times its count, over the text.",
        metric,
        parameter: reason,
        drops: Drops::Above,
        zero_is_off: false,
        of,
        examples: Examples {
            threshold,
            kept: "When it rained we went home, but on the next morning the sun came out and we left for the coast, \
                   where nobody had seen a cloud since the spring of the year before.",
            dropped: "buy shoes online now, buy shoes online now, buy shoes online now",
        },
    }
}

//! N-grams of words that occurred before, for n of 5 to 10.

use super::{Drops, Examples, Group, Rule};
use crate::measurement::Metric;
use crate::profile::{GopherRepetition, Profile};

pub(super) const RULES: &[Rule] = &[
    rule("duplicated_5_n_grams", "dup_5_gram", Metric::Dup5Gram, 0.15, |p| table(p).dup_5_gram),
    rule("duplicated_6_n_grams", "dup_6_gram", Metric::Dup6Gram, 0.14, |p| table(p).dup_6_gram),
    rule("duplicated_7_n_grams", "dup_7_gram", Metric::Dup7Gram, 0.13, |p| table(p).dup_7_gram),
    rule("duplicated_8_n_grams", "dup_8_gram", Metric::Dup8Gram, 0.12, |p| table(p).dup_8_gram),
    rule("duplicated_9_n_grams", "dup_9_gram", Metric::Dup9Gram, 0.11, |p| table(p).dup_9_gram),
    rule("duplicated_10_n_grams", "dup_10_gram", Metric::Dup10Gram, 0.1, |p| table(p).dup_10_gram),
];

fn table(profile: &Profile) -> &GopherRepetition {
    &profile.gopher_repetition
}

const fn rule(
    reason: &'static str,
    parameter: &'static str,
    metric: Metric,
    threshold: f64,
    of: fn(&Profile) -> Option<f64>,
) -> Rule {
    Rule {
        name: "duplicated_n_grams",
        reason,
        group: Group::GopherRepetition,
        summary: "Drops documents of which much is n-grams of words that occurred before.",
        metric,
        parameter,
        drops: Drops::Above,
        zero_is_off: false,
        of,
        examples: Examples {
            threshold,
            kept: "It rained all day long, so we went home and waited for the sun to come out.",
            dropped: "we sell the very best shoes for men and women in town and \
                      we sell the very best shoes for men and women in town",
        },
    }
}

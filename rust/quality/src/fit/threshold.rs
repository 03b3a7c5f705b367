//! One threshold from the distribution of its measurement.

use serde::Serialize;

use super::{Columns, English};
use crate::error::{Error, Result};
use crate::measurement::Metric;
use crate::profile::Profile;
use crate::rules::{Drops, Rule};

/// How a threshold follows from reference text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// It cuts this share of the reference documents, on the side of the rule (`10Tail` of FineWeb2 with 0.1).
    Tail(f64),
    /// It cuts the share that the English threshold cuts of English text (`Quantile`).
    Quantile,
    /// It lies as many standard deviations from the mean as the English threshold does in English text (`MeanStd`).
    MeanStd,
}

impl Method {
    /// Its name, with the share.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Tail(share) => format!("tail {share}"),
            Self::Quantile => "quantile".into(),
            Self::MeanStd => "mean-std".into(),
        }
    }
}

/// A threshold and how it was found.
#[derive(Clone, Debug, Serialize)]
pub struct Derived {
    /// The group of its rule.
    pub group: &'static str,
    /// The reason of its rule.
    pub reason: &'static str,
    /// Its key in the profile.
    pub parameter: &'static str,
    /// The threshold.
    pub value: f64,
    /// That of the profile that was started from.
    pub base: f64,
    /// How it was found, in words.
    pub rule: String,
}

/// The strictest thresholds that are derived: reference text is cleaner than the web, so its tail alone would cut too much. On
/// the side above half of datatrove's default, below three times it for line ends and 0.9 for letters.
const STRICTEST_BELOW: [(Metric, f64); 2] = [(Metric::LinePunct, 0.36), (Metric::AlphaWords, 0.9)];

pub(super) fn derive(
    rule: &Rule,
    base: &Profile,
    reference: &Columns,
    method: Method,
    english: Option<English<'_>>,
) -> Result<Derived> {
    let before = rule.threshold(base).unwrap_or(f64::NAN);
    let column = reference.of(rule.metric);
    let (found, told) = match method {
        Method::Tail(share) => {
            (cut(column, rule.drops, share), format!("cuts {} of the reference", percent(share)))
        }
        Method::Quantile => {
            let english = english.ok_or(Error::NoEnglish { method: "quantile" })?;
            let share = cut_by(english, rule);
            let told = format!("cuts {} as the English one does of English text", percent(share));
            (cut(column, rule.drops, share), told)
        }
        Method::MeanStd => {
            let english = english.ok_or(Error::NoEnglish { method: "mean-std" })?;
            let z = deviations(english, rule);
            let (mean, deviation) = moments(column);
            (
                mean + z * deviation,
                format!("{z:.2} standard deviations from the mean, as in English text"),
            )
        }
    };
    let (value, told) = bounded(rule, found, before, told);
    let (group, reason, parameter) = (rule.group.name(), rule.reason, rule.parameter);
    Ok(Derived { group, reason, parameter, value, base: before, rule: told })
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// The value beyond which at most `share` of the values lie; NaN without values.
fn cut(sorted: &[f64], drops: Drops, share: f64) -> f64 {
    let beyond = beyond(sorted.len(), share);
    let at = match drops {
        Drops::Above => sorted.len().checked_sub(1 + beyond),
        Drops::Below => Some(beyond),
    };
    at.and_then(|at| sorted.get(at)).copied().unwrap_or(f64::NAN)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count of documents, in 0..=count"
)]
fn beyond(count: usize, share: f64) -> usize {
    (count as f64 * share.clamp(0.0, 1.0)) as usize
}

/// The share of English text that the English threshold cuts.
#[expect(clippy::cast_precision_loss, reason = "counts of documents are below 2^53")]
fn cut_by(english: English<'_>, rule: &Rule) -> f64 {
    let Some(threshold) = rule.threshold(english.profile) else { return 0.0 };
    let column = english.columns.of(rule.metric);
    let cut = column.iter().filter(|&&value| rule.fails(value, threshold, english.profile)).count();
    cut as f64 / (column.len() as f64).max(1.0)
}

/// How many standard deviations the English threshold lies from the mean of English text.
fn deviations(english: English<'_>, rule: &Rule) -> f64 {
    let (mean, deviation) = moments(english.columns.of(rule.metric));
    let threshold = rule.threshold(english.profile).unwrap_or(mean);
    if deviation > 0.0 { (threshold - mean) / deviation } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "counts of documents are below 2^53")]
fn moments(values: &[f64]) -> (f64, f64) {
    let n = (values.len() as f64).max(1.0);
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt())
}

/// A threshold that is a number, not stricter than allowed, and rounded to the loose side.
fn bounded(rule: &Rule, found: f64, base: f64, told: String) -> (f64, String) {
    if !found.is_finite() {
        return (base, "kept: the reference does not tell".into());
    }
    let default = Profile::shipped("en").and_then(|english| rule.threshold(english));
    let length = rule.metric as usize == Metric::WordLength as usize;
    let strictest = match rule.drops {
        Drops::Above => default.filter(|_| !length).map(|default| default / 2.0),
        Drops::Below => {
            STRICTEST_BELOW.iter().find(|(m, _)| *m == rule.metric).map(|(_, value)| *value)
        }
    };
    let (value, stopped) = match (strictest, rule.drops) {
        (Some(bound), Drops::Above) if found < bound => (bound, true),
        (Some(bound), Drops::Below) if found > bound => (bound, true),
        _ => (found.max(0.0), false),
    };
    let unit = if length { 1.0 } else { 1000.0 };
    let rounded = match rule.drops {
        Drops::Above => (value * unit).ceil() / unit,
        Drops::Below => (value * unit).floor() / unit,
    };
    (rounded, if stopped { "the strictest that is derived; ".to_owned() + &told } else { told })
}

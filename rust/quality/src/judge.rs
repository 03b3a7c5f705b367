//! Thresholds over measurements: the first rule that fails names the reason.

use crate::measurement::MEASUREMENTS;
use crate::profile::Profile;
use crate::rules;

/// Why a document is dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Name of the rule's group: the filter of `datatrove`.
    pub group: &'static str,
    /// Name of the rule.
    pub rule: &'static str,
    /// The reason as `datatrove` spells it.
    pub reason: &'static str,
    /// Name of the measurement that failed.
    pub measurement: &'static str,
    /// Its value.
    pub value: f64,
    /// The threshold that it broke.
    pub threshold: f64,
}

/// The first rule that `measured` fails, in the order of the profile; `None` keeps the document.
///
/// `measured` holds the values of [`MEASUREMENTS`]. A value that is missing or NaN fails no rule.
#[must_use]
pub fn judge(measured: &[f64], profile: &Profile) -> Option<Verdict> {
    profile.order().iter().find_map(|&group| {
        rules::catalogue()
            .filter(|rule| rule.group == group)
            .find_map(|rule| rule.check(measured, profile))
    })
}

impl rules::Rule {
    /// The verdict of this rule alone, whatever the order of the profile; `None` where it keeps or is off.
    #[must_use]
    pub fn check(&self, measured: &[f64], profile: &Profile) -> Option<Verdict> {
        let threshold = self.threshold(profile)?;
        let value = *measured.get(self.metric as usize)?;
        self.fails(value, threshold, profile).then(|| Verdict {
            group: self.group.name(),
            rule: self.name,
            reason: self.reason,
            measurement: MEASUREMENTS[self.metric as usize].name,
            value,
            threshold,
        })
    }
}

//! When a document is removed for another: the Jaccard of their shingles, or the share of the shorter one in the longer.

use crate::set::{jaccard_from, shared};
use crate::{DedupParams, Evidence};

/// The thresholds of a match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    pub(crate) threshold: f64,
    pub(crate) containment: Option<f64>,
}

impl From<&DedupParams> for Measure {
    fn from(params: &DedupParams) -> Self {
        params.measure()
    }
}

impl Measure {
    /// Why a document is removed for the survivor; none if it is not. Both are sorted and without repeats.
    ///
    /// The containment counts only for a document that has no more shingles than the survivor.
    #[must_use]
    pub fn compare(&self, survivor: &[u64], document: &[u64]) -> Option<Evidence> {
        jaccard_from(survivor, document, self.threshold)
            .map(Evidence::Jaccard)
            .or_else(|| self.contained(survivor, document).map(Evidence::Containment))
    }

    #[expect(clippy::cast_precision_loss, reason = "a document has fewer than 2^52 shingles")]
    fn contained(&self, survivor: &[u64], document: &[u64]) -> Option<f64> {
        let needed = self.containment?;
        if document.is_empty() || document.len() > survivor.len() {
            return None;
        }
        let value = shared(survivor, document) as f64 / document.len() as f64;
        Some(value).filter(|value| *value >= needed)
    }
}

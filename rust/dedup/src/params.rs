//! The parameters of deduplication, valid by construction.

use crate::{Error, Measure, Result};

/// How signatures are made and when two documents are near-duplicates.
#[derive(Clone, Debug, PartialEq)]
pub struct DedupParams {
    bands: usize,
    rows: usize,
    shingle: usize,
    threshold: f64,
    containment: Option<f64>,
    seed: u64,
}

impl Default for DedupParams {
    /// 14 bands of 8 rows, shingles of 5 words, threshold 0.8, seed 0.
    fn default() -> Self {
        Self { bands: 14, rows: 8, shingle: 5, threshold: 0.8, containment: None, seed: 0 }
    }
}

impl DedupParams {
    /// Bands 1 to 1,024 of 1 to 64 rows, at most 4,096 values in all; shingles of 1 to 64 words; a threshold above 0
    /// and up to 1, the Jaccard at which a document is removed.
    ///
    /// Two documents of Jaccard `s` become candidates with probability `1 - (1 - s^rows)^bands`: at 14 × 8, 0.56 for
    /// 0.7, 0.92 for 0.8 and 0.9996 for 0.9.
    pub fn new(
        bands: usize,
        rows: usize,
        shingle: usize,
        threshold: f64,
        seed: u64,
    ) -> Result<Self> {
        within("bands", bands, 1..=1024, "a number from 1 to 1024")?;
        within("rows", rows, 1..=64, "a number from 1 to 64")?;
        within("bands × rows", bands * rows, 1..=4096, "at most 4096")?;
        within("shingle", shingle, 1..=64, "a number from 1 to 64")?;
        if !(threshold > 0.0 && threshold <= 1.0) {
            let expected = "a number above 0 and up to 1";
            return Err(Error::Parameter {
                parameter: "threshold",
                found: threshold.to_string(),
                expected,
            });
        }
        Ok(Self { bands, rows, shingle, threshold, containment: None, seed })
    }

    /// These, and a share above 0 and up to 1 of the shingles of the shorter of two documents that, when the longer one
    /// has it too, makes the shorter one a near-duplicate of the longer.
    pub fn with_containment(mut self, share: Option<f64>) -> Result<Self> {
        if let Some(share) = share.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
            let (parameter, found) = ("containment", share.to_string());
            return Err(Error::Parameter {
                parameter,
                found,
                expected: "a number above 0 and up to 1",
            });
        }
        self.containment = share;
        Ok(self)
    }

    /// These without bands: only documents of equal texts are duplicates, and nothing is signed.
    #[must_use]
    pub fn without_bands(self) -> Self {
        Self { bands: 0, ..self }
    }

    /// When two documents are near-duplicates.
    #[must_use]
    pub fn measure(&self) -> Measure {
        Measure { threshold: self.threshold, containment: self.containment }
    }

    /// Bands of a signature; 0 where only equal texts are looked for.
    #[must_use]
    pub fn bands(&self) -> usize {
        self.bands
    }

    /// Values of a band.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Words of a shingle.
    #[must_use]
    pub fn shingle(&self) -> usize {
        self.shingle
    }

    /// The Jaccard from which on two documents are near-duplicates.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// The share of the shorter document from which on it is a near-duplicate of the longer one, if asked for.
    #[must_use]
    pub fn containment(&self) -> Option<f64> {
        self.containment
    }

    /// What the hash functions of the signature are drawn from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

pub(crate) fn within(
    parameter: &'static str,
    value: usize,
    range: std::ops::RangeInclusive<usize>,
    expected: &'static str,
) -> Result<()> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(Error::Parameter { parameter, found: value.to_string(), expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid() {
        assert_eq!(DedupParams::new(14, 8, 5, 0.8, 0).unwrap(), DedupParams::default());
    }

    #[test]
    fn values_out_of_range_are_named() {
        for (bands, rows, shingle, threshold, name) in [
            (0, 8, 5, 0.8, "bands"),
            (14, 0, 5, 0.8, "rows"),
            (1024, 64, 5, 0.8, "bands × rows"),
            (14, 8, 0, 0.8, "shingle"),
            (14, 8, 5, 0.0, "threshold"),
            (14, 8, 5, f64::NAN, "threshold"),
        ] {
            let error = DedupParams::new(bands, rows, shingle, threshold, 0).unwrap_err();
            assert!(error.to_string().starts_with(name), "{error}");
        }
    }
}

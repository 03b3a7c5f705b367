//! Which documents count as duplicates of each other.

use gamayun_dedup::DedupParams;

use crate::error::{Error, Result};

/// Which documents count as duplicates of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// Those of equal texts, and those that share enough of their shingles.
    Near,
    /// Those of equal texts: nothing is shingled or signed.
    Exact,
    /// None: each stays, in a cluster of its own.
    Nothing,
}

impl Compare {
    /// What of these parameters is needed: bands for near-duplicates alone.
    #[must_use]
    pub fn params(self, params: DedupParams) -> DedupParams {
        if self == Self::Near { params } else { params.without_bands() }
    }
}

impl std::str::FromStr for Compare {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "near" => Ok(Self::Near),
            "exact" => Ok(Self::Exact),
            "none" => Ok(Self::Nothing),
            _ => Err(Error::Parameter {
                parameter: "compare".into(),
                found: name.into(),
                expected: "near, exact or none".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_for_near_duplicates_alone() {
        for (name, bands) in [("near", 14), ("exact", 0), ("none", 0)] {
            let compare: Compare = name.parse().unwrap();
            assert_eq!(compare.params(DedupParams::default()).bands(), bands);
        }
        assert!("fuzzy".parse::<Compare>().is_err());
    }
}

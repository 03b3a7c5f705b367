//! Buckets of quality: documents by a score, within their language and domain, each with as many bytes as any other.
//!
//! The limits are percentiles weighted by bytes, by the inverted distribution function, as in Nemotron-CC's buckets: a
//! document is in the bucket of how many limits its score is above. They depend on the documents alone.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::preference::number_in;
use crate::spill::Survivor;

/// The most buckets that a pool may be cut into.
pub const MOST_BUCKETS: u32 = 100;
/// The score that is the length of the text in bytes.
const LENGTH: &str = "length";

/// How pools are cut into buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketParams {
    score: String,
    buckets: u32,
}

impl BucketParams {
    /// Buckets of a score: the name of a field of the record, or `length`, the bytes of the text.
    pub fn new(score: &str, buckets: u32) -> Result<Self> {
        if score.is_empty() {
            return Err(Error::Parameter {
                parameter: "pools.quality.score".to_owned(),
                found: "nothing".to_owned(),
                expected: "`length` or the name of a field of the record".to_owned(),
            });
        }
        if !(2..=MOST_BUCKETS).contains(&buckets) {
            return Err(Error::Parameter {
                parameter: "pools.quality.buckets".to_owned(),
                found: buckets.to_string(),
                expected: format!("2 to {MOST_BUCKETS}"),
            });
        }
        Ok(Self { score: score.to_owned(), buckets })
    }

    pub(crate) fn count(&self) -> u32 {
        self.buckets
    }

    /// The score of a document; one without it is below all that have one.
    #[expect(clippy::cast_precision_loss, reason = "texts are far below 2^53 bytes")]
    pub(crate) fn score_of(&self, survivor: &Survivor<'_>) -> f64 {
        if self.score == LENGTH {
            return survivor.text.len() as f64;
        }
        number_in(survivor.metadata, &self.score).unwrap_or(f64::NEG_INFINITY)
    }
}

/// A language and a domain.
pub(crate) type Group = (String, String);

/// The score and the bytes of every document, by language and domain.
pub(crate) type Scores = BTreeMap<Group, Vec<(f64, u64)>>;

/// Bytes that a document takes while scores are sorted.
pub(crate) const BYTES_PER_DOCUMENT: u64 = 32;

/// The limits between the buckets of each language and domain.
#[derive(Debug, Default)]
pub(crate) struct Limits(BTreeMap<Group, Vec<f64>>);

impl Limits {
    pub(crate) fn of(found: Vec<Scores>, buckets: u32) -> Self {
        let mut all = Scores::new();
        for (group, mut scores) in found.into_iter().flatten() {
            all.entry(group).or_default().append(&mut scores);
        }
        Self(all.into_iter().map(|(group, scores)| (group, limits(scores, buckets))).collect())
    }

    /// The bucket of a score, from 0 for the worst.
    pub(crate) fn bucket(&self, group: &Group, score: f64) -> usize {
        self.0.get(group).map_or(0, |limits| limits.partition_point(|&limit| limit < score))
    }
}

/// For each k the least score such that documents up to it hold k / `buckets` of the bytes.
pub(crate) fn limits(mut scores: Vec<(f64, u64)>, buckets: u32) -> Vec<f64> {
    scores.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total: u128 = scores.iter().map(|&(_, bytes)| u128::from(bytes)).sum();
    let mut found = Vec::new();
    let (mut seen, mut next) = (0_u128, 1_u128);
    for (score, bytes) in scores {
        seen += u128::from(bytes);
        while next < u128::from(buckets) && seen * u128::from(buckets) >= total * next {
            found.push(score);
            next += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn group() -> Group {
        ("en".into(), "web".into())
    }

    fn limits_of(scores: &[(f64, u64)], buckets: u32) -> Limits {
        Limits::of(vec![[(group(), scores.to_vec())].into()], buckets)
    }

    #[test]
    fn buckets_hold_equal_bytes() {
        let scores: Vec<_> = (0..100).map(|score| (f64::from(score), 10)).collect();
        let limits = limits_of(&scores, 4);
        let found: Vec<_> = [0.0, 24.0, 25.0, 49.0, 50.0, 74.0, 75.0, 99.0]
            .map(|s| limits.bucket(&group(), s))
            .into();
        assert_eq!(found, [0, 0, 1, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn bytes_weigh_not_documents() {
        let limits = limits_of(&[(1.0, 90), (2.0, 5), (3.0, 5)], 2);
        assert_eq!([1.0, 2.0, 3.0].map(|score| limits.bucket(&group(), score)), [0, 1, 1]);
    }

    #[test]
    fn equal_scores_share_a_bucket_and_absent_ones_are_lowest() {
        let absent = f64::NEG_INFINITY;
        let limits = limits_of(&[(5.0, 10), (5.0, 10), (absent, 10), (absent, 10)], 2);
        assert_eq!([absent, 5.0].map(|score| limits.bucket(&group(), score)), [0, 1]);
        assert_eq!(limits_of(&[(5.0, 10), (5.0, 10)], 2).bucket(&group(), 5.0), 0);
        assert_eq!(limits.bucket(&("ru".into(), "web".into()), 9.0), 0);
    }

    #[test]
    fn a_score_is_a_field_or_the_length() {
        let survivor =
            Survivor { text: "abc", metadata: r#"{"edu": 2.5, "s": "7"}"#, ..Survivor::default() };
        let score = |name| BucketParams::new(name, 2).unwrap().score_of(&survivor).to_bits();
        assert_eq!([score("edu"), score("s"), score("length")], [2.5, 7.0, 3.0].map(f64::to_bits));
        assert_eq!(score("other"), f64::NEG_INFINITY.to_bits());
    }

    #[test]
    fn what_is_no_bucket_is_refused() {
        for (score, buckets) in [("", 2), ("edu", 1), ("edu", 101)] {
            assert!(BucketParams::new(score, buckets).is_err());
        }
    }

    proptest! {
        /// The definition, slowly: each limit is the least score with so many bytes up to it.
        #[test]
        fn limits_equal_their_slow_twin(
            raw in proptest::collection::vec((0_u8..20, 1_u64..1000), 1..60),
            buckets in 2_u32..12,
            cut in 0_usize..60,
        ) {
            let scores: Vec<(f64, u64)> = raw.iter().map(|&(s, b)| (f64::from(s), b)).collect();
            let total: u64 = raw.iter().map(|&(_, b)| b).sum();
            let slow: Vec<f64> = (1..u64::from(buckets))
                .map(|k| {
                    let enough = |limit: u8| {
                        let below: u64 = raw.iter().filter(|r| r.0 <= limit).map(|r| r.1).sum();
                        below * u64::from(buckets) >= total * k
                    };
                    f64::from((0..20).find(|&limit| enough(limit)).unwrap())
                })
                .collect();
            let (left, right) = scores.split_at(cut.min(scores.len()));
            let parts = vec![[(group(), right.to_vec())].into(), [(group(), left.to_vec())].into()];
            prop_assert_eq!(&Limits::of(parts, buckets).0[&group()], &slow);
            for &(score, _) in &scores {
                let bucket = slow.iter().filter(|&&limit| score > limit).count();
                prop_assert_eq!(limits_of(&scores, buckets).bucket(&group(), score), bucket);
            }
        }
    }
}

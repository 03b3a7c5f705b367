//! From the scores of a document to one, and from those of a language to thresholds.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Serialize;

use crate::buckets::limits;
use crate::error::{Error, Result};
use crate::scoring::QualityThresholds;

/// Parts of equal bytes.
const VIGINTILES: u32 = 20;
/// Steps of a rank.
const RANKS: u32 = 1000;
/// What stands for all languages that are not named.
const EVERY: &str = "*";

/// How the scores of a document become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combine {
    /// The highest (Nemotron-CC, with ranks).
    #[default]
    Max,
    /// The mean.
    Mean,
    /// The highest rank by bytes within the language.
    RankMax,
    /// The mean of ranks by bytes within the language.
    RankMean,
}

impl FromStr for Combine {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "max" => Ok(Self::Max),
            "mean" => Ok(Self::Mean),
            "rank-max" => Ok(Self::RankMax),
            "rank-mean" => Ok(Self::RankMean),
            _ => Err(Error::Parameter {
                parameter: "quality.combine".into(),
                found: name.to_owned(),
                expected: "max, mean, rank-max or rank-mean".into(),
            }),
        }
    }
}

/// A document that passed the rules, and its scores.
#[derive(Clone, Debug)]
pub(crate) struct Scored {
    pub(crate) language: Box<str>,
    pub(crate) bytes: u64,
    pub(crate) scores: Vec<Option<f32>>,
}

/// What is dropped of a language, and where its parts of equal bytes begin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QualityThreshold {
    /// Documents with a lower combined score are dropped.
    pub threshold: Option<f64>,
    /// Least combined scores of the 2nd to the 20th part.
    pub vigintiles: Vec<f64>,
}

/// What all documents together say.
#[derive(Debug)]
pub(crate) struct Combiner {
    combine: Combine,
    /// By language, for each scorer: where ranks begin.
    ranks: BTreeMap<Box<str>, Vec<Vec<f64>>>,
    languages: BTreeMap<Box<str>, QualityThreshold>,
}

impl Combiner {
    pub(crate) fn of(
        parts: &[Vec<Option<Scored>>],
        combine: Combine,
        given: &QualityThresholds,
    ) -> Self {
        let all = || parts.iter().flatten().flatten();
        let mut combiner = Self { combine, ranks: BTreeMap::new(), languages: BTreeMap::new() };
        if matches!(combine, Combine::RankMax | Combine::RankMean) {
            let scorers = all().map(|one| one.scores.len()).max().unwrap_or(0);
            for scorer in 0..scorers {
                let score = |one: &Scored| (*one.scores.get(scorer)?).map(f64::from);
                for (language, found) in by_language(all(), score) {
                    combiner.ranks.entry(language).or_default().push(limits(found, RANKS));
                }
            }
        }
        for (language, found) in by_language(all(), |one| combiner.combined(one)) {
            let minimum = named(&given.minimum, &language);
            let kept = named(&given.keep, &language).map(|share| best(found.clone(), share));
            let threshold = [minimum, kept].into_iter().flatten().reduce(f64::max);
            let vigintiles = limits(found, VIGINTILES);
            combiner.languages.insert(language, QualityThreshold { threshold, vigintiles });
        }
        combiner
    }

    /// The combined score, of those that the document has.
    pub(crate) fn combined(&self, one: &Scored) -> Option<f64> {
        let ranks = self.ranks.get(&one.language);
        let known = one.scores.iter().enumerate().filter_map(|(scorer, score)| {
            let score = f64::from((*score)?);
            Some(ranks.map_or(score, |ranks| rank(&ranks[scorer], score)))
        });
        match self.combine {
            Combine::Max | Combine::RankMax => known.reduce(f64::max),
            Combine::Mean | Combine::RankMean => {
                let (sum, n) = known.fold((0.0, 0_u32), |(sum, n), score| (sum + score, n + 1));
                (n > 0).then(|| sum / f64::from(n))
            }
        }
    }

    /// The part of equal bytes of a combined score, from 0 for the worst.
    pub(crate) fn vigintile(&self, one: &Scored, combined: f64) -> Option<u32> {
        let limits = &self.languages.get(&one.language)?.vigintiles;
        u32::try_from(limits.partition_point(|&limit| limit < combined)).ok()
    }

    /// Documents of a language with a lower combined score are dropped.
    pub(crate) fn threshold(&self, language: &str) -> Option<f64> {
        self.languages.get(language)?.threshold
    }

    pub(crate) fn thresholds(&self) -> BTreeMap<String, QualityThreshold> {
        self.languages.iter().map(|(name, found)| (name.to_string(), found.clone())).collect()
    }
}

fn by_language<'a>(
    all: impl Iterator<Item = &'a Scored>,
    score: impl Fn(&Scored) -> Option<f64>,
) -> BTreeMap<Box<str>, Vec<(f64, u64)>> {
    let mut found: BTreeMap<Box<str>, Vec<(f64, u64)>> = BTreeMap::new();
    for one in all {
        let scores = match found.get_mut(&one.language) {
            Some(scores) => scores,
            None => found.entry(one.language.clone()).or_default(),
        };
        scores.extend(score(one).map(|score| (score, one.bytes)));
    }
    found
}

fn named(given: &BTreeMap<String, f64>, language: &str) -> Option<f64> {
    given.get(language).or_else(|| given.get(EVERY)).copied()
}

#[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
fn rank(limits: &[f64], score: f64) -> f64 {
    limits.partition_point(|&limit| limit < score) as f64 / f64::from(RANKS)
}

/// The greatest score such that documents of it or more hold the share of the bytes.
#[expect(clippy::cast_precision_loss, reason = "a share of the bytes")]
fn best(mut scores: Vec<(f64, u64)>, share: f64) -> f64 {
    scores.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let total: u64 = scores.iter().map(|one| one.1).sum();
    let mut seen = 0;
    for &(score, bytes) in &scores {
        seen += bytes;
        if seen as f64 >= share * total as f64 {
            return score;
        }
    }
    f64::NEG_INFINITY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(scores: &[&[Option<f32>]]) -> Vec<Vec<Option<Scored>>> {
        let one = |scores: &&[Option<f32>]| {
            Some(Scored { language: "en".into(), bytes: 10, scores: scores.to_vec() })
        };
        vec![scores.iter().map(one).chain([None]).collect()]
    }

    fn combined(combine: Combine, parts: &[Vec<Option<Scored>>]) -> Vec<Option<f64>> {
        let combiner = Combiner::of(parts, combine, &QualityThresholds::default());
        parts[0].iter().flatten().map(|one| combiner.combined(one)).collect()
    }

    #[test]
    fn scores_are_combined_of_those_that_are_known() {
        let parts = scored(&[
            &[Some(0.5), Some(1.0)],
            &[None, Some(0.25)],
            &[None, None],
            &[Some(0.0), None],
        ]);
        assert_eq!(combined(Combine::Max, &parts), [Some(1.0), Some(0.25), None, Some(0.0)]);
        assert_eq!(combined(Combine::Mean, &parts), [Some(0.75), Some(0.25), None, Some(0.0)]);
        // The lower of two known scores has rank 0; the higher one is above half of the bytes.
        assert_eq!(combined(Combine::RankMax, &parts)[1..], [Some(0.0), None, Some(0.0)]);
        assert!(combined(Combine::RankMax, &parts)[0].unwrap() > 0.49);
    }

    #[test]
    fn the_best_share_of_bytes_stays() {
        let scores: Vec<f32> = (0..100_u8).map(|n| f32::from(n) / 100.0).collect();
        let rows: Vec<[Option<f32>; 1]> = scores.iter().map(|&score| [Some(score)]).collect();
        let parts = scored(&rows.iter().map(<[_; 1]>::as_slice).collect::<Vec<_>>());
        let given = QualityThresholds {
            minimum: BTreeMap::from([("en".to_owned(), 0.5)]),
            keep: BTreeMap::from([("*".to_owned(), 0.1)]),
        };
        let combiner = Combiner::of(&parts, Combine::Max, &given);
        let least = combiner.threshold("en").unwrap();
        assert_eq!(scores.iter().filter(|score| f64::from(**score) >= least).count(), 10);
        assert_eq!(combiner.threshold("de"), None);
        let first = parts[0][7].as_ref().unwrap();
        assert_eq!(combiner.vigintile(first, 0.07), Some(1));
    }
}

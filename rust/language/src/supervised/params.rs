//! The parameters of training, valid by construction.

use crate::error::{Error, Result};
use crate::header::Loss;

/// How the output layer is trained, and turned into probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainLoss {
    /// One label of many.
    Softmax,
    /// One label of very many, by a tree of decisions.
    HierarchicalSoftmax,
    /// One label of many against a few drawn ones.
    NegativeSampling,
    /// Any number of labels, each for itself.
    OneVersusAll,
}

/// What training is asked to do; [`TrainParams::new`] says whether it can.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainSettings {
    /// Columns of the matrices.
    pub dim: usize,
    /// Times that each example is seen.
    pub epochs: u32,
    /// The learning rate at the start; it falls to 0 in a straight line.
    pub learning_rate: f64,
    /// How labels are learnt.
    pub loss: TrainLoss,
    /// Word n-grams up to this length are features; 1: words only.
    pub word_ngrams: usize,
    /// Shortest character n-gram.
    pub min_n: usize,
    /// Longest character n-gram; 0: none.
    pub max_n: usize,
    /// N-grams are hashed into this many buckets.
    pub buckets: u32,
    /// Rarer words have no row of their own.
    pub min_count: u64,
    /// Labels drawn for each example by negative sampling.
    pub negatives: usize,
    /// Decides the first values, the order of examples and what is drawn.
    pub seed: u64,
    /// Threads; the model does not depend on them.
    pub threads: usize,
    /// Bytes that the features of examples may take in memory; those of the rest are found anew in each epoch.
    pub memory: u64,
}

impl From<TrainLoss> for Loss {
    fn from(loss: TrainLoss) -> Self {
        match loss {
            TrainLoss::Softmax => Self::Softmax,
            TrainLoss::HierarchicalSoftmax => Self::HierarchicalSoftmax,
            TrainLoss::NegativeSampling | TrainLoss::OneVersusAll => Self::Sigmoid,
        }
    }
}

impl Default for TrainSettings {
    /// What the official library does, with two-word n-grams and softmax.
    fn default() -> Self {
        Self {
            dim: 100,
            epochs: 5,
            learning_rate: 0.1,
            loss: TrainLoss::Softmax,
            word_ngrams: 2,
            min_n: 0,
            max_n: 0,
            buckets: 2_000_000,
            min_count: 1,
            negatives: 5,
            seed: 0,
            threads: 1,
            memory: 4 << 30,
        }
    }
}

/// Settings that training can follow.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainParams(TrainSettings);

impl TrainParams {
    /// Up to 4,096 columns, 10,000 epochs, a learning rate above 0 and up to 100, n-grams of up to 16 words or
    /// characters, and as many buckets as the file format can name.
    pub fn new(settings: TrainSettings) -> Result<Self> {
        let s = &settings;
        within("dim", s.dim, 1, 4096)?;
        within("epochs", s.epochs, 1, 10_000)?;
        if !(s.learning_rate > 0.0 && s.learning_rate <= 100.0) {
            return Err(refused(
                "learning_rate",
                s.learning_rate,
                "a number above 0 and up to 100",
            ));
        }
        within("word_ngrams", s.word_ngrams, 1, 16)?;
        within("max_n", s.max_n, 0, 16)?;
        if s.max_n > 0 {
            within("min_n", s.min_n, 1, s.max_n)?;
        }
        let least = u32::from(s.max_n > 0 || s.word_ngrams > 1);
        within("buckets", s.buckets, least, 1 << 30)?;
        within("min_count", s.min_count, 1, 1 << 40)?;
        within("negatives", s.negatives, 1, 1000)?;
        within("threads", s.threads, 1, 1024)?;
        Ok(Self(settings))
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &TrainSettings {
        &self.0
    }
}

fn within<T: Copy + PartialOrd + std::fmt::Display>(
    parameter: &'static str,
    value: T,
    least: T,
    most: T,
) -> Result<()> {
    if value < least || value > most {
        return Err(refused(parameter, value, format_args!("a number from {least} to {most}")));
    }
    Ok(())
}

fn refused(
    parameter: &'static str,
    found: impl std::fmt::Display,
    expected: impl std::fmt::Display,
) -> Error {
    Error::Parameter { parameter, found: found.to_string(), expected: expected.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_trained_is_refused_by_name() {
        let refused = |change: fn(&mut TrainSettings)| {
            let mut settings = TrainSettings::default();
            change(&mut settings);
            TrainParams::new(settings).unwrap_err().to_string()
        };
        assert!(refused(|s| s.dim = 0).starts_with("dim is 0"));
        assert!(refused(|s| s.learning_rate = f64::NAN).starts_with("learning_rate is NaN"));
        assert!(refused(|s| (s.min_n, s.max_n) = (4, 3)).contains("from 1 to 3"));
        assert!(refused(|s| s.buckets = 0).starts_with("buckets is 0"));
        assert!(TrainParams::new(TrainSettings::default()).is_ok());
    }
}

//! The parameters of decontamination, valid by construction.

use crate::{Error, Result};

/// What an n-gram is and when an item counts as contained in a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ContaminationParams {
    ngram: usize,
    minimum_words: usize,
    threshold: f64,
}

impl Default for ContaminationParams {
    /// n-grams of 5 words, items of at least 8, threshold 0.25.
    fn default() -> Self {
        Self { ngram: 5, minimum_words: 8, threshold: 0.25 }
    }
}

impl ContaminationParams {
    /// n-grams of 1 to 64 words; items of fewer than `minimum_words`, which is at least `ngram`, are not looked for; a
    /// threshold above 0 and up to 1.
    pub fn new(ngram: usize, minimum_words: usize, threshold: f64) -> Result<Self> {
        let refuse =
            |parameter, found, expected| Err(Error::Parameter { parameter, found, expected });
        if !(1..=64).contains(&ngram) {
            return refuse("ngram", ngram.to_string(), "a number from 1 to 64");
        }
        if minimum_words < ngram {
            return refuse("minimum_words", minimum_words.to_string(), "at least ngram");
        }
        if !(threshold > 0.0 && threshold <= 1.0) {
            return refuse("threshold", threshold.to_string(), "a number above 0 and up to 1");
        }
        Ok(Self { ngram, minimum_words, threshold })
    }

    /// Words of an n-gram.
    #[must_use]
    pub fn ngram(&self) -> usize {
        self.ngram
    }

    /// The fewest words of an item that is looked for.
    #[must_use]
    pub fn minimum_words(&self) -> usize {
        self.minimum_words
    }

    /// The weighted share of an item's n-grams from which on a document contains the item.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_values_out_of_range_are_named() {
        assert_eq!(ContaminationParams::new(5, 8, 0.25).unwrap(), ContaminationParams::default());
        for (ngram, words, threshold, name) in [
            (0, 8, 0.5, "ngram"),
            (65, 80, 0.5, "ngram"),
            (5, 4, 0.5, "minimum_words"),
            (5, 8, 0.0, "threshold"),
            (5, 8, 1.1, "threshold"),
            (5, 8, f64::NAN, "threshold"),
        ] {
            let error = ContaminationParams::new(ngram, words, threshold).unwrap_err();
            assert!(error.to_string().starts_with(name), "{error}");
        }
    }
}

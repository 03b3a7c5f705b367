//! How a model is trained.

use crate::error::{Error, Result};

/// Settings of a training; the defaults made the bundled model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainParams {
    features: usize,
    epochs: u32,
    rate: f32,
    balance: f64,
    seed: u64,
}

impl TrainParams {
    /// Features of the model at most: 36 bytes each in the file.
    pub const FEATURES: usize = 215_000;
    /// How many texts are looked at, as a multiple of those there are.
    pub const EPOCHS: u32 = 2;
    /// The first step size; it falls to zero.
    pub const RATE: f32 = 0.3;
    /// A label is drawn in proportion to its texts to this power.
    pub const BALANCE: f64 = 0.5;

    /// Checks the settings.
    ///
    /// # Errors
    /// No features or epochs, a rate that is not above 0, a balance outside 0 to 1.
    pub fn new(features: usize, epochs: u32, rate: f32, balance: f64, seed: u64) -> Result<Self> {
        let wrong = |parameter, found: String, expected: &str| {
            Err(Error::Parameter { parameter, found, expected: expected.to_owned() })
        };
        if features == 0 || features > 1 << 26 {
            return wrong("features", features.to_string(), "1 to 67108864");
        }
        if epochs == 0 {
            return wrong("epochs", epochs.to_string(), "1 or more");
        }
        if !(rate.is_finite() && rate > 0.0) {
            return wrong("rate", rate.to_string(), "a number above 0");
        }
        if !(0.0..=1.0).contains(&balance) {
            return wrong("balance", balance.to_string(), "0 to 1");
        }
        Ok(Self { features, epochs, rate, balance, seed })
    }

    pub(crate) fn features(&self) -> usize {
        self.features
    }

    pub(crate) fn epochs(&self) -> u32 {
        self.epochs
    }

    pub(crate) fn rate(&self) -> f32 {
        self.rate
    }

    pub(crate) fn balance(&self) -> f64 {
        self.balance
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }
}

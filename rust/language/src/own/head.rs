//! From the sum of a text's rows to the probabilities of labels.

use super::rows::WIDTH;

/// Classes of length, by the logarithm of the number of rows.
pub(crate) const LENGTHS: usize = 16;
/// The power of the number of rows that a sum is divided by: between a sum, which believes every row to be news, and
/// their mean, which learns nothing from a longer text.
pub(crate) const POWER: f64 = 0.5;

/// Labels whose value is below the best one's by more than this have no probability.
const FARTHEST: f32 = -30.0;

/// A linear layer, and what turns its values into calibrated probabilities.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Head {
    pub(crate) labels: usize,
    /// What one unit of each number of a row stands for.
    pub(crate) units: [f32; WIDTH],
    /// `WIDTH` rows of `labels` weights.
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    /// By class of length what values are divided by before they become probabilities (Guo et al. 2017,
    /// arXiv:1706.04599).
    pub(crate) temperatures: [f32; LENGTHS],
}

impl Head {
    /// Turns values into probabilities that add up to one.
    pub(crate) fn probabilities(&self, rows: u64, values: &mut [f32]) {
        let temperature = self.temperatures[length_class(rows)];
        let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut total = 0.0;
        for value in &mut *values {
            let below = (*value - most) / temperature;
            *value = if below > FARTHEST { below.exp() } else { 0.0 };
            total += *value;
        }
        for value in values {
            *value /= total;
        }
    }
}

/// What a sum of so many rows is multiplied by.
#[expect(clippy::cast_precision_loss, reason = "a count of rows")]
pub(crate) fn scale(rows: u64) -> f64 {
    (rows.max(1) as f64).powf(-POWER)
}

/// The class of a text of so many rows.
pub(crate) fn length_class(rows: u64) -> usize {
    (rows.max(1).ilog2() as usize).min(LENGTHS - 1)
}

//! The model while it is learnt, in floats: stochastic gradient descent on the softmax, step sizes by Adagrad (Duchi et
//! al. 2011), one a feature and one a weight.

use super::super::head::{Head, LENGTHS, scale};
use super::super::rows::{Row, WIDTH};
use super::draws::Draws;

/// Step sizes begin as if this much had been learnt.
const BEGUN: f32 = 1e-3;

/// Those of a finished model as if this much had been.
const LEARNT: f32 = 0.03;

/// Labels that are too probable by less than this learn nothing from a text: nearly all of them.
const LEAST: f32 = 1e-4;

/// A text whose label is improbable by less than this teaches nothing: most texts, after a while.
const SURE: f32 = 0.01;

#[derive(Debug)]
pub(crate) struct Network {
    rows: Vec<[f32; WIDTH]>,
    row_steps: Vec<f32>,
    labels: Vec<Label>,
    values: Vec<f32>,
}

/// What the layer knows of a label.
#[derive(Clone, Debug)]
struct Label {
    weights: [f32; WIDTH],
    steps: [f32; WIDTH],
    bias: f32,
    bias_step: f32,
}

impl Network {
    pub(crate) fn new(features: usize, labels: usize, seed: u64) -> Self {
        let mut draws = Draws::new(seed);
        #[expect(clippy::cast_possible_truncation, reason = "a random number")]
        let mut near_zero = || (draws.share() - 0.5) as f32 / 32.0;
        let rows = (0..features).map(|_| std::array::from_fn(|_| near_zero())).collect();
        let mut label = || Label {
            weights: std::array::from_fn(|_| near_zero()),
            steps: [BEGUN; WIDTH],
            bias: 0.0,
            bias_step: BEGUN,
        };
        let labels = (0..labels).map(|_| label()).collect();
        Self { rows, row_steps: vec![BEGUN; features], labels, values: Vec::new() }
    }

    /// As a finished model has it; step sizes are those of long learning.
    pub(crate) fn of(head: &Head, rows: &[Row]) -> Self {
        let whole = |row: &Row| std::array::from_fn(|j| f32::from(row.0[j]) * head.units[j]);
        let label = |n: usize| Label {
            weights: std::array::from_fn(|j| head.weights[j * head.labels + n]),
            steps: [LEARNT; WIDTH],
            bias: head.bias[n],
            bias_step: LEARNT,
        };
        Self {
            rows: rows.iter().map(whole).collect(),
            row_steps: vec![LEARNT; rows.len()],
            labels: (0..head.labels).map(label).collect(),
            values: Vec::new(),
        }
    }

    /// Takes a step towards the label; `learn_rows` is false when rows are settled.
    pub(crate) fn step(&mut self, features: &[u32], label: usize, rate: f32, learn_rows: bool) {
        #[expect(clippy::cast_possible_truncation, reason = "a rounding")]
        let scale = scale(features.len() as u64) as f32;
        let mut hidden = [0.0; WIDTH];
        for &feature in features {
            for (value, more) in hidden.iter_mut().zip(&self.rows[feature as usize]) {
                *value += more;
            }
        }
        for value in &mut hidden {
            *value *= scale;
        }
        self.errors(&hidden, label);
        if -self.values[label] < SURE {
            return;
        }
        let back = self.learn_labels(&hidden, rate);
        if learn_rows {
            self.learn_rows(features, &back, scale, rate);
        }
    }

    /// Leaves in `values` what each label is too probable by.
    fn errors(&mut self, hidden: &[f32; WIDTH], label: usize) {
        self.values.clear();
        self.values
            .extend(self.labels.iter().map(|label| label.bias + dot(&label.weights, hidden)));
        let most = self.values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut total = 0.0;
        for value in &mut self.values {
            *value = (*value - most).exp();
            total += *value;
        }
        for value in &mut self.values {
            *value /= total;
        }
        self.values[label] -= 1.0;
    }

    /// Returns the gradient of the hidden values.
    fn learn_labels(&mut self, hidden: &[f32; WIDTH], rate: f32) -> [f32; WIDTH] {
        let mut back = [0.0; WIDTH];
        for (label, &error) in self.labels.iter_mut().zip(&self.values) {
            if error.abs() < LEAST {
                continue;
            }
            for j in 0..WIDTH {
                back[j] += error * label.weights[j];
                let slope = error * hidden[j];
                label.steps[j] += slope * slope;
                label.weights[j] -= rate * slope / label.steps[j].sqrt();
            }
            label.bias_step += error * error;
            label.bias -= rate * error / label.bias_step.sqrt();
        }
        back
    }

    fn learn_rows(&mut self, features: &[u32], back: &[f32; WIDTH], scale: f32, rate: f32) {
        let slopes = back.map(|gradient| gradient * scale);
        let power = slopes.iter().map(|slope| slope * slope).sum::<f32>() / 32.0;
        for &feature in features {
            let step = &mut self.row_steps[feature as usize];
            *step += power;
            let factor = rate / step.sqrt();
            for (value, slope) in self.rows[feature as usize].iter_mut().zip(&slopes) {
                *value -= factor * slope;
            }
        }
    }

    /// Rounds the rows to whole numbers, of which each column has its own unit; the network goes on with these.
    pub(crate) fn round(&mut self) -> ([f32; WIDTH], Vec<Row>) {
        let units = std::array::from_fn(|j| unit(self.rows.iter().map(|row| row[j])));
        let mut rounded = Vec::with_capacity(self.rows.len());
        for row in &mut self.rows {
            #[expect(clippy::cast_possible_truncation, reason = "-127 to 127")]
            let whole: [i8; WIDTH] =
                std::array::from_fn(|j| (row[j] / units[j]).round().clamp(-127.0, 127.0) as i8);
            *row = std::array::from_fn(|j| f32::from(whole[j]) * units[j]);
            rounded.push(Row(whole));
        }
        (units, rounded)
    }

    /// The layer with no temperatures yet.
    pub(crate) fn head(&self, units: [f32; WIDTH]) -> Head {
        let weights =
            (0..WIDTH).flat_map(|j| self.labels.iter().map(move |label| label.weights[j]));
        Head {
            labels: self.labels.len(),
            units,
            weights: weights.collect(),
            bias: self.labels.iter().map(|label| label.bias).collect(),
            temperatures: [1.0; LENGTHS],
        }
    }
}

/// In eight sums side by side, which wide registers make.
fn dot(a: &[f32; WIDTH], b: &[f32; WIDTH]) -> f32 {
    let mut sums = [0.0; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for j in 0..8 {
            sums[j] += a[j] * b[j];
        }
    }
    sums.iter().sum()
}

/// The unit in which one value in five thousand is out of reach: those count as the farthest.
fn unit(values: impl Iterator<Item = f32>) -> f32 {
    let mut sizes: Vec<f32> = values.map(f32::abs).collect();
    sizes.sort_by(f32::total_cmp);
    let reach = sizes.get(sizes.len() - sizes.len() / 5_000 - 1).copied().unwrap_or(1.0);
    (reach / 127.0).max(1e-9)
}

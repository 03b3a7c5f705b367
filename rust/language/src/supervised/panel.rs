//! Some lines of columns of both matrices: what one thread owns.

use std::ops::Range;

use gamayun_text::hash::mix64;

use super::examples::{Feature, Seen};
use super::kernel;
use crate::lines::{Line, WIDTH};
use crate::{pages, rows};

/// The columns of a run of lines, for the rows that occur and for all output rows.
#[derive(Debug)]
pub(super) struct Panel {
    /// Which lines of a whole row these are.
    pub(super) lines: Range<usize>,
    input: Vec<Line>,
    output: Vec<Line>,
    pub(super) hidden: Vec<Line>,
    gradient: Vec<Line>,
}

impl Panel {
    /// `rows` are those that occur, in the order of their places.
    pub(super) fn new(
        lines: Range<usize>,
        rows: &[u32],
        outputs: usize,
        dim: usize,
        seed: u64,
    ) -> Self {
        let zeros = |n: usize| vec![Line::default(); n * lines.len()];
        let mut input = pages::with_capacity(rows.len() * lines.len());
        for &row in rows {
            input.extend(lines.clone().map(|line| first_values(row, line, dim, seed)));
        }
        let (output, hidden, gradient) = (zeros(outputs), zeros(1), zeros(1));
        Self { lines, input, output, hidden, gradient }
    }

    /// The mean of a text's rows.
    pub(super) fn mean(&mut self, features: &[Feature], share: f32) {
        rows::sum(&self.input, features, &mut self.hidden);
        self.hidden.iter_mut().for_each(|line| line.scale(share));
    }

    /// The parts of the product of the mean with an output row, one for each line.
    pub(super) fn products(&self, row: usize) -> impl Iterator<Item = (usize, f32)> {
        let output = &self.output[row * self.hidden.len()..];
        let parts = output.iter().zip(&self.hidden).map(|(a, b)| a.dot(b));
        self.lines.clone().zip(parts)
    }

    /// Moves an output row by `step` times the mean, after it has added its share to the gradient.
    pub(super) fn learn_output(&mut self, row: usize, step: f32) {
        let width = self.hidden.len();
        let output = &mut self.output[row * width..][..width];
        for ((line, gradient), hidden) in
            output.iter_mut().zip(&mut self.gradient).zip(&self.hidden)
        {
            gradient.add_scaled(line, step);
            line.add_scaled(hidden, step);
        }
    }

    /// Moves a text's rows by the gradient.
    pub(super) fn learn_input(&mut self, features: &[Feature], share: f32) {
        self.gradient.iter_mut().for_each(|line| line.scale(share));
        kernel::update(&mut self.input, features, &self.gradient);
        self.gradient.fill(Line::default());
    }

    /// The lines of an input row in memory.
    pub(super) fn input_row(&self, place: usize) -> &[Line] {
        &self.input[place * self.hidden.len()..][..self.hidden.len()]
    }

    /// The lines of an output row.
    pub(super) fn output_row(&self, row: usize) -> &[Line] {
        &self.output[row * self.hidden.len()..][..self.hidden.len()]
    }
}

/// Values between −1/dim and 1/dim, of a hash of row and column; zeros behind the last column.
fn first_values(row: u32, line: usize, dim: usize, seed: u64) -> Line {
    let seed = mix64(u64::from(row), seed);
    let mut values = Line::default();
    #[expect(clippy::cast_precision_loss, reason = "24 bits of a hash; columns are few")]
    for (i, value) in values.0.iter_mut().enumerate().take(dim.saturating_sub(line * WIDTH)) {
        let bits = mix64((line * WIDTH + i) as u64, seed) >> 40;
        *value = (bits as f32 / (1 << 23) as f32 - 1.0) / dim as f32;
    }
    values
}

/// The rows that occur, in the order of their places.
pub(super) fn rows_in_order(seen: &Seen, rows: u32) -> Vec<u32> {
    (0..rows).filter(|row| seen.place(*row).is_some()).collect()
}

//! The input matrix: the mean of the rows of a text's features.

use crate::error::Result;
use crate::lines::{Line, Lines, WIDTH};
use crate::quantised::Quantised;
use crate::reader::Reader;

/// Quantised matrices up to this many bytes of floats are decoded when they are read.
const MAX_DECODED: usize = 64 << 20;

/// Rows of words, then of n-grams.
#[derive(Debug)]
pub(crate) enum Input {
    Lines(Lines),
    Coded(Quantised),
}

impl Input {
    pub(crate) fn read_dense(reader: &mut Reader<'_>, dim: usize) -> Result<(Self, usize)> {
        let rows = reader.long_count("the rows of the input matrix")?;
        let columns = reader.long_count("the columns of the input matrix")?;
        if columns != dim {
            return Err(reader.malformed("the columns of the input matrix", columns, dim));
        }
        Ok((Self::Lines(Lines::read(reader, rows, dim)?), rows))
    }

    /// A quantised matrix in the faster of its two forms.
    pub(crate) fn of_quantised(quantised: Quantised) -> Self {
        let padded = quantised.dim().div_ceil(WIDTH) * WIDTH * 4;
        if quantised.rows().saturating_mul(padded) <= MAX_DECODED {
            Self::Lines(quantised.decoded(true))
        } else {
            Self::Coded(quantised)
        }
    }

    /// The mean of `rows`, summed in their order, in `mean`; `dim` columns and padding.
    pub(crate) fn mean(&self, rows: &[u32], mean: &mut [Line]) {
        match self {
            Self::Lines(lines) => sum_lines(lines, rows, mean),
            Self::Coded(coded) => sum_coded(coded, rows, mean),
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "the official library rounds this to 32 bits too"
        )]
        let share = (1.0 / rows.len() as f64) as f32;
        for line in mean {
            line.scale(share);
        }
    }
}

fn sum_lines(lines: &Lines, rows: &[u32], sum: &mut [Line]) {
    if lines.per_row() == 1 {
        // The sum stays in registers.
        let mut one = Line::default();
        for &row in rows {
            one.add(&lines.all()[row as usize]);
        }
        sum[0] = one;
        return;
    }
    sum.fill(Line::default());
    for &row in rows {
        for (into, line) in sum.iter_mut().zip(lines.row(row as usize)) {
            into.add(line);
        }
    }
}

fn sum_coded(coded: &Quantised, rows: &[u32], sum: &mut [Line]) {
    sum.fill(Line::default());
    for &row in rows {
        let norm = coded.norm(row as usize);
        coded.for_each(row as usize, |i, value| sum[i / WIDTH].0[i % WIDTH] += norm * value);
    }
}

//! The input matrix: the mean of the rows of a text's features.

use crate::error::Result;
use crate::lines::{Line, Lines, WIDTH};
use crate::quantised::Quantised;
use crate::reader::Reader;
use crate::rows;

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

    /// The mean of these rows, summed in their order, in `mean`; `dim` columns and padding.
    pub(crate) fn mean(&self, row_numbers: &[u32], mean: &mut [Line]) {
        match self {
            Self::Lines(lines) => rows::sum(lines.all(), row_numbers, mean),
            Self::Coded(coded) => sum_coded(coded, row_numbers, mean),
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "the official library rounds this to 32 bits too"
        )]
        let share = (1.0 / row_numbers.len() as f64) as f32;
        for line in mean {
            line.scale(share);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// 40 rows of 5 columns in parts of 2, with norms; all values are odd-looking but plain numbers.
    fn quantised() -> Quantised {
        let mut file = vec![1];
        file.extend(40_i64.to_le_bytes());
        file.extend(5_i64.to_le_bytes());
        file.extend(120_i32.to_le_bytes());
        file.extend((0..120_u8).map(|i| i.wrapping_mul(77)));
        let quantiser = |file: &mut Vec<u8>, sizes: [i32; 4]| {
            file.extend(sizes.iter().flat_map(|size| size.to_le_bytes()));
            let values = (0..sizes[0] * 256).map(|i| (f32::from(i16::try_from(i).unwrap())).sin());
            file.extend(values.flat_map(f32::to_le_bytes));
        };
        quantiser(&mut file, [5, 3, 2, 1]);
        file.extend((0..40_u8).map(|i| i * 5));
        quantiser(&mut file, [1, 1, 1, 1]);
        Quantised::read(&mut Reader::of_bytes(&file, "made up")).unwrap()
    }

    #[test]
    fn decoded_and_coded_rows_have_the_same_mean() {
        let rows: Vec<u32> = (0..200).map(|i| i * 7 % 40).collect();
        let (mut decoded, mut coded) = ([Line::default()], [Line::default()]);
        Input::of_quantised(quantised()).mean(&rows, &mut decoded);
        Input::Coded(quantised()).mean(&rows, &mut coded);
        assert_eq!(decoded, coded);
        assert_ne!(decoded, [Line::default()]);
    }
}

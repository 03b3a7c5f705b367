//! Rows of 32-bit floats on whole cache lines.

use std::ops::Range;

use crate::error::Result;
use crate::pages;
use crate::reader::Reader;

/// Floats in a line.
pub(crate) const WIDTH: usize = 16;

/// 64 bytes, aligned as the cache is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [f32; WIDTH]);

impl Line {
    /// Adds `other · by`: a rounded product, then a rounded sum.
    #[inline]
    pub(crate) fn add_scaled(&mut self, other: &Self, by: f32) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a += b * by;
        }
    }

    /// Adds `other` this many times: a rounded product, then a rounded sum.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once for each set of vectors")]
    pub(crate) fn add_times(&mut self, other: &Self, times: f32) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a += b * times;
        }
    }

    /// The sum of products, in halves: the same for vectors of any width.
    #[inline]
    pub(crate) fn dot(&self, other: &Self) -> f32 {
        let mut products = [0.0; WIDTH];
        for ((product, a), b) in products.iter_mut().zip(&self.0).zip(&other.0) {
            *product = a * b;
        }
        let mut half = WIDTH / 2;
        while half > 0 {
            for i in 0..half {
                products[i] += products[i + half];
            }
            half /= 2;
        }
        products[0]
    }

    #[inline]
    pub(crate) fn scale(&mut self, by: f32) {
        for a in &mut self.0 {
            *a *= by;
        }
    }
}

/// A matrix whose rows are padded with zeros to whole lines.
#[derive(Debug)]
pub(crate) struct Lines {
    lines: Vec<Line>,
    per_row: usize,
}

impl Lines {
    pub(crate) fn zeros(rows: usize, dim: usize) -> Self {
        let per_row = dim.div_ceil(WIDTH);
        Self { lines: pages::filled(Line::default(), rows * per_row), per_row }
    }

    /// Reads a matrix of `rows × dim` floats, row by row.
    pub(crate) fn read(reader: &mut Reader<'_>, rows: usize, dim: usize) -> Result<Self> {
        let bytes = (rows as u64).saturating_mul(dim as u64).saturating_mul(4);
        reader.need(bytes, "a matrix")?;
        let mut matrix = Self::zeros(rows, dim);
        for row in 0..rows {
            let mut left = dim;
            for line in matrix.row_mut(row) {
                let n = left.min(WIDTH);
                reader.floats_into(&mut line.0[..n], "a matrix")?;
                left -= n;
            }
        }
        Ok(matrix)
    }

    /// All lines, row after row.
    pub(crate) fn all(&self) -> &[Line] {
        &self.lines
    }

    #[inline]
    pub(crate) fn row(&self, row: usize) -> &[Line] {
        &self.lines[self.range(row)]
    }

    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [Line] {
        let range = self.range(row);
        &mut self.lines[range]
    }

    /// Element `column` of a row.
    pub(crate) fn at(&self, row: usize, column: usize) -> f32 {
        self.row(row)[column / WIDTH].0[column % WIDTH]
    }

    #[inline]
    fn range(&self, row: usize) -> Range<usize> {
        row * self.per_row..(row + 1) * self.per_row
    }
}

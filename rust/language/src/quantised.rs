//! A matrix whose rows are codes of a product quantiser (Jégou et al. 2011; fastText arXiv:1612.03651).

use crate::error::Result;
use crate::lines::{Lines, WIDTH};
use crate::reader::Reader;

/// Centroids of each part of a row: a code is one byte.
const CENTROIDS: usize = 256;

/// Which centroid stands for each part of a row, and the row's norm where that is kept apart.
#[derive(Debug)]
pub(crate) struct Quantised {
    rows: usize,
    codes: Vec<u8>,
    quantiser: Quantiser,
    norms: Option<Vec<f32>>,
}

impl Quantised {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let has_norms = reader.flag("the norm flag")?;
        let rows = reader.long_count("the number of rows")?;
        let dim = reader.long_count("the number of columns")?;
        let size = reader.count("the size of the codes")?;
        let codes = reader.bytes(size, "the codes")?;
        let quantiser = Quantiser::read(reader)?;
        if quantiser.dim != dim || rows.checked_mul(quantiser.parts) != Some(size) {
            let found = format!("{rows} × {dim} in {size} codes of {} parts", quantiser.parts);
            return Err(reader.malformed("a quantised matrix", found, "sizes that agree"));
        }
        let norms = if has_norms { Some(read_norms(reader, rows)?) } else { None };
        Ok(Self { rows, codes, quantiser, norms })
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn dim(&self) -> usize {
        self.quantiser.dim
    }

    pub(crate) fn has_norms(&self) -> bool {
        self.norms.is_some()
    }

    /// The norm of each row, 1 where norms are not kept apart.
    pub(crate) fn norm(&self, row: usize) -> f32 {
        self.norms.as_ref().map_or(1.0, |norms| norms[row])
    }

    /// The same matrix with its rows in another order; `order[i]` is the old number of new row `i`.
    pub(crate) fn reordered(&self, order: &[usize]) -> Self {
        let parts = self.quantiser.parts;
        let codes = order.iter().flat_map(|&row| &self.codes[row * parts..][..parts]);
        Self {
            rows: order.len(),
            codes: codes.copied().collect(),
            quantiser: self.quantiser.clone(),
            norms: self.norms.as_ref().map(|norms| order.iter().map(|&row| norms[row]).collect()),
        }
    }

    /// Calls `each` with every column of a row and its centroid's value, the norm left out.
    #[inline]
    pub(crate) fn for_each(&self, row: usize, mut each: impl FnMut(usize, f32)) {
        let parts = self.quantiser.parts;
        for (part, &code) in self.codes[row * parts..][..parts].iter().enumerate() {
            let first = part * self.quantiser.width;
            for (i, &value) in self.quantiser.centroid(part, code).iter().enumerate() {
                each(first + i, value);
            }
        }
    }

    /// The matrix in floats, with or without the norms multiplied in.
    pub(crate) fn decoded(&self, with_norms: bool) -> Lines {
        let mut lines = Lines::zeros(self.rows, self.dim());
        for row in 0..self.rows {
            let norm = if with_norms { self.norm(row) } else { 1.0 };
            let into = lines.row_mut(row);
            self.for_each(row, |i, value| into[i / WIDTH].0[i % WIDTH] = norm * value);
        }
        lines
    }
}

/// Norms are quantised on their own, one code a row.
fn read_norms(reader: &mut Reader<'_>, rows: usize) -> Result<Vec<f32>> {
    let codes = reader.bytes(rows, "the codes of the norms")?;
    let quantiser = Quantiser::read(reader)?;
    if quantiser.dim != 1 {
        return Err(reader.malformed("the columns of the norms", quantiser.dim, "1"));
    }
    Ok(codes.iter().map(|&code| quantiser.centroids[usize::from(code)]).collect())
}

/// The centroids of the parts of a row: `width` columns each, the last part maybe fewer.
#[derive(Clone, Debug)]
struct Quantiser {
    dim: usize,
    parts: usize,
    width: usize,
    last_width: usize,
    centroids: Vec<f32>,
}

impl Quantiser {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let dim = reader.count("the quantiser's columns")?;
        let parts = reader.count("the quantiser's parts")?;
        let width = reader.count("the quantiser's width")?;
        let last_width = reader.count("the quantiser's last width")?;
        let fits = dim > 0
            && width > 0
            && (1..=width).contains(&last_width)
            && parts == dim.div_ceil(width)
            && (parts - 1) * width + last_width == dim;
        if !fits {
            let found = format!("{dim} columns in {parts} parts of {width}, the last {last_width}");
            return Err(reader.malformed("a quantiser", found, "parts that add up"));
        }
        let centroids = reader.floats(dim.saturating_mul(CENTROIDS), "the centroids")?;
        Ok(Self { dim, parts, width, last_width, centroids })
    }

    /// The centroids of a part lie together, `width` floats each (`last_width` in the last part).
    #[inline]
    fn centroid(&self, part: usize, code: u8) -> &[f32] {
        let width = if part + 1 == self.parts { self.last_width } else { self.width };
        &self.centroids[part * CENTROIDS * self.width + usize::from(code) * width..][..width]
    }
}

//! Product quantisation of a trained model (Joulin et al. 2016, arXiv:1612.03651): parts of rows as bytes, and only the
//! rows that matter.

use std::io::Write;
use std::path::Path;

use gamayun_text::hash::mix64;

use super::examples::joined;
use super::file::{ModelFile, Pruned, whole};
use super::kmeans::{CENTROIDS, Centroids};
use super::trained::Trained;
use crate::dictionary::Found;
use crate::dictionary::{END_OF_LINE, fnv};
use crate::error::{Error, Result};

/// Rows that centroids are made from, at most.
const MOST_POINTS: usize = 65_536;

/// How small a model is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantiseParams {
    /// Rows that are kept, those of the greatest norms; 0: all.
    pub cutoff: usize,
    /// Columns that share a byte.
    pub width: usize,
    /// Whether norms are quantised apart from directions.
    pub norms: bool,
    /// Whether the output matrix is quantised too, two columns a byte.
    pub output: bool,
}

impl Default for QuantiseParams {
    /// Two columns a byte, norms apart, all rows.
    fn default() -> Self {
        Self { cutoff: 0, width: 2, norms: true, output: false }
    }
}

impl Trained {
    /// Writes a `.ftz` file that the official library opens too, whole or not at all. It does not depend on threads.
    ///
    /// # Errors
    /// Fewer than 256 rows to quantise, a width that is not within the columns, a file that cannot be written.
    pub fn write_quantised(&self, path: &Path, params: &QuantiseParams) -> Result<()> {
        let refused = |parameter, found: usize, expected: String| {
            Err(Error::Parameter { parameter, found: found.to_string(), expected })
        };
        if params.width == 0 || params.width > self.settings.dim {
            let expected = format!("a number from 1 to {}", self.settings.dim);
            return refused("width", params.width, expected);
        }
        let file = self.file();
        let pruned = (params.cutoff > 0 && params.cutoff < file.input_rows)
            .then(|| self.pruned(&file, params.cutoff));
        let rows: Vec<usize> = match &pruned {
            Some(pruned) => pruned.rows().collect(),
            None => (0..file.input_rows).collect(),
        };
        if rows.len() < CENTROIDS {
            return refused("cutoff", rows.len(), format!("at least {CENTROIDS} rows"));
        }
        if params.output && file.labels.len() < CENTROIDS {
            let expected = format!("at least {CENTROIDS} labels");
            return refused("output", file.labels.len(), expected);
        }
        let (dim, seed, threads) = (self.settings.dim, self.settings.seed, self.settings.threads);
        let input = |row: usize, into: &mut [f32]| self.input_row(rows[row], into);
        let input = Matrix { rows: rows.len(), dim, fill: &input }.quantised(
            params.width,
            params.norms,
            seed,
            threads,
        );
        let output = params.output.then(|| {
            let labels = |row: usize, into: &mut [f32]| self.output_row(row, into);
            Matrix { rows: file.labels.len(), dim, fill: &labels }.quantised(
                2,
                params.norms,
                seed,
                threads,
            )
        });
        whole(path, |out| file.write_quantised(out, pruned.as_ref(), &input, output.as_deref()))
    }

    /// The rows of the greatest norms, the end of a line in any case.
    fn pruned(&self, file: &ModelFile<'_>, cutoff: usize) -> Pruned {
        let words = file.words.len();
        let end = match self.features.dictionary().find(END_OF_LINE, fnv(END_OF_LINE)) {
            Found::Word(row) => Some(row as usize),
            _ => None,
        };
        let mut row = vec![0.0; self.settings.dim];
        let mut norms: Vec<(bool, f32, usize)> = (0..file.input_rows)
            .map(|number| {
                self.input_row(number, &mut row);
                (Some(number) != end, -norm(&row), number)
            })
            .collect();
        norms.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        let kept = norms.into_iter().take(cutoff).map(|(.., number)| number);
        let (mut kept_words, ngrams): (Vec<usize>, Vec<usize>) = kept.partition(|&row| row < words);
        kept_words.sort_unstable();
        Pruned { words: kept_words, ngrams, of_words: words }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "norms are 32-bit numbers in the file")]
fn norm(row: &[f32]) -> f32 {
    row.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt() as f32
}

/// A matrix by its rows.
struct Matrix<'a> {
    rows: usize,
    dim: usize,
    fill: &'a (dyn Fn(usize, &mut [f32]) + Sync),
}

impl Matrix<'_> {
    /// As its bytes stand in a file, from the norm flag on.
    fn quantised(&self, width: usize, norms: bool, seed: u64, threads: usize) -> Vec<u8> {
        let parts = self.dim.div_ceil(width);
        let points = self.sample(seed);
        let mut row = vec![0.0; self.dim];
        let mut sample = Vec::with_capacity(points.len() * self.dim);
        for &point in &points {
            self.row(point, norms, &mut row);
            sample.extend_from_slice(&row);
        }
        let centroids = in_threads(parts, threads, |part| {
            let columns = part * width..((part + 1) * width).min(self.dim);
            let own: Vec<f32> = sample
                .chunks_exact(self.dim)
                .flat_map(|row| &row[columns.clone()])
                .copied()
                .collect();
            Centroids::of(&own, columns.len(), mix64(part as u64, seed))
        });
        let blocks = self.rows.div_ceil(4096);
        let codes = in_threads(blocks, threads, |block| {
            self.codes(block * 4096..((block + 1) * 4096).min(self.rows), norms, width, &centroids)
        });
        let mut out = vec![u8::from(norms)];
        out.extend((self.rows as u64).to_le_bytes());
        out.extend((self.dim as u64).to_le_bytes());
        out.extend(int(self.rows * parts));
        out.extend(codes.into_iter().flatten());
        write_quantiser(&mut out, self.dim, width, &centroids);
        if norms {
            self.write_norms(&mut out, &points, seed);
        }
        out
    }

    fn codes(
        &self,
        rows: std::ops::Range<usize>,
        norms: bool,
        width: usize,
        centroids: &[Centroids],
    ) -> Vec<u8> {
        let mut row = vec![0.0; self.dim];
        let mut codes = Vec::with_capacity(rows.len() * centroids.len());
        // Most rows of a model without cutoff never occurred: all zeros.
        let zeros: Vec<u8> =
            centroids.iter().map(|one| one.nearest(&row[..width.min(self.dim)])).collect();
        for number in rows {
            self.row(number, norms, &mut row);
            if row.iter().all(|value| *value == 0.0) {
                codes.extend_from_slice(&zeros);
            } else {
                let parts = row.chunks(width).zip(centroids);
                codes.extend(parts.map(|(part, centroids)| centroids.nearest(part)));
            }
        }
        codes
    }

    fn write_norms(&self, out: &mut Vec<u8>, points: &[usize], seed: u64) {
        let mut row = vec![0.0; self.dim];
        let mut of_row = |number: usize| {
            (self.fill)(number, &mut row);
            norm(&row)
        };
        let sample: Vec<f32> = points.iter().map(|&point| of_row(point)).collect();
        let centroids = Centroids::of(&sample, 1, mix64(u64::MAX, seed));
        out.extend((0..self.rows).map(|number| centroids.nearest(&[of_row(number)])));
        write_quantiser(out, 1, 1, &[centroids]);
    }

    /// A row, of length 1 if norms are kept apart.
    fn row(&self, number: usize, norms: bool, into: &mut [f32]) {
        (self.fill)(number, into);
        let norm = norm(into);
        if norms && norm != 0.0 {
            for value in into.iter_mut() {
                *value /= norm;
            }
        }
    }

    /// Rows in an order drawn by hash.
    fn sample(&self, seed: u64) -> Vec<usize> {
        let mut drawn: Vec<(u64, usize)> =
            (0..self.rows).map(|row| (mix64(row as u64, seed), row)).collect();
        drawn.sort_unstable();
        drawn.into_iter().take(MOST_POINTS).map(|(_, row)| row).collect()
    }
}

/// `make(i)` for each `i` below `n`, in that order, on threads.
fn in_threads<T: Send>(n: usize, threads: usize, make: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let numbers: Vec<usize> = (0..n).collect();
    let make = &make;
    std::thread::scope(|scope| {
        let running: Vec<_> = numbers
            .chunks(n.div_ceil(threads).max(1))
            .map(|part| scope.spawn(move || part.iter().map(|&i| make(i)).collect::<Vec<T>>()))
            .collect();
        running.into_iter().flat_map(joined).collect()
    })
}

fn write_quantiser(out: &mut Vec<u8>, dim: usize, width: usize, centroids: &[Centroids]) {
    let last = dim - (centroids.len() - 1) * width;
    for n in [dim, centroids.len(), width, last] {
        out.extend(int(n));
    }
    for value in centroids.iter().flat_map(Centroids::values) {
        // A vector cannot fail to take bytes.
        let _ = out.write_all(&value.to_le_bytes());
    }
}

fn int(n: usize) -> [u8; 4] {
    i32::try_from(n).unwrap_or(i32::MAX).to_le_bytes()
}

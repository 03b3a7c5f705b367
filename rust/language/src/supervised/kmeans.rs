//! 256 centroids of short vectors, by Lloyd's algorithm: what a byte of a quantised matrix stands for.

use gamayun_text::hash::mix64;

/// Centroids: a code is one byte.
pub(super) const CENTROIDS: usize = 256;
const ROUNDS: usize = 25;
/// How far apart the halves of a centroid are put that takes an empty one's place.
const APART: f32 = 1e-7;

/// The centroids of vectors of `width` numbers, column by column: number `j` of all centroids lies together.
#[derive(Clone, Debug)]
pub(super) struct Centroids {
    width: usize,
    columns: Vec<[f32; CENTROIDS]>,
}

impl Centroids {
    /// Of `points`, vectors of `width` numbers one after the other; 256 or more of them, in an order without meaning.
    pub(super) fn of(points: &[f32], width: usize, seed: u64) -> Self {
        let mut found = Self { width, columns: vec![[0.0; CENTROIDS]; width] };
        for (place, point) in points.chunks_exact(width).take(CENTROIDS).enumerate() {
            for (column, &value) in found.columns.iter_mut().zip(point) {
                column[place] = value;
            }
        }
        let mut codes = vec![0; points.len() / width];
        for round in 0..ROUNDS {
            for (code, point) in codes.iter_mut().zip(points.chunks_exact(width)) {
                *code = found.nearest(point);
            }
            found.settle(points, &codes, mix64(round as u64, seed));
        }
        found
    }

    /// The nearest centroid, of equals the first.
    pub(super) fn nearest(&self, point: &[f32]) -> u8 {
        let mut distances = [0.0_f32; CENTROIDS];
        for (column, &value) in self.columns.iter().zip(point) {
            for (distance, centre) in distances.iter_mut().zip(column) {
                let difference = value - centre;
                *distance += difference * difference;
            }
        }
        let least = distances.iter().copied().fold(f32::INFINITY, f32::min);
        let place = distances.iter().position(|&distance| distance <= least);
        u8::try_from(place.unwrap_or(0)).unwrap_or(0)
    }

    /// Moves each centroid into the middle of its points; an empty one takes half of one with many.
    #[expect(clippy::cast_precision_loss, reason = "a number of points: at most 65,536")]
    fn settle(&mut self, points: &[f32], codes: &[u8], seed: u64) {
        let mut counts = [0_usize; CENTROIDS];
        self.columns.iter_mut().for_each(|column| column.fill(0.0));
        for (point, &code) in points.chunks_exact(self.width).zip(codes) {
            counts[usize::from(code)] += 1;
            for (column, &value) in self.columns.iter_mut().zip(point) {
                column[usize::from(code)] += value;
            }
        }
        for column in &mut self.columns {
            for (sum, &count) in column.iter_mut().zip(&counts) {
                *sum /= count.max(1) as f32;
            }
        }
        for empty in 0..CENTROIDS {
            if counts[empty] == 0 {
                let full = drawn(&counts, mix64(empty as u64, seed));
                self.split(full, empty);
                counts[empty] = counts[full] / 2;
                counts[full] -= counts[empty];
            }
        }
    }

    fn split(&mut self, full: usize, empty: usize) {
        for (number, column) in self.columns.iter_mut().enumerate() {
            let apart = if number % 2 == 0 { -APART } else { APART };
            column[empty] = column[full] + apart;
            column[full] -= apart;
        }
    }

    /// The numbers of one centroid after the other, as a file has them.
    pub(super) fn values(&self) -> impl Iterator<Item = f32> {
        (0..CENTROIDS).flat_map(|place| self.columns.iter().map(move |column| column[place]))
    }
}

/// A centroid, drawn by how many points it has beyond its first.
fn drawn(counts: &[usize; CENTROIDS], draw: u64) -> usize {
    let beyond = |count: usize| count.saturating_sub(1) as u64;
    let all: u64 = counts.iter().map(|&count| beyond(count)).sum();
    let mut left = draw % all.max(1);
    for (place, &count) in counts.iter().enumerate() {
        if left < beyond(count) {
            return place;
        }
        left -= beyond(count);
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_around_as_many_centres_find_them() {
        let mut points = Vec::new();
        for n in 0..4096_u64 {
            let centre = mix64(n, 3) % 256;
            let jitter = |salt| f32::from(u8::try_from(mix64(n, salt) >> 56).unwrap()) / 25_600.0;
            let (x, y) = (u8::try_from(centre % 16).unwrap(), u8::try_from(centre / 16).unwrap());
            points.extend([f32::from(x) + jitter(1), f32::from(y) + jitter(2)]);
        }
        let found = Centroids::of(&points, 2, 7);
        let values: Vec<f32> = found.values().collect();
        let off = points.chunks_exact(2).map(|point| {
            let code = usize::from(found.nearest(point));
            (values[2 * code] - point[0]).hypot(values[2 * code + 1] - point[1])
        });
        let mean = off.sum::<f32>() / 4096.0;
        assert!(mean < 0.2, "{mean}");
    }

    #[test]
    fn equal_points_share_a_code() {
        let found = Centroids::of(&vec![1.5; 600], 2, 0);
        assert_eq!(found.nearest(&[1.5, 1.5]), found.nearest(&[1.5, 1.5]));
        assert!(found.values().all(|value| (value - 1.5).abs() < 1e-3));
    }
}

//! The sum of the rows of a text, exact in whole numbers, whatever the order it is made in.

use super::rows::WIDTH;

/// Rows of which the sum surely fits 16 bits: 255 times -128 is above -2^15.
pub(crate) const ROOM: u16 = 255;

/// The rows of a chunk added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub(crate) struct Part {
    pub(crate) values: [i16; WIDTH],
    /// Rows in it.
    rows: u16,
}

/// A sum of any number of parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    wide: [i64; WIDTH],
    near: [i16; WIDTH],
    /// Rows in `near`.
    held: u16,
    rows: u64,
}

impl Default for Part {
    fn default() -> Self {
        Self { values: [0; WIDTH], rows: 0 }
    }
}

impl Part {
    /// Of so many rows, at most [`ROOM`].
    #[inline]
    pub(crate) fn new(values: [i16; WIDTH], rows: usize) -> Self {
        Self { values, rows: u16::try_from(rows).unwrap_or(u16::MAX) }
    }
}

impl Sum {
    #[inline]
    pub(crate) fn add(&mut self, part: &Part) {
        if self.held + part.rows > ROOM {
            self.settle();
        }
        self.held += part.rows;
        for (value, &more) in self.near.iter_mut().zip(&part.values) {
            *value = value.wrapping_add(more); // cannot wrap: there is room
        }
    }

    /// The sum, and the number of rows in it.
    pub(crate) fn total(&mut self) -> (&[i64; WIDTH], u64) {
        self.settle();
        (&self.wide, self.rows)
    }

    fn settle(&mut self) {
        for (wide, near) in self.wide.iter_mut().zip(&mut self.near) {
            *wide += i64::from(std::mem::take(near));
        }
        self.rows += u64::from(std::mem::take(&mut self.held));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of rows of one value each.
    fn part(values: &[i8]) -> Part {
        let sum = values.iter().map(|&value| i16::from(value)).sum();
        Part::new([sum; WIDTH], values.len())
    }

    proptest! {
        #[test]
        fn equals_the_plain_sum(parts in prop::collection::vec(prop::collection::vec(any::<i8>(), 1..255), 0..40)) {
            let mut sum = Sum::default();
            for rows in &parts {
                sum.add(&part(rows));
            }
            let plain: i64 = parts.iter().flatten().map(|&value| i64::from(value)).sum();
            let rows: usize = parts.iter().map(Vec::len).sum();
            prop_assert_eq!(sum.total(), (&[plain; WIDTH], rows as u64));
        }
    }

    #[test]
    fn the_fullest_part_holds() {
        let mut sum = Sum::default();
        for _ in 0..3 {
            sum.add(&part(&[i8::MIN; 255]));
        }
        assert_eq!(sum.total(), (&[-128 * 255 * 3; WIDTH], 765));
    }
}

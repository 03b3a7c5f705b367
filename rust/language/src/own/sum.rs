//! The sum of the rows of a text, exact in whole numbers, whatever the order it is made in.

use super::rows::{Row, WIDTH};

/// The rows of a chunk added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(32))]
pub(crate) struct Part {
    pub(crate) values: [i16; WIDTH],
    /// Rows in it.
    pub(crate) rows: u16,
    /// No value is further from zero.
    reach: u16,
}

/// A sum of any number of parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    wide: [i64; WIDTH],
    near: [i16; WIDTH],
    /// No value of `near` is further from zero.
    reach: u32,
    rows: u64,
}

impl Default for Part {
    fn default() -> Self {
        Self { values: [0; WIDTH], rows: 0, reach: 0 }
    }
}

impl Part {
    /// Rows that a part surely holds: 255 of them with values of -128 stay above -2^15.
    pub(crate) const ROOM: u16 = 255;

    /// Adds a row; there must be room.
    #[inline]
    pub(crate) fn add(&mut self, row: &Row) {
        for (value, &more) in self.values.iter_mut().zip(row) {
            *value += i16::from(more);
        }
        self.rows += 1;
    }

    /// Notes how far from zero the values are.
    pub(crate) fn close(&mut self) {
        self.reach = self.values.iter().map(|value| value.unsigned_abs()).max().unwrap_or(0);
    }
}

impl Sum {
    #[inline]
    pub(crate) fn add(&mut self, part: &Part) {
        const MOST: u32 = i16::MAX as u32;
        if self.reach + u32::from(part.reach) > MOST {
            self.settle();
        }
        self.reach += u32::from(part.reach);
        for (value, &more) in self.near.iter_mut().zip(&part.values) {
            *value = value.wrapping_add(more); // cannot wrap: `reach` says so
        }
        self.rows += u64::from(part.rows);
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
        self.reach = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equals_the_plain_sum(parts in prop::collection::vec(prop::collection::vec(any::<i8>(), 1..255), 0..40)) {
            let mut sum = Sum::default();
            for rows in &parts {
                let mut part = Part::default();
                for &value in rows {
                    part.add(&[value; WIDTH]);
                }
                part.close();
                sum.add(&part);
            }
            let plain: i64 = parts.iter().flatten().map(|&value| i64::from(value)).sum();
            let rows: usize = parts.iter().map(Vec::len).sum();
            prop_assert_eq!(sum.total(), (&[plain; WIDTH], rows as u64));
        }
    }

    #[test]
    fn the_fullest_part_holds() {
        let mut part = Part::default();
        for _ in 0..Part::ROOM {
            part.add(&[i8::MIN; WIDTH]);
        }
        part.close();
        let mut sum = Sum::default();
        for _ in 0..3 {
            sum.add(&part);
        }
        assert_eq!(sum.total(), (&[-128 * 255 * 3; WIDTH], 765));
    }
}

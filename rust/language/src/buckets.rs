//! From the hash of an n-gram to its row of the input matrix.

use crate::error::Result;
use crate::reader::Reader;

/// Above this many buckets a bit for each would be out of proportion; kept n-grams are then searched for.
const MAX_BITS: u32 = 1 << 26;

/// Which buckets have rows. Rows of n-grams follow the rows of words; a kept bucket's row is the number of kept
/// buckets below it (see [`Kept::order`]).
#[derive(Debug)]
pub(crate) enum Buckets {
    /// Every bucket has a row.
    All,
    /// A bit for each bucket, and how many bits are set before each 64 of them.
    Bits { bits: Vec<u64>, before: Vec<u32> },
    /// The kept buckets in order.
    Sorted(Vec<u32>),
}

/// The buckets that pruning kept, with their rows in the file.
#[derive(Debug)]
pub(crate) struct Kept(Vec<(u32, u32)>);

impl Kept {
    /// Reads `n` pairs of bucket and row.
    pub(crate) fn read(reader: &mut Reader<'_>, n: usize, buckets: u32) -> Result<Self> {
        reader.need((n as u64).saturating_mul(8), "the kept n-grams")?;
        let mut pairs = Vec::with_capacity(n);
        for _ in 0..n {
            let bucket = reader.i32("a kept n-gram")?;
            let row = reader.i32("the row of a kept n-gram")?;
            match (u32::try_from(bucket), u32::try_from(row)) {
                (Ok(bucket), Ok(row)) if bucket < buckets => pairs.push((bucket, row)),
                _ => {
                    let found = format!("bucket {bucket} in row {row}");
                    let expected = format!("below {buckets}, in a row of 0 or more");
                    return Err(reader.malformed("a kept n-gram", found, expected));
                }
            }
        }
        pairs.sort_by_key(|pair| pair.0);
        pairs.reverse(); // of equal buckets the last one counts
        pairs.dedup_by_key(|pair| pair.0);
        pairs.reverse();
        Ok(Self(pairs))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The rows in order of their buckets, so that a bucket's rank is its row.
    pub(crate) fn order(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|pair| pair.1 as usize)
    }

    pub(crate) fn buckets(&self, buckets: u32) -> Buckets {
        if buckets > MAX_BITS {
            return Buckets::Sorted(self.0.iter().map(|pair| pair.0).collect());
        }
        let mut bits = vec![0_u64; buckets as usize / 64 + 1];
        for &(bucket, _) in &self.0 {
            bits[bucket as usize / 64] |= 1 << (bucket % 64);
        }
        Buckets::of_bits(bits).0
    }
}

impl Buckets {
    /// Those whose bits are set, and how many they are.
    pub(crate) fn of_bits(bits: Vec<u64>) -> (Self, usize) {
        let mut sum = 0;
        let before = bits.iter().map(|word| {
            sum += word.count_ones();
            sum - word.count_ones()
        });
        let before = before.collect();
        (Self::Bits { bits, before }, sum as usize)
    }

    /// The row of a bucket, counted from the first row of n-grams.
    #[inline]
    pub(crate) fn row(&self, bucket: u32) -> Option<u32> {
        match self {
            Self::All => Some(bucket),
            Self::Bits { bits, before } => {
                let (word, bit) = (bucket as usize / 64, bucket % 64);
                let below = bits[word] & ((1 << bit) - 1);
                (bits[word] >> bit & 1 == 1).then(|| before[word] + below.count_ones())
            }
            #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^31 were read")]
            Self::Sorted(kept) => kept.binary_search(&bucket).ok().map(|row| row as u32),
        }
    }
}

/// `value % divisor` without a division: by an estimate of the quotient that is at most 1 too low.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Modulo {
    divisor: u32,
    /// ⌊2^(32 + shift) / divisor⌋, or 2^32 − 1 where that is 2^32.
    inverse: u32,
    /// ⌊log2 divisor⌋.
    shift: u32,
}

impl Modulo {
    /// A divisor of 0 is taken for 1.
    pub(crate) fn new(divisor: u32) -> Self {
        let divisor = divisor.max(1);
        let shift = divisor.ilog2();
        let inverse = u32::try_from((1_u64 << (32 + shift)) / u64::from(divisor));
        Self { divisor, inverse: inverse.unwrap_or(u32::MAX), shift }
    }

    pub(crate) fn divisor(self) -> u32 {
        self.divisor
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once for each set of vectors")]
    pub(crate) fn of(self, value: u32) -> u32 {
        let high = ((u64::from(value) * u64::from(self.inverse)) >> 32) as u32;
        let rest = value.wrapping_sub((high >> self.shift).wrapping_mul(self.divisor));
        rest.min(rest.wrapping_sub(self.divisor))
    }

    #[expect(clippy::cast_possible_truncation, reason = "below the divisor")]
    pub(crate) fn of_long(self, value: u64) -> u32 {
        (value % u64::from(self.divisor)) as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn modulo_is_the_remainder(value: u32, divisor in 1..=u32::MAX) {
            prop_assert_eq!(Modulo::new(divisor).of(value), value % divisor);
            prop_assert_eq!(Modulo::new(divisor).of(u32::MAX), u32::MAX % divisor);
            let small = divisor % 5000 + 1;
            prop_assert_eq!(Modulo::new(small).of(value), value % small);
            let power = 1 << (divisor % 32);
            prop_assert_eq!(Modulo::new(power).of(value), value % power);
            prop_assert_eq!(Modulo::new(1).of(value), 0);
        }

        #[test]
        fn bits_and_search_agree(kept in prop::collection::btree_set(0_u32..500, 0..100)) {
            let kept: Vec<u32> = kept.into_iter().collect();
            let pairs = Kept(kept.iter().map(|&bucket| (bucket, 0)).collect());
            let (bits, sorted) = (pairs.buckets(500), Buckets::Sorted(kept));
            for bucket in 0..500 {
                prop_assert_eq!(bits.row(bucket), sorted.row(bucket));
            }
        }
    }
}

//! Where a pool is cut into shards: at the document end nearest to each equal share.

/// Walks the documents of a pool in order and says before and after which of them a shard ends.
#[derive(Debug)]
pub(crate) struct Cutter {
    tokens: u64,
    shards: u64,
    at: u64,
    next: u64,
}

/// Whether a shard ends right before and right after a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) before: bool,
    pub(crate) after: bool,
}

impl Cutter {
    /// For a pool of so many tokens in so many shards.
    pub(crate) fn new(tokens: u64, shards: u64) -> Self {
        Self { tokens, shards: shards.max(1), at: 0, next: 1 }
    }

    /// The cuts at the next document, of `length` tokens; the end of the pool is not a cut.
    pub(crate) fn pass(&mut self, length: u64) -> Cut {
        let (start, end) = (self.at, self.at + length);
        let mut cut = Cut::default();
        while self.next < self.shards && self.target() <= end {
            let nearer_start = self.target() - start < end - self.target();
            if nearer_start {
                cut.before = true;
            } else {
                cut.after = true;
            }
            self.next += 1;
        }
        self.at = end;
        cut
    }

    /// The end of the next equal share.
    fn target(&self) -> u64 {
        let end = u128::from(self.next) * u128::from(self.tokens) / u128::from(self.shards);
        u64::try_from(end).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sizes of the shards, as `build_pool` cuts them.
    fn shards(lengths: &[u64], shards: u64) -> Vec<u64> {
        let mut cutter = Cutter::new(lengths.iter().sum(), shards);
        let mut sizes = vec![0];
        for &length in lengths {
            let cut = cutter.pass(length);
            if cut.before {
                sizes.push(0);
            }
            *sizes.last_mut().unwrap() += length;
            if cut.after {
                sizes.push(0);
            }
        }
        sizes.into_iter().filter(|&size| size > 0).collect()
    }

    #[test]
    fn equal_documents_make_equal_shards() {
        assert_eq!(shards(&[1; 12], 3), [4, 4, 4]);
        assert_eq!(shards(&[5], 3), [5]);
        assert_eq!(shards(&[1, 98, 1], 4), [1, 98, 1]);
    }

    proptest! {
        #[test]
        fn a_shard_is_within_one_document_of_its_share(
            lengths in prop::collection::vec(1..500_u64, 1..200), count in 1..20_u64,
        ) {
            let total: u64 = lengths.iter().sum();
            let longest = *lengths.iter().max().unwrap();
            let sizes = shards(&lengths, count);
            prop_assert_eq!(sizes.iter().sum::<u64>(), total);
            prop_assert!(sizes.len() as u64 <= count);
            if longest <= total / count / 2 {
                prop_assert_eq!(sizes.len() as u64, count);
                for size in sizes {
                    prop_assert!(size.abs_diff(total / count) <= longest + 1);
                }
            }
        }
    }
}

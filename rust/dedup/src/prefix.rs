//! Which survivors can match a set at all, by the rarest shingles of both.
//!
//! Prefix filtering (Chaudhuri et al., ICDE 2006; Bayardo et al., WWW 2007; Xiao et al., WWW 2008): put the shingles of
//! all sets in one order, rare ones first. If two sets share at least `o` shingles, the first one that they share stands
//! among the first `n - o + 1` of either set of `n`. A Jaccard of `t` needs `o ≥ t·n` of any set, and `o ≥ 2t/(1+t)·n` of
//! the smaller one, whose prefix is shorter still.

/// The counts of shingles, by bucket, and the prefixes of the survivors so far.
///
/// At most 32 bytes for each shingle of the sets.
pub(crate) struct PrefixIndex<'a> {
    sets: &'a [Vec<u64>],
    threshold: f64,
    mask: u64,
    /// How many shingles fall into each bucket: the order, where equal shingles have equal counts.
    counts: Vec<u32>,
    /// For sets that are as large as the survivor or larger.
    short: Postings,
    /// For sets that are as large as the survivor or smaller.
    long: Postings,
    prefix: Vec<(u32, u64)>,
}

/// Lists of places, one a bucket.
struct Postings {
    /// One above the newest entry of each bucket; 0: none.
    heads: Vec<usize>,
    /// A place, and the entry before it as in `heads`.
    entries: Vec<(usize, usize)>,
}

impl Postings {
    fn new(buckets: usize) -> Self {
        Self { heads: vec![0; buckets], entries: Vec::new() }
    }

    fn push(&mut self, bucket: usize, place: usize) {
        self.entries.push((place, self.heads[bucket]));
        self.heads[bucket] = self.entries.len();
    }

    fn list(&self, bucket: usize) -> impl Iterator<Item = usize> {
        let mut next = self.heads[bucket];
        std::iter::from_fn(move || {
            let (place, before) = *self.entries.get(next.checked_sub(1)?)?;
            next = before;
            Some(place)
        })
    }
}

impl<'a> PrefixIndex<'a> {
    /// An index of none of these sets, which must be sorted and without repeats.
    pub(crate) fn new(sets: &'a [Vec<u64>], threshold: f64) -> Self {
        let shingles: usize = sets.iter().map(Vec::len).sum();
        let buckets = (shingles / 2).next_power_of_two();
        let mut index = Self {
            sets,
            threshold,
            mask: buckets as u64 - 1,
            counts: vec![0; buckets],
            short: Postings::new(buckets),
            long: Postings::new(buckets),
            prefix: Vec::new(),
        };
        for shingle in sets.iter().flatten() {
            let bucket = index.bucket(*shingle);
            index.counts[bucket] = index.counts[bucket].saturating_add(1);
        }
        index
    }

    /// Puts the places of all inserted sets that can match into `out`, ascending, among a few that cannot.
    pub(crate) fn search(&mut self, set: &[u64], out: &mut Vec<usize>) {
        out.clear();
        let (short, long) = self.take_prefix(set);
        for (at, (_, shingle)) in self.prefix[..long].iter().enumerate() {
            let bucket = self.bucket(*shingle);
            out.extend(
                self.short.list(bucket).filter(|place| self.sets[*place].len() <= set.len()),
            );
            if at < short {
                out.extend(
                    self.long.list(bucket).filter(|place| self.sets[*place].len() > set.len()),
                );
            }
        }
        out.sort_unstable();
        out.dedup();
    }

    /// Makes the set at `place` a survivor.
    pub(crate) fn insert(&mut self, place: usize) {
        let (short, long) = self.take_prefix(&self.sets[place]);
        for at in 0..long {
            let (count, shingle) = self.prefix[at];
            if count == 1 {
                continue; // no other set has it
            }
            let bucket = self.bucket(shingle);
            self.long.push(bucket, place);
            if at < short {
                self.short.push(bucket, place);
            }
        }
    }

    /// The shingles are mixed in all bits; the low ones are as good as any.
    #[expect(clippy::cast_possible_truncation, reason = "a bucket of a table in memory fits usize")]
    fn bucket(&self, shingle: u64) -> usize {
        (shingle & self.mask) as usize
    }

    /// Puts the prefixes of a set at the front of `self.prefix`; returns the lengths of the short and the long one.
    fn take_prefix(&mut self, set: &[u64]) -> (usize, usize) {
        let t = self.threshold;
        let (short, long) =
            (prefix_length(set.len(), 2.0 * t / (1.0 + t)), prefix_length(set.len(), t));
        let mut prefix = std::mem::take(&mut self.prefix);
        prefix.clear();
        prefix.extend(set.iter().map(|shingle| (self.counts[self.bucket(*shingle)], *shingle)));
        for length in [long, short] {
            if length < prefix.len() {
                prefix.select_nth_unstable(length);
            }
        }
        self.prefix = prefix;
        (short, long)
    }
}

/// `n - ⌈share · n⌉ + 1`, with a margin for rounding; 0 of an empty set.
#[expect(clippy::cast_precision_loss, reason = "a document has fewer than 2^52 shingles")]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the size of the set"
)]
fn prefix_length(size: usize, share: f64) -> usize {
    let needed = (share * size as f64 - 1e-6).ceil().max(1.0) as usize;
    (size + 1).saturating_sub(needed).min(size)
}

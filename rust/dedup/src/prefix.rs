//! Which survivors can match a set at all, by the rarest shingles of both.
//!
//! Prefix filtering (Chaudhuri et al., ICDE 2006; Bayardo et al., WWW 2007; Xiao et al., WWW 2008): put the shingles of
//! all sets in one order, rare ones first. If two sets share at least `o` shingles, the first one that they share stands
//! among the first `n - o + 1` of either set of `n`. A Jaccard of `t` needs `o ≥ t·n` of any set, and `o ≥ 2t/(1+t)·n` of
//! the smaller one, whose prefix is shorter still. A containment of `c` needs `o ≥ c·n` of the document that is removed,
//! which is the smaller one, and says nothing of the larger, of which every shingle is looked at.

use crate::Measure;

/// Whether a set is one that others may be removed for, or one that may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Survivor,
    Document,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Survivor => Self::Document,
            Self::Document => Self::Survivor,
        }
    }

    /// The lengths of the prefixes of a set of this size: against sets of the other side that make the document the
    /// smaller of the two, or as large; and those that make it the larger.
    fn prefixes(self, size: usize, measure: Measure) -> (usize, usize) {
        let t = measure.threshold;
        let smaller = 2.0 * t / (1.0 + t);
        match (self, measure.containment) {
            (Self::Document, containment) => {
                let share = containment.map_or(smaller, |c| c.min(smaller));
                (prefix_length(size, share), prefix_length(size, t))
            }
            (Self::Survivor, None) => (prefix_length(size, t), prefix_length(size, smaller)),
            (Self::Survivor, Some(_)) => (size, prefix_length(size, smaller)),
        }
    }
}

/// The counts of shingles, by bucket, and the prefixes of the sets that were inserted so far, all of one side.
///
/// At most 40 bytes for each shingle of the sets.
pub(crate) struct PrefixIndex<'a> {
    sets: &'a [Vec<u64>],
    measure: Measure,
    held: Side,
    /// Only sets of `sets` are searched for, so that a shingle of one of them alone finds nothing.
    closed: bool,
    mask: u64,
    /// How many shingles fall into each bucket: the order, where equal shingles have equal counts.
    counts: Vec<u32>,
    /// For pairs of which the document is the smaller one, or as large.
    small: Postings,
    /// For pairs of which the document is the larger one.
    large: Postings,
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
    /// An index of none of these sets, which must be sorted and without repeats; they will be of this side.
    pub(crate) fn new(sets: &'a [Vec<u64>], measure: Measure, held: Side) -> Self {
        let shingles: usize = sets.iter().map(Vec::len).sum();
        let buckets = (shingles / 2).next_power_of_two();
        let mut index = Self {
            sets,
            measure,
            held,
            closed: true,
            mask: buckets as u64 - 1,
            counts: vec![0; buckets],
            small: Postings::new(buckets),
            large: Postings::new(buckets),
            prefix: Vec::new(),
        };
        for shingle in sets.iter().flatten() {
            let bucket = index.bucket(*shingle);
            index.counts[bucket] = index.counts[bucket].saturating_add(1);
        }
        index
    }

    /// An index of all these sets as documents, to be searched with survivors that are not among them.
    pub(crate) fn of_documents(sets: &'a [Vec<u64>], measure: Measure) -> Self {
        let mut index = Self::new(sets, measure, Side::Document);
        index.closed = false;
        (0..sets.len()).for_each(|place| index.insert(place));
        index
    }

    /// Puts the places of all inserted sets that can match into `out`, ascending, among a few that cannot.
    pub(crate) fn search(&mut self, set: &[u64], out: &mut Vec<usize>) {
        let mut prefix = std::mem::take(&mut self.prefix);
        self.search_with(set, &mut prefix, out);
        self.prefix = prefix;
    }

    /// [`Self::search`] with scratch of the caller.
    pub(crate) fn search_with(
        &self,
        set: &[u64],
        prefix: &mut Vec<(u32, u64)>,
        out: &mut Vec<usize>,
    ) {
        out.clear();
        let side = self.held.other();
        let (small, large) = self.take_prefix(set, side, prefix);
        // Whether the document is the smaller one, or as large.
        let fits = |place: usize| match side {
            Side::Document => set.len() <= self.sets[place].len(),
            Side::Survivor => self.sets[place].len() <= set.len(),
        };
        for (at, (_, shingle)) in prefix[..small.max(large)].iter().enumerate() {
            let bucket = self.bucket(*shingle);
            if at < small {
                out.extend(self.small.list(bucket).filter(|place| fits(*place)));
            }
            if at < large {
                out.extend(self.large.list(bucket).filter(|place| !fits(*place)));
            }
        }
        out.sort_unstable();
        out.dedup();
    }

    /// Inserts the set at `place`.
    pub(crate) fn insert(&mut self, place: usize) {
        let mut prefix = std::mem::take(&mut self.prefix);
        let (small, large) = self.take_prefix(&self.sets[place], self.held, &mut prefix);
        for (at, (count, shingle)) in prefix[..small.max(large)].iter().enumerate() {
            if *count == 1 && self.closed {
                continue; // no other set has it
            }
            let bucket = self.bucket(*shingle);
            if at < small {
                self.small.push(bucket, place);
            }
            if at < large {
                self.large.push(bucket, place);
            }
        }
        self.prefix = prefix;
    }

    /// The shingles are mixed in all bits; the low ones are as good as any.
    #[expect(clippy::cast_possible_truncation, reason = "a bucket of a table in memory fits usize")]
    fn bucket(&self, shingle: u64) -> usize {
        (shingle & self.mask) as usize
    }

    /// Puts the prefixes of a set of this side at the front of `prefix`; returns their lengths.
    fn take_prefix(&self, set: &[u64], side: Side, prefix: &mut Vec<(u32, u64)>) -> (usize, usize) {
        let (small, large) = side.prefixes(set.len(), self.measure);
        prefix.clear();
        prefix.extend(set.iter().map(|shingle| (self.counts[self.bucket(*shingle)], *shingle)));
        let mut rest = &mut prefix[..];
        for length in [small.max(large), small.min(large)] {
            if length < rest.len() {
                rest.select_nth_unstable(length);
                rest = &mut rest[..length];
            }
        }
        (small, large)
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

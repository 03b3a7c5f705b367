//! The documents of one shard that an export has, in the order of its payload.

use std::ops::Range;

use crate::Shard;

/// Some documents of a shard; where the payload is cut, they alone are in it.
#[derive(Debug)]
pub(super) struct Chosen<'a> {
    pub(super) shard: &'a Shard,
    /// Places of the documents; a place may come again, epoch after epoch.
    pub(super) ranges: &'a [Range<u64>],
    /// Whether the payload holds these documents alone.
    pub(super) cut: bool,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct One {
    /// Its place in the shard.
    pub(super) place: usize,
    /// Its first token in the exported payload.
    pub(super) start: u64,
    pub(super) tokens: u64,
}

impl Chosen<'_> {
    pub(super) fn documents(&self) -> u64 {
        self.ranges.iter().map(|range| range.end - range.start).sum()
    }

    pub(super) fn tokens(&self) -> u64 {
        self.token_ranges().map(|range| range.end - range.start).sum()
    }

    /// The tokens of each range of documents, in the shard.
    pub(super) fn token_ranges(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        let ends = self.shard.ends();
        let before = |document: u64| {
            let place = usize::try_from(document).ok().and_then(|place| place.checked_sub(1));
            place.and_then(|place| ends.get(place)).copied().unwrap_or(0)
        };
        self.ranges.iter().map(move |range| before(range.start)..before(range.end))
    }

    /// The documents, one by one.
    pub(super) fn each(&self) -> impl Iterator<Item = One> + '_ {
        let mut written = 0;
        let documents = self.ranges.iter().flat_map(Clone::clone);
        documents.filter_map(move |document| {
            let tokens = self.shard.document(document)?;
            let length = tokens.end - tokens.start;
            let start = if self.cut { written } else { tokens.start };
            written += length;
            Some(One { place: usize::try_from(document).ok()?, start, tokens: length })
        })
    }
}

/// Whether these are all documents of a shard, each once.
pub(super) fn is_whole(ranges: &[Range<u64>], documents: u64) -> bool {
    matches!(ranges, [one] if *one == (0..documents))
}

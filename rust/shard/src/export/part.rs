//! Which documents of which shard a stage begins, epoch by epoch.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::Stream;

/// Tokens of a shard that a stage reads in one epoch, as ranges in the order of the shard.
pub(super) type Reads = BTreeMap<(usize, u64), Vec<Range<u64>>>;

/// What tokens of which (shard, epoch) the stretch `range` of the stream reads; `ends` are the pool's tokens up to and
/// with each shard.
pub(super) fn reads(stream: &Stream, range: Range<u64>, ends: &[u64]) -> Reads {
    let mut reads = Reads::new();
    for span in stream.spans(range.start, range.end.saturating_sub(range.start)) {
        let (mut at, end) = (span.start, span.start + span.len);
        while at < end {
            let shard = ends.partition_point(|&end| end <= at);
            let before = shard.checked_sub(1).map_or(0, |before| ends[before]);
            let stop = ends.get(shard).map_or(end, |&stop| stop.min(end));
            reads.entry((shard, span.epoch)).or_default().push(at - before..stop - before);
            at = stop;
        }
    }
    for ranges in reads.values_mut() {
        ranges.sort_unstable_by_key(|range| range.start);
    }
    reads
}

/// The documents that begin in these tokens; ranges that touch are one. `ends` are those of the shard's documents.
pub(super) fn documents(tokens: &[Range<u64>], ends: &[u64]) -> Vec<Range<u64>> {
    let mut ranges: Vec<Range<u64>> = Vec::new();
    for range in tokens {
        let begun = begin_before(range.start, ends)..begin_before(range.end, ends);
        match ranges.last_mut() {
            _ if begun.is_empty() => {}
            Some(last) if last.end == begun.start => last.end = begun.end,
            _ => ranges.push(begun),
        }
    }
    ranges
}

/// How many documents begin before a token.
fn begin_before(token: u64, ends: &[u64]) -> u64 {
    let inner = ends.len().saturating_sub(1);
    if token == 0 || ends.is_empty() {
        return 0;
    }
    1 + ends[..inner].partition_point(|&end| end < token) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Token by token: (shard, epoch, document) for every token read that begins one.
    fn slowly(stream: &Stream, range: Range<u64>, shards: &[Vec<u64>]) -> Vec<(usize, u64, u64)> {
        let mut begun = Vec::new();
        for token in range {
            let span = stream.spans(token, 1)[0];
            let mut at = span.start;
            for (shard, lengths) in shards.iter().enumerate() {
                let tokens: u64 = lengths.iter().sum();
                if at >= tokens {
                    at -= tokens;
                    continue;
                }
                let mut start = 0;
                for (document, length) in (0..).zip(lengths) {
                    if start == at {
                        begun.push((shard, span.epoch, document));
                    }
                    start += length;
                }
                break;
            }
        }
        begun.sort_unstable();
        begun
    }

    fn ends(lengths: &[u64]) -> Vec<u64> {
        let mut sum = 0;
        lengths
            .iter()
            .map(|length| {
                sum += length;
                sum
            })
            .collect()
    }

    proptest! {
        #[test]
        fn a_document_is_of_the_stage_that_reads_its_first_token(
            shards in prop::collection::vec(prop::collection::vec(1_u64..3000, 1..6), 1..4),
            start in 0_u64..20_000,
            len in 0_u64..30_000,
        ) {
            let totals: Vec<u64> = shards.iter().map(|lengths| lengths.iter().sum()).collect();
            let pool = ends(&totals);
            let stream = Stream::new("p", 3, *pool.last().unwrap());
            let mut found = Vec::new();
            for ((shard, epoch), tokens) in reads(&stream, start..start + len, &pool) {
                let ranges = documents(&tokens, &ends(&shards[shard]));
                prop_assert!(ranges.windows(2).all(|pair| pair[0].end < pair[1].start));
                found.extend(ranges.into_iter().flatten().map(|one| (shard, epoch, one)));
            }
            prop_assert_eq!(found, slowly(&stream, start..start + len, &shards));
        }
    }
}

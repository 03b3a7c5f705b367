//! Where the tokens of a window lie: pieces of shards, in their order.

use super::Pool;
use crate::Span;

/// Tokens of a window that lie one after another in one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The shard, counted over all pools.
    pub shard: usize,
    /// The first token in the shard.
    pub start: u64,
    /// How many tokens.
    pub len: u64,
}

impl Pool {
    /// Where `len` tokens lie that begin `token` after the stage's first of this pool.
    pub(super) fn pieces(&self, token: u64, len: u64) -> Vec<Piece> {
        let spans = self.stream.spans(self.start_token + token, len);
        spans.into_iter().flat_map(|span| self.cut(span)).collect()
    }

    /// A span of the pool, cut where its shards end.
    fn cut(&self, span: Span) -> impl Iterator<Item = Piece> + '_ {
        let end = span.start + span.len;
        let first = self.ends.partition_point(|&end| end <= span.start);
        let shards = (first..self.ends.len()).map(move |shard| {
            let before = shard.checked_sub(1).map_or(0, |before| self.ends[before]);
            let (low, high) = (span.start.max(before), end.min(self.ends[shard]));
            Piece {
                shard: self.first_shard + shard,
                start: low.saturating_sub(before),
                len: high.saturating_sub(low),
            }
        });
        // A shard without tokens has no piece; past the end there are none but those.
        shards
            .take_while(move |piece| {
                let shard = piece.shard - self.first_shard;
                shard == first || self.ends[shard - 1] < end
            })
            .filter(|piece| piece.len > 0)
    }
}

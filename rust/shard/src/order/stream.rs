//! The endless stream of a pool: its tokens epoch after epoch, each epoch but the first in an order of its own.
//!
//! Epoch 0 is the order of the shards, which was shuffled when they were written. A later epoch is a keyed permutation
//! of *pieces*, equal stretches of the pool, that depend on the pool's size alone and not on the sequence length: so a
//! stage may go on in the middle of an epoch with another length and reads nothing twice. The tail that is shorter than
//! a piece stays last.

use super::key;
use super::permutation::Permutation;

/// A piece has at most so many bits of tokens, and at least so many; between them, a pool has 256 pieces or more.
const PIECE_BITS: std::ops::RangeInclusive<u32> = 12..=16;
const PIECES_BITS: u32 = 8;

/// A pool's tokens without end.
#[derive(Clone, Debug)]
pub struct Stream {
    name: String,
    seed: u64,
    tokens: u64,
}

/// Tokens that lie one after another in the shards of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Which time the pool is read, from 0.
    pub epoch: u64,
    /// The first token, counted over the pool's shards in their order.
    pub start: u64,
    /// How many tokens.
    pub len: u64,
}

impl Stream {
    /// The stream of the pool of this name, whose shards have `tokens` tokens.
    #[must_use]
    pub fn new(name: &str, seed: u64, tokens: u64) -> Self {
        Self { name: name.to_owned(), seed, tokens }
    }

    /// Tokens of an epoch.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Tokens of a piece.
    #[must_use]
    pub fn piece(&self) -> u64 {
        let bits = self.tokens.checked_ilog2().unwrap_or(0);
        1 << bits.saturating_sub(PIECES_BITS).clamp(*PIECE_BITS.start(), *PIECE_BITS.end())
    }

    /// Whole pieces of the pool.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        self.tokens / self.piece()
    }

    /// The order of the pieces in an epoch.
    #[must_use]
    pub fn order(&self, epoch: u64) -> Permutation {
        let pieces = if epoch == 0 { 0 } else { self.pieces() };
        Permutation::new(pieces, key::of_epoch(self.seed, &self.name, epoch))
    }

    /// Where `len` tokens from `token` on lie; spans that touch in one epoch are one. Nothing if the pool is empty.
    #[must_use]
    pub fn spans(&self, token: u64, len: u64) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let (mut token, mut left) = (token, if self.tokens == 0 { 0 } else { len });
        while left > 0 {
            let mut span = self.span(token);
            span.len = span.len.min(left);
            (token, left) = (token + span.len, left - span.len);
            match spans.last_mut() {
                Some(last) if last.epoch == span.epoch && last.start + last.len == span.start => {
                    last.len += span.len;
                }
                _ => spans.push(span),
            }
        }
        spans
    }

    /// Where a token of the stream lies, and how many follow it there.
    fn span(&self, token: u64) -> Span {
        let (epoch, at) = (token / self.tokens, token % self.tokens);
        let piece = self.piece();
        if epoch == 0 || at / piece >= self.pieces() {
            return Span { epoch, start: at, len: self.tokens - at };
        }
        let within = at % piece;
        let start = self.order(epoch).at(at / piece) * piece + within;
        Span { epoch, start, len: piece - within }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Where each token of the stream lies, one by one.
    fn token_by_token(stream: &Stream, token: u64, len: u64) -> Vec<(u64, u64)> {
        let one = |token| stream.spans(token, 1).first().map(|span| (span.epoch, span.start));
        (token..token + len).filter_map(one).collect()
    }

    fn spread(spans: &[Span]) -> Vec<(u64, u64)> {
        let tokens = |span: &Span| {
            let Span { epoch, start, len } = *span;
            (start..start + len).map(move |at| (epoch, at))
        };
        spans.iter().flat_map(tokens).collect()
    }

    #[test]
    fn every_epoch_reads_every_token_once() {
        for tokens in [1, 5, 4096, 50_000, 4096 * 9] {
            let stream = Stream::new("ru-web", 17, tokens);
            let mut orders = Vec::new();
            for epoch in 0..4 {
                let mut places = spread(&stream.spans(epoch * tokens, tokens));
                orders.push(places.iter().map(|&(_, at)| at).collect::<Vec<_>>());
                places.sort_unstable();
                assert!(places.into_iter().eq((0..tokens).map(|at| (epoch, at))));
            }
            assert!(orders[0].iter().copied().eq(0..tokens), "the first epoch is as written");
            assert!(tokens < 4096 * 3 || (orders[1] != orders[0] && orders[1] != orders[2]));
        }
    }

    #[test]
    fn pieces_grow_with_the_pool_up_to_a_limit() {
        let piece = |tokens| Stream::new("", 0, tokens).piece();
        assert_eq!([0, 1 << 20, 1 << 22, 1 << 30].map(piece), [4096, 4096, 16_384, 65_536]);
    }

    #[test]
    fn an_empty_pool_has_no_tokens() {
        assert_eq!(Stream::new("", 0, 0).spans(0, 10), []);
    }

    proptest! {
        #[test]
        fn a_window_is_its_tokens(tokens in 1_u64..60_000, start in 0_u64..200_000, len in 0_u64..9000) {
            let stream = Stream::new("p", 3, tokens);
            let spans = stream.spans(start, len);
            prop_assert_eq!(spread(&spans), token_by_token(&stream, start, len));
            let apart = |pair: &[Span]| pair[0].start + pair[0].len != pair[1].start || pair[0].epoch != pair[1].epoch;
            prop_assert!(spans.windows(2).all(apart));
        }
    }
}

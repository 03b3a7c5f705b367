//! The documents that windows are made of, as trainers mask, count and trace them.

use super::token_id::Position;
use super::window::Piece;
use crate::{Error, Result, Shard};

/// Stretches of documents, in the order of the tokens; an item a stretch, but `ends` has one more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// Tokens of the batch up to each stretch, from 0 on: `cu_seqlens`. A window's end always ends a stretch.
    pub ends: Vec<i32>,
    /// The pool, as a place in the stage's list.
    pub pools: Vec<u32>,
    /// The language, as a place among the reader's names.
    pub languages: Vec<u8>,
    /// The source, as a place among the reader's names.
    pub sources: Vec<u16>,
    /// The shard, counted over all pools.
    pub shards: Vec<u32>,
    /// The document's place in its shard.
    pub places: Vec<u64>,
    /// Tokens of the document before the stretch: 0 where the document begins.
    pub offsets: Vec<u64>,
    /// The document's id.
    pub ids: Vec<[u8; 16]>,
}

impl Documents {
    /// For windows of `length` tokens, fewer than 2³¹ in all.
    pub(super) fn new(windows: &[u64], length: u64) -> Result<Self> {
        let tokens = (windows.len() as u64).checked_mul(length);
        if tokens.is_none_or(|tokens| i32::try_from(tokens).is_err()) {
            let message = format!("{} of {length} tokens are 2³¹ tokens or more", windows.len());
            return Err(Error::Params { parameter: "samples", message });
        }
        Ok(Self { ends: vec![0], ..Self::default() })
    }

    /// The documents of a piece of a window.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "pools and shards of a manifest are far fewer than 2³²"
    )]
    pub(super) fn add(&mut self, pool: usize, piece: &Piece, shard: &Shard) -> Result<()> {
        let (metas, ids) = (shard.metas(), shard.id_bytes());
        cut(piece, shard, |place, stretch| {
            let before = place.checked_sub(1).map_or(0, |before| shard.ends()[before]);
            self.extend(stretch.len);
            self.pools.push(pool as u32);
            self.languages.push(metas[place].language);
            self.sources.push(metas[place].source);
            self.shards.push(piece.shard as u32);
            self.places.push(place as u64);
            self.offsets.push(stretch.start - before);
            self.ids.push(ids[place]);
        })
    }

    /// One stretch more, whose tokens fit since those of the batch do.
    fn extend(&mut self, tokens: u64) {
        let last = self.ends.last().copied().unwrap_or_default();
        self.ends.push(last.saturating_add(i32::try_from(tokens).unwrap_or(i32::MAX)));
    }
}

/// Cuts a piece where documents end; `see` is told each document's place and what is of it.
pub(super) fn cut(piece: &Piece, shard: &Shard, mut see: impl FnMut(usize, Piece)) -> Result<()> {
    let ends = shard.ends();
    let (mut start, end) = (piece.start, piece.start + piece.len);
    let mut place = ends.partition_point(|&end| end <= start);
    if place.checked_sub(1).is_some_and(|before| ends[before] > start) {
        return Err(not_rising(shard, place));
    }
    while start < end {
        let stop = ends.get(place).filter(|&&stop| stop > start);
        let stop = stop.map(|&stop| stop.min(end)).ok_or_else(|| not_rising(shard, place))?;
        see(place, Piece { start, len: stop - start, ..*piece });
        start = stop;
        place += 1;
    }
    Ok(())
}

fn not_rising(shard: &Shard, place: usize) -> Error {
    let found = format!("document {place} that has no tokens or less");
    Error::format(shard.gdx_path(), 0, found, "a DOC_END that rises")
}

/// The position of every token in its stretch, from 0 on; `ends` is [`Documents::ends`].
pub fn positions<P: Position>(ends: &[i32], out: &mut [P]) -> Result<()> {
    let mut left = &mut *out;
    for pair in ends.windows(2) {
        let tokens = usize::try_from(i64::from(pair[1]) - i64::from(pair[0])).ok();
        let (now, later) = tokens
            .and_then(|tokens| std::mem::take(&mut left).split_at_mut_checked(tokens))
            .ok_or_else(|| not_of(ends))?;
        for (place, position) in (0..).zip(now) {
            *position = P::of(place);
        }
        left = later;
    }
    if left.is_empty() { Ok(()) } else { Err(not_of(ends)) }
}

fn not_of(ends: &[i32]) -> Error {
    let message = format!("expected one position for each of {} tokens", ends.last().unwrap_or(&0));
    Error::Params { parameter: "out", message }
}

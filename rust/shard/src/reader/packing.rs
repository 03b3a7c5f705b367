//! How the documents of a group of windows are laid out in them: every token once, every window full.

use std::collections::BTreeSet;

use super::window::Piece;
use crate::{Error, Result};

/// How documents are laid out in windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Packing {
    /// One after another, cut where windows end.
    #[default]
    Concat,
    /// Whole where they fit best, the longest first; cut to fill what is left (arXiv 2404.10830).
    BestFit,
    /// Cut into stretches of powers of two, equal ones together (dataset decomposition, arXiv 2405.13226).
    Pow2,
}

impl std::str::FromStr for Packing {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "concat" => Ok(Self::Concat),
            "best_fit" => Ok(Self::BestFit),
            "pow2" => Ok(Self::Pow2),
            _ => {
                let message = format!("expected concat, best_fit or pow2, found {name}");
                Err(Error::Params { parameter: "packing", message })
            }
        }
    }
}

/// Lays pieces of single documents, in the order of the stream, into windows of `length` tokens, which they fill.
pub(super) fn lay_out(packing: Packing, pieces: &[Piece], length: u64) -> Vec<Vec<Piece>> {
    match packing {
        Packing::Concat => in_order(pieces, length),
        Packing::Pow2 => powers_of_two(pieces, length),
        Packing::BestFit => best_fit(pieces, length),
    }
}

/// A piece in two: its first `len` tokens and the rest.
fn split(piece: Piece, len: u64) -> (Piece, Piece) {
    let rest = Piece { start: piece.start + len, len: piece.len - len, ..piece };
    (Piece { len, ..piece }, rest)
}

/// One after another, cut where windows end.
fn in_order(pieces: &[Piece], length: u64) -> Vec<Vec<Piece>> {
    let mut windows = Vec::new();
    let (mut window, mut room) = (Vec::new(), length);
    for &piece in pieces {
        let mut rest = piece;
        while rest.len > 0 {
            let (now, later) = split(rest, rest.len.min(room));
            window.push(now);
            room -= now.len;
            if room == 0 {
                windows.push(std::mem::take(&mut window));
                room = length;
            }
            rest = later;
        }
    }
    windows
}

/// Longest first, so that equal stretches share windows. A stretch is a power of two, as a window is, and what lies
/// before it is a multiple of it: so none crosses a window's end.
fn powers_of_two(pieces: &[Piece], length: u64) -> Vec<Vec<Piece>> {
    let mut stretches = Vec::new();
    for &piece in pieces {
        let mut rest = piece;
        while rest.len > 0 {
            let (now, later) = split(rest, (1 << rest.len.ilog2()).min(length));
            stretches.push(now);
            rest = later;
        }
    }
    stretches.sort_by_key(|stretch| std::cmp::Reverse(stretch.len));
    in_order(&stretches, length)
}

/// Windows and what is free in them, by what is free.
struct Bins {
    windows: Vec<Vec<Piece>>,
    /// Of the windows with room: how much, and which.
    free: BTreeSet<(u64, usize)>,
}

impl Bins {
    fn put(&mut self, place: (u64, usize), piece: Piece) {
        let (room, window) = place;
        self.free.remove(&place);
        if room > piece.len {
            self.free.insert((room - piece.len, window));
        }
        self.windows[window].push(piece);
    }
}

/// Best fit decreasing, then what fits nowhere is cut to fill the largest gaps.
fn best_fit(pieces: &[Piece], length: u64) -> Vec<Vec<Piece>> {
    let tokens: u64 = pieces.iter().map(|piece| piece.len).sum();
    let count = usize::try_from(tokens / length).unwrap_or(usize::MAX);
    let windows = vec![Vec::new(); count];
    let mut bins = Bins { windows, free: (0..count).map(|window| (length, window)).collect() };
    let mut parts: Vec<Piece> =
        pieces.iter().flat_map(|&piece| in_lengths(piece, length)).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len));
    let mut left = Vec::new();
    for part in parts {
        match bins.free.range((part.len, 0)..).next().copied() {
            Some(place) => bins.put(place, part),
            None => left.push(part),
        }
    }
    for mut part in left {
        while part.len > 0 {
            // The largest gap, and of equal ones the first window.
            let largest = bins.free.last().map_or(0, |&(room, _)| room);
            let Some(place) = bins.free.range((largest, 0)..).next().copied() else { break };
            let (now, later) = split(part, part.len.min(largest));
            bins.put(place, now);
            part = later;
        }
    }
    bins.windows
}

/// A piece in parts of `length` tokens, and what is left.
fn in_lengths(piece: Piece, length: u64) -> impl Iterator<Item = Piece> {
    let starts = (0..piece.len).step_by(usize::try_from(length).unwrap_or(usize::MAX));
    starts.map(move |before| split(split(piece, before).1, length.min(piece.len - before)).0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Documents one after another, the last one filled up so that whole windows come out.
    fn documents(lengths: &[u64], length: u64) -> Vec<Piece> {
        let tokens: u64 = lengths.iter().sum();
        let lengths = lengths.iter().copied().chain([tokens.next_multiple_of(length) - tokens]);
        let mut start = 0;
        let pieces = lengths.filter(|&len| len > 0).map(|len| {
            start += len;
            Piece { shard: 0, start: start - len, len }
        });
        pieces.collect()
    }

    fn assert_all_once(windows: &[Vec<Piece>], pieces: &[Piece], length: u64) {
        let mut spans: Vec<(u64, u64)> = Vec::new();
        for window in windows {
            assert_eq!(window.iter().map(|piece| piece.len).sum::<u64>(), length);
            spans.extend(window.iter().map(|piece| (piece.start, piece.start + piece.len)));
        }
        for (start, end) in &spans {
            let within = |piece: &&Piece| piece.start <= *start && *end <= piece.start + piece.len;
            assert!(
                pieces.iter().any(|piece| within(&piece)),
                "{start}..{end} is of two documents"
            );
        }
        spans.sort_unstable();
        let mut next = 0;
        for (start, end) in spans {
            assert_eq!(start, next);
            next = end;
        }
        assert_eq!(next, pieces.iter().map(|piece| piece.len).sum::<u64>());
    }

    /// Best fit by looking at every window.
    fn obvious(pieces: &[Piece], length: u64) -> Vec<Vec<Piece>> {
        let tokens: u64 = pieces.iter().map(|piece| piece.len).sum();
        let mut windows: Vec<Vec<Piece>> =
            vec![Vec::new(); usize::try_from(tokens / length).unwrap()];
        let mut parts = Vec::new();
        for piece in pieces {
            let mut at = 0;
            while at < piece.len {
                let len = length.min(piece.len - at);
                parts.push(Piece { start: piece.start + at, len, ..*piece });
                at += len;
            }
        }
        parts.sort_by(|a, b| b.len.cmp(&a.len).then(a.start.cmp(&b.start)));
        let room = |window: &Vec<Piece>| length - window.iter().map(|p| p.len).sum::<u64>();
        let mut left = Vec::new();
        for part in parts {
            let fits = (0..windows.len()).filter(|&w| room(&windows[w]) >= part.len);
            match fits.min_by_key(|&w| (room(&windows[w]), w)) {
                Some(window) => windows[window].push(part),
                None => left.push(part),
            }
        }
        for mut part in left {
            while part.len > 0 {
                let widest =
                    (0..windows.len()).min_by_key(|&w| (length - room(&windows[w]), w)).unwrap();
                let len = room(&windows[widest]).min(part.len);
                windows[widest].push(Piece { len, ..part });
                part = Piece { start: part.start + len, len: part.len - len, ..part };
            }
        }
        windows
    }

    #[test]
    fn documents_that_fit_are_not_cut() {
        let pieces = documents(&[10, 54, 30, 34, 20, 44, 64, 1, 63], 64);
        let windows = lay_out(Packing::BestFit, &pieces, 64);
        let count: usize = windows.iter().map(Vec::len).sum();
        assert_eq!((windows.len(), count), (5, 9));
    }

    #[test]
    fn powers_of_two_lie_at_their_multiples() {
        let pieces = documents(&[100, 7, 64, 33, 1, 1, 90], 64);
        let windows = lay_out(Packing::Pow2, &pieces, 64);
        for window in &windows {
            let mut at = 0;
            for piece in window {
                assert!(piece.len.is_power_of_two() && at % piece.len == 0);
                at += piece.len;
            }
        }
        assert_all_once(&windows, &pieces, 64);
    }

    #[test]
    fn names_are_read() {
        assert_eq!("best_fit".parse::<Packing>().unwrap(), Packing::BestFit);
        assert_eq!("pow2".parse::<Packing>().unwrap(), Packing::Pow2);
        let error = "bfd".parse::<Packing>().unwrap_err().to_string();
        assert!(error.contains("packing: expected concat, best_fit or pow2, found bfd"), "{error}");
    }

    proptest! {
        #[test]
        fn every_token_is_laid_out_once(
            lengths in prop::collection::vec(prop_oneof![1_u64..40, 1_u64..300], 1..60),
            power in 3_u32..8,
        ) {
            let pieces = documents(&lengths, 1 << power);
            for packing in [Packing::Concat, Packing::BestFit, Packing::Pow2] {
                assert_all_once(&lay_out(packing, &pieces, 1 << power), &pieces, 1 << power);
            }
        }

        #[test]
        fn best_fit_is_the_obvious_one(
            lengths in prop::collection::vec(1_u64..90, 1..40), length in 1_u64..70,
        ) {
            let pieces = documents(&lengths, length);
            prop_assert_eq!(lay_out(Packing::BestFit, &pieces, length), obvious(&pieces, length));
        }
    }
}

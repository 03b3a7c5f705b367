//! The proof that bytes which go are those that stay: windows of equal hashes propose, and SHA-256 of both sides decides.

use std::iter::Peekable;
use std::path::Path;

use gamayun_dedup::{Sorted, Sorter};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::part::index;

/// `[rank of the source, row, start, end, start in the source]` of bytes that are to go.
pub(crate) type Removal = [u64; 5];
/// `[row, start, end, 2 × number of the removal]` of its bytes, and one more of those of its source.
pub(crate) type Side = [u64; 4];
/// `[that number, half, half]` of a side's hash.
pub(crate) type SideHash = [u64; 3];

/// Both sides of a removal that is `number`th, the source in the document of `source_row`.
pub(crate) fn sides(number: u64, removal: Removal, source_row: u64) -> [Side; 2] {
    let [_, row, start, end, at] = removal;
    [[row, start, end, 2 * number], [source_row, at, at + (end - start), 2 * number + 1]]
}

/// The hash of a side in the text of its document.
pub(crate) fn hash(text: &str, [_, start, end, side]: Side, scratch: &Path) -> Result<SideHash> {
    let beyond = || Error::damaged(scratch, format!("bytes {start} to {end} are not in a text"));
    let bytes = text.as_bytes().get(index(start)..index(end)).ok_or_else(beyond)?;
    let hash = Sha256::digest(bytes);
    let half = |from: usize| {
        hash[from..from + 8].iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
    };
    Ok([side, half(0), half(8)])
}

/// Whether the bytes of the next removal are those of its source: takes both sides.
pub(crate) fn is_proven(
    number: u64,
    hashes: &mut impl Iterator<Item = gamayun_dedup::Result<SideHash>>,
    scratch: &Path,
) -> Result<bool> {
    let mut next = |side: u64| -> Result<[u64; 2]> {
        match hashes.next().transpose()? {
            Some([of, a, b]) if of == side => Ok([a, b]),
            _ => Err(Error::damaged(scratch, format!("no hash of removal {number}"))),
        }
    };
    Ok(next(2 * number)? == next(2 * number + 1)?)
}

/// The sides that lie in a document, of those in order from a part of which earlier rows were taken.
pub(crate) fn of_row<I: Iterator<Item = gamayun_dedup::Result<Side>>>(
    sides: &mut Peekable<I>,
    row: u64,
) -> impl Iterator<Item = gamayun_dedup::Result<Side>> {
    std::iter::from_fn(move || sides.next_if(|s| s.as_ref().map_or(true, |s| s[0] == row)))
}

/// The row of each rank, which are asked for in ascending order.
pub(crate) struct Ranked<I> {
    ids: I,
    now: Option<(u64, [u64; 3])>,
    next: u64,
}

impl<I: Iterator<Item = gamayun_dedup::Result<[u64; 3]>>> Ranked<I> {
    /// Over `[id, id, row]` in the order of ids.
    pub(crate) fn new(ids: I) -> Self {
        Self { ids, now: None, next: 0 }
    }

    /// `[id, id, row]` of a rank.
    pub(crate) fn at(&mut self, rank: u64, scratch: &Path) -> Result<[u64; 3]> {
        while self.now.is_none_or(|(at, _)| at < rank) {
            let missing = || Error::damaged(scratch, format!("no id of rank {rank}"));
            self.now = Some((self.next, self.ids.next().ok_or_else(missing)??));
            self.next += 1;
        }
        self.now.map(|(_, id)| id).ok_or_else(|| Error::damaged(scratch, "no ids"))
    }
}

/// Both sides of all removals, by row.
pub(crate) fn all_sides(
    removals: &Sorted<5>,
    ids: &Sorted<3>,
    mut into: Sorter<4>,
    scratch: &Path,
) -> Result<Sorted<4>> {
    let mut ids = Ranked::new(ids.read()?);
    for (number, removal) in (0..).zip(removals.read()?) {
        let removal = removal?;
        let [_, _, source_row] = ids.at(removal[0], scratch)?;
        into.extend(sides(number, removal, source_row))?;
    }
    Ok(into.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(text: &str, source: &str, removal: Removal) -> Result<bool> {
        let [gone, stays] = sides(7, removal, 3);
        let at = Path::new("scratch");
        let hashes = [hash(text, gone, at)?, hash(source, stays, at)?];
        is_proven(7, &mut hashes.into_iter().map(Ok), at)
    }

    #[test]
    fn only_equal_bytes_are_proven() {
        assert!(proven("a quick fox", "the quick one", [0, 5, 1, 8, 3]).unwrap());
        assert!(!proven("a quick fox", "the quack one", [0, 5, 1, 8, 3]).unwrap());
        assert!(proven("a quick fox", "short", [0, 5, 1, 8, 3]).is_err());
    }

    #[test]
    fn hashes_of_another_removal_are_an_error() {
        let hashes = [[12, 1, 1], [13, 1, 1]].map(Ok);
        assert!(is_proven(7, &mut hashes.into_iter(), Path::new("scratch")).is_err());
        assert!(is_proven(7, &mut std::iter::empty(), Path::new("scratch")).is_err());
    }

    #[test]
    fn ranks_are_found_in_order() {
        let ids = (0..5).map(|rank| Ok([rank, rank, 100 - rank]));
        let mut ranked = Ranked::new(ids);
        let at = Path::new("scratch");
        let rows: Vec<u64> =
            [0, 0, 2, 4].iter().map(|&rank| ranked.at(rank, at).unwrap()[2]).collect();
        assert_eq!(rows, [100, 100, 98, 96]);
        assert!(ranked.at(5, at).is_err());
    }
}

//! Documents of one source that share an id: the number that each of them gets, found without holding the ids of all.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use gamayun_dedup::{Sorted, Sorter};
use gamayun_text::{DocId, Monitor};

use super::own::Own;
use crate::error::Result;
use crate::fate;
use crate::parallel::Tally;
use crate::sorting::{Sorting, Watched};
use crate::tables::{for_each_batch, id_at};

/// `[row, number]` of the documents whose number is not 0.
pub(crate) struct Numbers(Sorted<2>);

/// Numbers those that share an id in the order of the hash of all they hold. 16 bytes of scratch a document where they do
/// not fit into the memory, and 80 a document that shares its id.
pub(crate) fn number(
    own: &Own<'_>,
    sorting: Sorting<'_>,
    monitor: &mut dyn Monitor,
) -> Result<Numbers> {
    let ids = ids(own, sorting, monitor)?;
    let shared = sorting.derived(&ids, monitor, shared)?;
    drop(ids);
    let members = members(own, &shared, sorting, monitor)?;
    Ok(Numbers(sorting.derived(&members, monitor, numbers)?))
}

impl Numbers {
    /// Documents that have a number.
    pub(crate) fn count(&self) -> u64 {
        self.0.length()
    }
}

/// The ids of rows that are gone through in ascending order.
pub(crate) struct Numbered(Peekable<IntoIter<[u64; 2]>>);

impl Numbered {
    /// Those of these rows.
    pub(crate) fn of(numbers: &Numbers, rows: Range<u64>) -> Result<Self> {
        let found: gamayun_dedup::Result<Vec<_>> =
            numbers.0.range(Some([rows.start, 0]), Some([rows.end, 0]))?.collect();
        Ok(Self(found?.into_iter().peekable()))
    }

    /// The id of a row, which is unique, from the one that others may share.
    pub(crate) fn id(&mut self, row: u64, shared: DocId) -> DocId {
        while self.0.next_if(|[other, _]| *other < row).is_some() {}
        self.0.next_if(|[other, _]| *other == row).map_or(shared, |[_, n]| shared.numbered(n))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
fn halves(value: u128) -> [u64; 2] {
    [(value >> 64) as u64, value as u64]
}

/// The first half of each id, and the row.
fn ids(own: &Own<'_>, sorting: Sorting<'_>, monitor: &mut dyn Monitor) -> Result<Sorted<2>> {
    let tally = Tally::of(own.documents);
    sorting.pieces(own.parts.len(), &tally, monitor, |number, out| {
        let (path, start) =
            (fate::table(own.layout, "annotations", &own.parts[number]), own.rows(number).start);
        for_each_batch(&path, &["doc_id"], |first, rows| {
            tally.check()?;
            let (ids, base) = (rows.ids("doc_id")?, start + first as u64);
            let records =
                (0..rows.len()).map(|row| [halves(id_at(ids, row).0)[0], base + row as u64]);
            out.extend(records)?;
            tally.add(rows.len() as u64, 0, 0);
            Ok(())
        })?;
        Ok(())
    })
}

/// The rows whose half of an id another has too.
fn shared(records: Watched<'_, 2>, out: &mut Sorter<1>) -> Result<()> {
    let mut last: Option<([u64; 2], bool)> = None;
    for record in records {
        let [id, row] = record?;
        let again = last.is_some_and(|([before, _], _)| before == id);
        if again {
            if let Some(([_, first], false)) = last {
                out.push([first])?;
            }
            out.push([row])?;
        }
        last = Some(([id, row], again));
    }
    Ok(())
}

/// Id, hash of all that the document holds, and row, of each of these rows.
fn members(
    own: &Own<'_>,
    shared: &Sorted<1>,
    sorting: Sorting<'_>,
    monitor: &mut dyn Monitor,
) -> Result<Sorted<5>> {
    let tally = Tally::of(shared.length());
    sorting.pieces(own.parts.len(), &tally, monitor, |number, out| {
        tally.check()?;
        let rows = own.rows(number);
        let mut wanted = shared.range(Some([rows.start]), Some([rows.end]))?.peekable();
        if wanted.peek().is_none() {
            return Ok(());
        }
        let path = fate::table(own.layout, "annotations", &own.parts[number]);
        for_each_batch(&path, &["doc_id", "tie_hash"], |first, batch| {
            tally.check()?;
            let (ids, ties) = (batch.ids("doc_id")?, batch.ids("tie_hash")?);
            let base = rows.start + first as u64;
            let end = base + batch.len() as u64;
            while let Some(row) =
                wanted.next_if(|row| row.as_ref().map_or(true, |[row]| *row < end))
            {
                let [row] = row?;
                let place = crate::part::index(row - base);
                let [a, b] = halves(id_at(ids, place).0);
                let [c, d] = halves(id_at(ties, place).0);
                out.push([a, b, c, d, row])?;
                tally.add(1, 0, 0);
            }
            Ok(())
        })?;
        Ok(())
    })
}

/// The numbers of rows in groups of one id.
fn numbers(records: Watched<'_, 5>, out: &mut Sorter<2>) -> Result<()> {
    let (mut last, mut number) = (None, 0);
    for record in records {
        let [a, b, _, _, row] = record?;
        number = if last == Some([a, b]) { number + 1 } else { 0 };
        last = Some([a, b]);
        if number > 0 {
            out.push([row, number])?;
        }
    }
    Ok(())
}

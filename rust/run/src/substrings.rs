//! The step that removes exact substrings: bytes that repeat `min_bytes` or more of text that stays elsewhere.
//!
//! Documents go by their ids, the least first, and see what levels before left. Each stage sorts records out of core: anchors,
//! windows around those that occur twice, repeats, removals.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use gamayun_dedup::{Repeat, Repeats, Sorted, Sorter, anchors, windows_around};
use gamayun_text::hash::hash128;
use gamayun_text::{DocId, Monitor, Progress};

use crate::edits::{self, EDITS, Edit, Level, apply};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::part::index;
use crate::part::{self, Part, first_rows};
use crate::passages::{EditCounts, for_each_text, halves, without, write};
use crate::select::{Fate, fates};
use crate::substring_proof::{self as proof, Ranked};

/// How substrings are removed.
#[derive(Clone, Debug)]
pub struct SubstringParams {
    /// Bytes of the shortest repeat that is looked for, at least 1.
    pub min_bytes: u64,
    /// Whether passages were removed before.
    pub after_passages: bool,
    /// A document that is left with fewer characters is dropped.
    pub document_characters: u64,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that the step may use.
    pub memory: u64,
}

/// Removes repeated substrings: adds them to `edits/`, row-aligned.
pub fn substrings(
    layout: &Layout,
    params: &SubstringParams,
    monitor: &mut dyn Monitor,
) -> Result<EditCounts> {
    let parts = part::parts(layout)?;
    if !params.after_passages {
        layout.fresh_folder(EDITS)?;
    }
    let scratch = layout.fresh_folder("scratch/substrings")?;
    let (first, _) = first_rows(&parts);
    let step = Step { layout, params, parts: &parts, first: &first, scratch: &scratch };
    let (ids, ranks) = step.order(monitor)?;
    let anchors = step.anchors(monitor)?;
    let windows = step.windows(&anchors, &ranks, monitor)?;
    drop(anchors);
    let repeats = step.repeats(&windows, monitor)?;
    drop(windows);
    let removals = step.decide(&repeats, monitor)?;
    drop(repeats);
    let hashes = step.hashes(&removals, &ids, monitor)?;
    let removals = step.evidence(&removals, &hashes, &ids, monitor)?;
    drop(hashes);
    let counts = step.write(&removals, monitor)?;
    layout.remove_folder("scratch")?;
    Ok(counts)
}

struct Step<'a> {
    layout: &'a Layout,
    params: &'a SubstringParams,
    parts: &'a [Part],
    first: &'a [u64],
    scratch: &'a Path,
}

impl Step<'_> {
    fn n(&self) -> usize {
        index(self.params.min_bytes.max(1))
    }

    fn sorter<const N: usize>(&self) -> Result<Sorter<N>> {
        Ok(Sorter::new(self.scratch, self.params.memory / 4, self.params.threads)?)
    }

    /// Sorts what `work` pushes for each part.
    fn by_part<const N: usize>(
        &self,
        monitor: &mut dyn Monitor,
        work: impl Fn(usize, &mut Sorter<N>, &Tally) -> Result<()> + Sync,
    ) -> Result<Sorted<N>> {
        let threads = self.params.threads.max(1);
        let tally = Tally::of(self.parts.iter().map(|part| part.receipt.text_bytes).sum());
        let share = (self.params.memory / (8 * threads as u64)).min(128 << 20);
        let all = Mutex::new(self.sorter::<N>()?);
        parallel::map(self.parts.len(), threads, &tally, monitor, |number| {
            let mut sorter = Sorter::new(self.scratch, share, 1)?;
            work(number, &mut sorter, &tally)?;
            Ok(all.lock().unwrap_or_else(PoisonError::into_inner).absorb(sorter)?)
        })?;
        Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner).finish()?)
    }

    /// `[id, id, row]` of each survivor, and `[row, rank]`: its place in the order of ids.
    fn order(&self, monitor: &mut dyn Monitor) -> Result<(Sorted<3>, Sorted<2>)> {
        let ids = self.by_part::<3>(monitor, |number, into, tally| {
            tally.check()?;
            for (row, fate) in (self.first[number]..).zip(fates(self.layout, &self.parts[number])?)
            {
                if let Some(fate) = fate {
                    let [a, b] = halves(fate.doc_id.0);
                    into.push([a, b, row])?;
                }
            }
            Ok(())
        })?;
        let mut ranks = self.sorter::<2>()?;
        for (rank, record) in (0..).zip(ids.read()?) {
            ranks.push([record?[2], rank])?;
        }
        Ok((ids, ranks.finish()?))
    }

    /// `[row, place]` of each anchor that occurs more than once.
    fn anchors(&self, monitor: &mut dyn Monitor) -> Result<Sorted<2>> {
        let all = self.by_part::<3>(monitor, |number, into, tally| {
            self.for_each(number, tally, |row, _, _, text| {
                let found = anchors(text.as_bytes(), self.n());
                let row = self.first[number] + row as u64;
                Ok(into.extend(found.into_iter().map(|(hash, place)| [hash, row, place as u64]))?)
            })
        })?;
        let mut twice = self.sorter::<2>()?;
        let mut last: Option<([u64; 3], bool)> = None;
        for (number, record) in all.read()?.enumerate() {
            listen(number, monitor)?;
            let record = record?;
            let again = match last {
                Some((other, pushed)) if other[0] == record[0] => {
                    if !pushed {
                        twice.push([other[1], other[2]])?;
                    }
                    twice.push([record[1], record[2]])?;
                    true
                }
                _ => false,
            };
            last = Some((record, again));
        }
        Ok(twice.finish()?)
    }

    /// `[hash, hash, rank, place, row]` of the windows around those anchors.
    fn windows(
        &self,
        anchors: &Sorted<2>,
        ranks: &Sorted<2>,
        monitor: &mut dyn Monitor,
    ) -> Result<Sorted<5>> {
        self.by_part::<5>(monitor, |number, into, tally| {
            let start = self.first[number];
            let end = Some([start + self.parts[number].documents, 0]);
            let mut anchors = anchors.range(Some([start, 0]), end)?.peekable();
            let mut ranks = ranks.range(Some([start, 0]), end)?.peekable();
            let mut places = Vec::new();
            self.for_each(number, tally, |row, _, _, text| {
                let row = start + row as u64;
                places.clear();
                while let Some(anchor) = anchors.next_if(|a| at_or_before(a.as_ref(), row)) {
                    let [of, place] = anchor?;
                    if of == row {
                        places.push(index(place));
                    }
                }
                let mut rank = 0;
                while let Some(record) = ranks.next_if(|r| at_or_before(r.as_ref(), row)) {
                    rank = record?[1];
                }
                let text = text.as_bytes();
                for at in windows_around(&places, text.len(), self.n()).into_iter().flatten() {
                    let [a, b] = halves(hash128(&text[at..at + self.n()]));
                    into.push([a, b, rank, at as u64, row])?;
                }
                Ok(())
            })
        })
    }

    /// `[rank, place, row]` of each window that equals one before it, then `[rank, place, row]` of the first of its kind.
    fn repeats(&self, windows: &Sorted<5>, monitor: &mut dyn Monitor) -> Result<Sorted<6>> {
        let mut repeats = self.sorter::<6>()?;
        let mut source: Option<[u64; 5]> = None;
        for (number, record) in windows.read()?.enumerate() {
            listen(number, monitor)?;
            let [a, b, rank, place, row] = record?;
            match source {
                Some([c, d, first, at, of]) if [a, b] == [c, d] => {
                    repeats.push([rank, place, row, first, at, of])?;
                }
                _ => source = Some([a, b, rank, place, row]),
            }
        }
        Ok(repeats.finish()?)
    }

    /// All that is to go.
    fn decide(&self, repeats: &Sorted<6>, monitor: &mut dyn Monitor) -> Result<Sorted<5>> {
        let mut removals = self.sorter::<5>()?;
        let mut state = Repeats::new(self.n() as u64);
        let mut records = repeats.read()?.peekable();
        let mut number = 0;
        while let Some(record) = records.next() {
            let record = record?;
            let (rank, row) = (record[0], record[2]);
            let mut failed = None;
            let rest = std::iter::from_fn(|| {
                let next = records.next_if(|r| r.as_ref().map_or(true, |r| r[0] == rank))?;
                next.map_err(|error| failed = Some(error)).ok().map(repeat)
            });
            let gone = state.decide(rank, std::iter::once(repeat(record)).chain(rest));
            if let Some(error) = failed {
                return Err(error.into());
            }
            number += 1;
            listen(number, monitor)?;
            for gone in gone {
                let (start, end) = (gone.bytes.start, gone.bytes.end);
                removals.push([gone.source, row, start, end, gone.source_at])?;
            }
            if state.memory() > self.params.memory / 4 {
                return Err(Error::MemoryTooSmall {
                    step: "substrings",
                    need: 8 * state.memory(),
                    budget: self.params.memory,
                    documents: rank + 1,
                });
            }
        }
        Ok(removals.finish()?)
    }

    /// The hashes of what is to go and of what is to stay for it.
    fn hashes(
        &self,
        removals: &Sorted<5>,
        ids: &Sorted<3>,
        monitor: &mut dyn Monitor,
    ) -> Result<Sorted<3>> {
        let sides = proof::all_sides(removals, ids, self.sorter()?, self.scratch)?;
        self.by_part::<3>(monitor, |number, into, tally| {
            let start = self.first[number];
            let end = Some([start + self.parts[number].documents, 0, 0, 0]);
            let mut sides = sides.range(Some([start, 0, 0, 0]), end)?.peekable();
            self.for_each(number, tally, |row, _, _, text| {
                for side in proof::of_row(&mut sides, start + row as u64) {
                    into.push(proof::hash(text, side?, self.scratch)?)?;
                }
                Ok(())
            })
        })
    }

    /// `[row, start, end, id, id]` with the document that keeps the text; `[row, MAX, ...]` says that a document is one.
    fn evidence(
        &self,
        removals: &Sorted<5>,
        hashes: &Sorted<3>,
        ids: &Sorted<3>,
        monitor: &mut dyn Monitor,
    ) -> Result<Sorted<5>> {
        let mut found = self.sorter::<5>()?;
        let (mut ids, mut hashes) = (Ranked::new(ids.read()?), hashes.read()?);
        let mut keeper = None;
        for (number, record) in (0u64..).zip(removals.read()?) {
            listen(index(number), monitor)?;
            let [source, row, start, end, _] = record?;
            // What was not removed after all only makes more whole of what others rest on.
            if !proof::is_proven(number, &mut hashes, self.scratch)? {
                continue;
            }
            let [a, b, source_row] = ids.at(source, self.scratch)?;
            if keeper != Some(source) {
                found.push([source_row, u64::MAX, 0, 0, 0])?;
                keeper = Some(source);
            }
            found.push([row, start, end, a, b])?;
        }
        Ok(found.finish()?)
    }

    fn write(&self, removals: &Sorted<5>, monitor: &mut dyn Monitor) -> Result<EditCounts> {
        let tally = Tally::of(self.parts.iter().map(|part| part.receipt.text_bytes).sum());
        let threads = self.params.threads.max(1);
        let counted = parallel::map(self.parts.len(), threads, &tally, monitor, |number| {
            self.write_part(number, removals, &tally)
        })?;
        Ok(EditCounts::sum(counted))
    }

    fn write_part(&self, number: usize, removals: &Sorted<5>, tally: &Tally) -> Result<EditCounts> {
        let (start, part) = (self.first[number], &self.parts[number]);
        let end = start + part.documents;
        let mut removals =
            removals.range(Some([start, 0, 0, 0, 0]), Some([end, 0, 0, 0, 0]))?.peekable();
        let mut counts = EditCounts::default();
        let mut edits = vec![Edit::default(); index(part.documents)];
        self.for_each_edit(number, tally, |row, fate, mut edit, text| {
            let mut cuts = Vec::new();
            while let Some(record) =
                removals.next_if(|r| r.as_ref().map_or(true, |r| r[0] == start + row as u64))
            {
                let [_, from, to, a, b] = record?;
                if from == u64::MAX {
                    edit.keeps.push(Level::Substring);
                    continue;
                }
                let cut = trimmed(text, index(from)..index(to));
                if !cut.is_empty() {
                    cuts.push((cut, DocId(u128::from(a) << 64 | u128::from(b))));
                }
            }
            let left = without(text, &cuts);
            edit.add(Level::Substring, &cuts);
            edit.settle(&left, self.params.document_characters);
            counts.add(fate, &edit);
            edits[row] = edit;
            Ok(())
        })?;
        write(self.layout, part, &edits)?;
        Ok(counts)
    }

    /// As `for_each_edit`, without the documents that levels before dropped.
    fn for_each(
        &self,
        number: usize,
        tally: &Tally,
        mut f: impl FnMut(usize, &Fate, Edit, &str) -> Result<()>,
    ) -> Result<()> {
        self.for_each_edit(number, tally, |row, fate, mut edit, text| {
            edit.settle(text, self.params.document_characters);
            if edit.dropped { Ok(()) } else { f(row, fate, edit, text) }
        })
    }

    /// Calls `f` with (row, fate, edit of the levels before, text so edited) of the survivors of a part.
    fn for_each_edit(
        &self,
        number: usize,
        tally: &Tally,
        mut f: impl FnMut(usize, &Fate, Edit, &str) -> Result<()>,
    ) -> Result<()> {
        let part = &self.parts[number];
        let fates = fates(self.layout, part)?;
        let mut edits = if self.params.after_passages {
            edits::read(self.layout, part)?
        } else {
            vec![Edit::default(); fates.len()]
        };
        for_each_text(self.layout, part, tally, |row, text| {
            let Some(Some(fate)) = fates.get(row) else { return Ok(()) };
            let edit = edits.get_mut(row).map(std::mem::take).unwrap_or_default();
            let edit = edit.before(Level::Substring);
            if edit.spans.is_empty() {
                return f(row, fate, edit, text);
            }
            let text = apply(text, &edit.spans);
            f(row, fate, edit, &text)
        })
    }
}

fn repeat([_, at, _, source, source_at, _]: [u64; 6]) -> Repeat {
    Repeat { at, source, source_at }
}

fn at_or_before(record: std::result::Result<&[u64; 2], &gamayun_dedup::Error>, row: u64) -> bool {
    record.map_or(true, |record| record[0] <= row)
}

/// Lets the monitor stop a long walk.
fn listen(number: usize, monitor: &mut dyn Monitor) -> Result<()> {
    if number.is_multiple_of(1 << 16) {
        monitor.advance(Progress::default()).map_err(|_| Error::Interrupted)?;
    }
    Ok(())
}

/// A cut moved inwards to whole characters, and past one white space where words would be joined.
fn trimmed(text: &str, cut: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let start = text.ceil_char_boundary(cut.start);
    let end = text.floor_char_boundary(cut.end);
    if start >= end {
        return start..start;
    }
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let joins =
        before.is_some_and(|c| !c.is_whitespace()) && after.is_some_and(|c| !c.is_whitespace());
    let space = text[start..end].chars().next().filter(|c| joins && c.is_whitespace());
    start + space.map_or(0, char::len_utf8)..end
}

#[cfg(test)]
mod tests {
    use super::trimmed;

    #[test]
    fn cuts_end_at_characters_and_join_no_words() {
        let text = "one\ntwo é x";
        assert_eq!(&text[trimmed(text, 3..8)], "two ");
        assert_eq!(&text[trimmed(text, 4..9)], "two ", "é has two bytes");
        assert!(trimmed(text, 9..11).is_empty(), "the space between é and x stays");
        assert!(trimmed(text, 9..9).is_empty());
    }
}

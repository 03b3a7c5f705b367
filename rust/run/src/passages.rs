//! The step between dedup and select that removes passages seen in many documents: paragraphs, then lines.
//!
//! A passage is counted once a document, over the documents that survive so far. One in more than so many documents is
//! removed from all of them but the first `keep_first` by document id; there its first occurrence stays.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use gamayun_dedup::{PassageKind, Sorted, Sorter, passage_cuts, passages as split};
use gamayun_io::TableWriter;
use gamayun_text::hash::hash128;
use gamayun_text::{DocId, Monitor};
use serde::Serialize;

use crate::edits::{self, EDITS, Edit, Level, apply};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::listed::{Found, Listed, Names};
use crate::parallel::{self, Tally};
use crate::part::index;
use crate::part::{self, Part, first_rows};
use crate::select::{Fate, fates};
use crate::tables::for_each_batch;

/// Rows in a batch of the table that is written.
const BATCH_ROWS: usize = 1 << 12;

/// Which passages are removed.
#[derive(Clone, Debug)]
pub struct PassageParams {
    /// A paragraph in more documents than that is removed; `None` leaves paragraphs alone.
    pub paragraphs: Option<u64>,
    /// A line in more documents than that is removed; `None` leaves lines alone.
    pub lines: Option<u64>,
    /// Documents that keep a passage.
    pub keep_first: u64,
    /// Characters of the shortest passage that is looked at, by language.
    pub min_characters: BTreeMap<String, u64>,
    /// The same for any other language.
    pub other_min_characters: u64,
    /// A document that is left with fewer characters is dropped.
    pub document_characters: u64,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that the step may use.
    pub memory: u64,
}

impl PassageParams {
    fn least(&self, language: &str) -> u64 {
        self.min_characters.get(language).copied().unwrap_or(self.other_min_characters)
    }

    fn levels(&self) -> impl Iterator<Item = (Level, PassageKind, u64)> {
        let paragraphs = self.paragraphs.map(|n| (Level::Paragraph, PassageKind::Paragraph, n));
        let lines = self.lines.map(|n| (Level::Line, PassageKind::Line, n));
        paragraphs.into_iter().chain(lines)
    }
}

/// What levels removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EditCounts {
    /// Documents that were looked at.
    pub documents: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Distinct passages that are removed, by level.
    pub passages: BTreeMap<String, u64>,
    /// Bytes removed by level, then by language; `too_short` is the whole text of those that are dropped. With the
    /// bytes of the selection these are all `bytes`.
    pub removed_bytes: BTreeMap<String, BTreeMap<String, u64>>,
    /// Documents with too little text left, by language.
    pub too_short: BTreeMap<String, u64>,
}

impl EditCounts {
    pub(crate) fn add(&mut self, fate: &Fate, edit: &Edit) {
        self.documents += 1;
        self.bytes += fate.bytes;
        if edit.dropped {
            *self.too_short.entry(fate.language.clone()).or_default() += 1;
            self.removed("too_short", &fate.language, fate.bytes);
            return;
        }
        for span in &edit.spans {
            self.removed(span.level.name(), &fate.language, span.end - span.start);
        }
    }

    fn removed(&mut self, level: &str, language: &str, bytes: u64) {
        let languages = self.removed_bytes.entry(level.to_owned()).or_default();
        *languages.entry(language.to_owned()).or_default() += bytes;
    }

    pub(crate) fn sum(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut sum = Self::default();
        for part in parts {
            sum.documents += part.documents;
            sum.bytes += part.bytes;
            for (level, languages) in part.removed_bytes {
                let level = sum.removed_bytes.entry(level).or_default();
                for (language, bytes) in languages {
                    *level.entry(language).or_default() += bytes;
                }
            }
            for (language, documents) in part.too_short {
                *sum.too_short.entry(language).or_default() += documents;
            }
        }
        sum
    }
}

/// Removes frequent passages: writes `edits/`, row-aligned, and `passages/removed.parquet`, the most frequent first.
pub fn passages(
    layout: &Layout,
    params: &PassageParams,
    monitor: &mut dyn Monitor,
) -> Result<EditCounts> {
    let parts = part::parts(layout)?;
    layout.fresh_folder(EDITS)?;
    layout.fresh_folder("passages")?;
    let scratch = layout.fresh_folder("scratch/passages")?;
    let (mut counts, mut removed) = (EditCounts::default(), BTreeMap::new());
    let mut listed = Vec::new();
    let mut before = false;
    for (level, kind, limit) in params.levels() {
        let step = Step { layout, params, parts: &parts, scratch: &scratch, level, kind, before };
        let found = step.frequent(limit, monitor)?;
        removed.insert(level.name().to_owned(), found.listed.passages);
        counts = step.remove(&found.removals, monitor)?;
        listed.push((level, found.listed));
        before = true;
    }
    crate::listed::write(layout, &parts, listed, monitor)?;
    layout.remove_folder("scratch")?;
    counts.passages = removed;
    Ok(counts)
}

/// One level at work.
struct Step<'a> {
    layout: &'a Layout,
    params: &'a PassageParams,
    parts: &'a [Part],
    scratch: &'a Path,
    level: Level,
    kind: PassageKind,
    /// Whether a level was done before, so that there are edits.
    before: bool,
}

/// `[row, hash, hash, 1 if the first occurrence stays]` of each document and passage to be removed from it.
struct Frequent {
    removals: Sorted<4>,
    listed: Listed,
}

impl Step<'_> {
    /// Counts the passages of all documents.
    fn frequent(&self, limit: u64, monitor: &mut dyn Monitor) -> Result<Frequent> {
        let (first, _) = first_rows(self.parts);
        let tally = Tally::of(self.parts.iter().map(|part| part.receipt.text_bytes).sum());
        let threads = self.params.threads.max(1);
        let share = (self.params.memory / (4 * threads as u64)).min(128 << 20);
        let all = Mutex::new(Sorter::<6>::new(self.scratch, self.params.memory / 2, threads)?);
        let names = Names::default();
        parallel::map(self.parts.len(), threads, &tally, monitor, |number| {
            let mut sorter = Sorter::<6>::new(self.scratch, share, 1)?;
            self.count(&self.parts[number], first[number], &names, &mut sorter, &tally)?;
            Ok(all.lock().unwrap_or_else(PoisonError::into_inner).absorb(sorter)?)
        })?;
        let all = all.into_inner().unwrap_or_else(PoisonError::into_inner).finish()?;
        let mut found = self.group(&all, limit, monitor)?;
        found.listed.names = names.into_vec();
        Ok(found)
    }

    /// Adds `[hash, hash, id, id, row, occurrences and language]` of each passage of a part that is long enough.
    fn count(
        &self,
        part: &Part,
        first: u64,
        names: &Names,
        into: &mut Sorter<6>,
        tally: &Tally,
    ) -> Result<()> {
        let mut found: Vec<u128> = Vec::new();
        self.for_each(part, tally, |row, fate, edit, text| {
            if edit.dropped {
                return Ok(());
            }
            let language = names.number(&fate.language);
            found.clear();
            let wanted = self.wanted(text, &fate.language);
            found.extend(wanted.into_iter().flatten().map(|(_, hash)| hash));
            found.sort_unstable();
            for same in found.chunk_by(|a, b| a == b) {
                let ([a, b], [c, d]) = (halves(same[0]), halves(fate.doc_id.0));
                into.push([a, b, c, d, first + row as u64, pack(same.len() as u64, language)])?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// The passages of a text, with the hash of those that are long enough.
    fn wanted(&self, text: &str, language: &str) -> Vec<Option<(Range<usize>, u128)>> {
        let least = index(self.params.least(language));
        split(text, self.kind)
            .into_iter()
            .map(|passage| {
                let piece = &text[passage.clone()];
                // Most passages are far longer than that many bytes of four.
                let long = piece.len() >= 4 * least || piece.chars().count() >= least;
                long.then(|| (passage, hash128(piece.as_bytes())))
            })
            .collect()
    }

    /// Walks the counted passages twice at once: ahead to count the documents of a passage, behind to mark them.
    fn group(&self, all: &Sorted<6>, limit: u64, monitor: &mut dyn Monitor) -> Result<Frequent> {
        let threads = self.params.threads.max(1);
        let mut removals = Sorter::<4>::new(self.scratch, self.params.memory / 4, threads)?;
        let mut listed = Listed::default();
        let mut ahead = all.read()?.peekable();
        let mut behind = all.read()?;
        let mut groups = 0u64;
        while let Some(record) = ahead.next() {
            let [a, b, _, _, row, packed] = record?;
            let (mut occurrences, language) = unpack(packed);
            let (mut documents, mut languages) = (1u64, vec![language]);
            while let Some(next) = ahead
                .next_if(|next| next.as_ref().map_or(true, |next| [next[0], next[1]] == [a, b]))
            {
                documents += 1;
                let (more, language) = unpack(next?[5]);
                occurrences += more;
                if !languages.contains(&language) {
                    languages.push(language);
                }
            }
            groups += 1;
            if groups.is_multiple_of(1 << 16) {
                monitor
                    .advance(gamayun_text::Progress::default())
                    .map_err(|_| Error::Interrupted)?;
            }
            let frequent = documents > limit;
            for place in 0..documents {
                let Some(record) = behind.next() else { break };
                let row = record?[4];
                if frequent {
                    removals.push([row, a, b, u64::from(place < self.params.keep_first)])?;
                }
            }
            if frequent {
                let hash = u128::from(a) << 64 | u128::from(b);
                let kept = self.params.keep_first.min(documents);
                listed.add(Found { documents, hash, occurrences, kept, row, languages });
            }
        }
        Ok(Frequent { removals: removals.finish()?, listed })
    }

    /// Writes the edits of all parts.
    fn remove(&self, removals: &Sorted<4>, monitor: &mut dyn Monitor) -> Result<EditCounts> {
        let (first, _) = first_rows(self.parts);
        let tally = Tally::of(self.parts.iter().map(|part| part.receipt.text_bytes).sum());
        let counted =
            parallel::map(self.parts.len(), self.params.threads, &tally, monitor, |number| {
                self.remove_part(&self.parts[number], first[number], removals, &tally)
            })?;
        Ok(EditCounts::sum(counted))
    }

    fn remove_part(
        &self,
        part: &Part,
        first: u64,
        removals: &Sorted<4>,
        tally: &Tally,
    ) -> Result<EditCounts> {
        let end = first + part.documents;
        let mut removals = removals.range(Some([first, 0, 0, 0]), Some([end, 0, 0, 0]))?.peekable();
        let mut counts = EditCounts::default();
        let mut edits = vec![Edit::default(); index(part.documents)];
        self.for_each(part, tally, |row, fate, mut edit, text| {
            let mut gone = BTreeMap::new();
            while let Some(removal) = removals.next_if(|removal| {
                removal.as_ref().map_or(true, |removal| removal[0] == first + row as u64)
            }) {
                let [_, a, b, keeps] = removal?;
                gone.insert(u128::from(a) << 64 | u128::from(b), keeps == 1);
            }
            if edit.dropped {
                counts.add(fate, &edit);
                edits[row] = edit;
                return Ok(());
            }
            if gone.values().any(|&keeps| keeps) {
                edit.keeps.push(self.level);
            }
            let cuts = self.cuts(text, &fate.language, gone);
            edit.add(self.level, &cuts);
            if !cuts.is_empty() {
                edit.settle(&without(text, &cuts), self.params.document_characters);
            }
            counts.add(fate, &edit);
            edits[row] = edit;
            Ok(())
        })?;
        write(self.layout, part, &edits)?;
        Ok(counts)
    }

    /// The cuts that remove the passages of these hashes; where the value is true, not the first of them.
    fn cuts(
        &self,
        text: &str,
        language: &str,
        mut gone: BTreeMap<u128, bool>,
    ) -> Vec<(Range<usize>, DocId)> {
        if gone.is_empty() {
            return Vec::new();
        }
        let all = split(text, self.kind);
        let hashes: Vec<Option<u128>> =
            self.wanted(text, language).into_iter().map(|w| w.map(|(_, hash)| hash)).collect();
        let removed: Vec<bool> = hashes
            .iter()
            .map(|hash| {
                let keeps = hash.as_ref().and_then(|hash| gone.get_mut(hash));
                keeps.is_some_and(|keeps| !std::mem::take(keeps))
            })
            .collect();
        let evidence = |place: usize| DocId(hashes[place].unwrap_or_default());
        passage_cuts(text, &all, &removed)
            .into_iter()
            .flat_map(|(cut, run)| {
                // A run of passages is one cut, told as one span a passage.
                let ends: Vec<usize> =
                    run.clone().skip(1).map(|n| all[n].start).chain([cut.end]).collect();
                let starts = std::iter::once(cut.start).chain(ends.clone());
                let spans: Vec<_> = starts.zip(ends.clone()).map(|(a, b)| a..b).collect();
                spans.into_iter().zip(run.map(evidence)).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Calls `f` with (row, fate, edit so far, text so edited) of the documents of a part that survive so far.
    fn for_each(
        &self,
        part: &Part,
        tally: &Tally,
        mut f: impl FnMut(usize, &Fate, Edit, &str) -> Result<()>,
    ) -> Result<()> {
        let fates = fates(self.layout, part)?;
        let mut edits = if self.before {
            edits::read(self.layout, part)?
        } else {
            vec![Edit::default(); fates.len()]
        };
        for_each_text(self.layout, part, tally, |row, text| {
            let Some(Some(fate)) = fates.get(row) else { return Ok(()) };
            let edit = edits.get_mut(row).map(std::mem::take).unwrap_or_default();
            let edit = edit.before(self.level);
            if edit.spans.is_empty() {
                return f(row, fate, edit, text);
            }
            let text = apply(text, &edit.spans);
            f(row, fate, edit, &text)
        })
    }
}

/// Occurrences in one document are fewer than its bytes, so 48 bits hold them, and 16 a language.
fn pack(occurrences: u64, language: u64) -> u64 {
    language << 48 | occurrences
}

fn unpack(packed: u64) -> (u64, u64) {
    (packed & ((1 << 48) - 1), packed >> 48)
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
pub(crate) fn halves(value: u128) -> [u64; 2] {
    [(value >> 64) as u64, value as u64]
}

pub(crate) fn without(text: &str, cuts: &[(Range<usize>, DocId)]) -> String {
    let starts = std::iter::once(0).chain(cuts.iter().map(|(cut, _)| cut.end));
    let ends = cuts.iter().map(|(cut, _)| cut.start).chain([text.len()]);
    starts.zip(ends).map(|(start, end)| &text[start..end]).collect()
}

/// Calls `f` with the row and the base text of each document of a part.
pub(crate) fn for_each_text(
    layout: &Layout,
    part: &Part,
    tally: &Tally,
    mut f: impl FnMut(usize, &str) -> Result<()>,
) -> Result<()> {
    let path = layout.path(format!("documents/{}.parquet", part.stem));
    for_each_batch(&path, &["text"], |first, rows| {
        tally.check()?;
        let texts = rows.strings("text")?;
        let mut bytes = 0;
        for row in 0..rows.len() {
            bytes += texts.value(row).len() as u64;
            f(first + row, texts.value(row))?;
        }
        tally.add(bytes, rows.len() as u64, bytes);
        Ok(())
    })?;
    Ok(())
}

/// Writes the edits of a part.
pub(crate) fn write(layout: &Layout, part: &Part, edits: &[Edit]) -> Result<()> {
    let path = layout.path(format!("{EDITS}/{}.parquet", part.stem));
    let mut writer = TableWriter::create(&path, edits::schema())?;
    for rows in edits.chunks(BATCH_ROWS) {
        writer.write(&edits::batch(rows)?)?;
    }
    writer.finish()?;
    Ok(())
}

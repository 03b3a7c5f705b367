//! The parts of the run itself: what is known of their documents, read again for those that are asked for.

use std::iter::Peekable;
use std::ops::Range;
use std::path::Path;
use std::slice::Iter;

use arrow_array::Array;
use gamayun_dedup::job::{self, Facts, Shingles, Wanted};
use gamayun_dedup::{BandFile, sorted_set};
use gamayun_text::DocId;
use gamayun_text::shingle::{ShingleScratch, shingles};

use super::DedupStepParams;
use super::numbers::{Numbered, Numbers};
use super::scan::Scan;
use super::source::{PartSource, Take, name};
use crate::error::{Error, Result};
use crate::fate;
use crate::layout::Layout;
use crate::part::{self, Part, first_rows, index};
use crate::preference::{KEYS, Offered, Order};
use crate::scoring;
use crate::tables::{Rows, for_each_batch, id_at, string_at};

/// The documents of a run, and how they are to be compared.
pub(crate) struct Own<'a> {
    pub layout: &'a Layout,
    pub params: &'a DedupStepParams,
    pub order: Order<'a>,
    pub parts: Vec<Part>,
    first: Vec<u64>,
    /// Documents of all parts.
    pub documents: u64,
}

impl<'a> Own<'a> {
    pub(crate) fn new(layout: &'a Layout, params: &'a DedupStepParams) -> Result<Self> {
        let parts = part::parts(layout)?;
        let (first, documents) = first_rows(&parts);
        Ok(Self { layout, params, order: Order::new(&params.keep)?, parts, first, documents })
    }

    /// The rows of a part.
    pub(crate) fn rows(&self, number: usize) -> Range<u64> {
        self.first[number]..self.first[number] + self.parts[number].documents
    }

    /// The source of a part.
    pub(crate) fn source(&self, number: usize) -> &str {
        &self.parts[number].receipt.input.source
    }

    fn priority(&self, number: usize) -> i32 {
        let name = self.source(number);
        self.params
            .sources
            .iter()
            .find(|source| source.name == name)
            .map_or(0, |source| source.priority)
    }
}

/// A part of the run, when it is known who takes part and which ids are numbered.
pub(crate) struct OwnPart<'a> {
    pub own: &'a Own<'a>,
    pub scan: &'a Scan,
    pub numbers: &'a Numbers,
    pub number: usize,
}

impl PartSource for OwnPart<'_> {
    fn bands(&self) -> Result<BandFile> {
        let stem = &self.own.parts[self.number].stem;
        Ok(BandFile::open(self.own.layout.path(format!("bands/{stem}.bands")))?)
    }

    fn candidates(&self, wanted: &[Wanted], take: &mut Take<'_>) -> Result<()> {
        let annotated = self.annotated(wanted)?;
        let mut shingler = Shingler::new(self.own.params.dedup.shingle());
        let path = fate::table(self.own.layout, "documents", &self.own.parts[self.number]);
        let mut found = annotated.into_iter();
        for_each_wanted(&path, &self.columns(wanted), wanted, &mut |rows, row, want| {
            let annotated = found.next().ok_or_else(|| {
                Error::damaged(&path, "more rows than there are annotations beside it")
            })?;
            let facts = self.facts(want.row, &annotated, rows, row)?;
            let set =
                if want.set { shingler.set(rows.strings("text")?.value(row)) } else { Vec::new() };
            Ok(take(facts, Shingles::Set(set))?)
        })
    }
}

/// What the annotations say of a document.
struct Annotated {
    id: DocId,
    bytes: u64,
    language_score: Option<f32>,
}

impl OwnPart<'_> {
    /// The facts of each wanted document, in order.
    pub(crate) fn facts_of(&self, wanted: &[Wanted]) -> Result<Vec<Facts>> {
        let path = fate::table(self.own.layout, "documents", &self.own.parts[self.number]);
        let mut annotated = self.annotated(wanted)?.into_iter();
        let mut columns = self.columns(wanted);
        columns.retain(|column| *column != "text");
        let mut facts = Vec::with_capacity(wanted.len());
        for_each_wanted(&path, &columns, wanted, &mut |rows, row, want| {
            if let Some(annotated) = annotated.next() {
                facts.push(self.facts(want.row, &annotated, rows, row)?);
            }
            Ok(())
        })?;
        Ok(facts)
    }

    /// What is read of the documents: their text only if shingles are asked for.
    fn columns(&self, wanted: &[Wanted]) -> Vec<&'static str> {
        let mut columns = vec!["id"];
        columns.extend(self.own.order.needs_metadata().then_some("metadata"));
        columns.extend(wanted.iter().any(|want| want.set).then_some("text"));
        columns
    }

    fn annotated(&self, wanted: &[Wanted]) -> Result<Vec<Annotated>> {
        let path = fate::table(self.own.layout, "annotations", &self.own.parts[self.number]);
        let mut numbered = Numbered::of(self.numbers, self.own.rows(self.number))?;
        let first = self.own.rows(self.number).start;
        let mut found = Vec::with_capacity(wanted.len());
        let columns = ["doc_id", "text_bytes", "language_score"];
        for_each_wanted(&path, &columns, wanted, &mut |rows, row, want| {
            let scores = rows.f32s("language_score")?;
            found.push(Annotated {
                id: numbered.id(first + want.row, id_at(rows.ids("doc_id")?, row)),
                bytes: rows.u64s("text_bytes")?.value(row),
                language_score: scores.is_valid(row).then(|| scores.value(row)),
            });
            Ok(())
        })?;
        if let Some(qualities) = scoring::qualities(self.own.layout, &self.own.parts[self.number])?
        {
            // A run that scores documents prefers the better one, not the surer language.
            for (one, want) in found.iter_mut().zip(wanted) {
                let quality = qualities.get(index(want.row)).copied().flatten();
                #[expect(clippy::cast_possible_truncation, reason = "scores have 32 bits")]
                let quality = quality.map(|(quality, _)| quality as f32);
                one.language_score = quality;
            }
        }
        Ok(found)
    }

    fn facts(&self, of: u64, said: &Annotated, rows: &Rows<'_>, row: usize) -> Result<Facts> {
        let order = &self.own.order;
        let metadata =
            if order.needs_metadata() { Some(rows.strings("metadata")?.value(row)) } else { None };
        let offered = Offered {
            priority: self.own.priority(self.number),
            language_score: said.language_score,
            bytes: said.bytes,
            metadata,
        };
        Ok(Facts {
            id: said.id,
            preference: job::Preference(order.place(&offered, &mut [0; KEYS])),
            passed: self.scan.passed.contains(self.own.rows(self.number).start + of),
            pinned: false,
            name: name(self.own.source(self.number), string_at(rows.strings("id")?, row)),
        })
    }
}

/// Calls `f` with the batch and the place in it of each wanted row.
fn for_each_wanted(
    path: &Path,
    columns: &[&str],
    wanted: &[Wanted],
    f: &mut dyn FnMut(&Rows<'_>, usize, Wanted) -> Result<()>,
) -> Result<()> {
    let mut wanted: Peekable<Iter<'_, Wanted>> = wanted.iter().peekable();
    for_each_batch(path, columns, |first, rows| {
        while let Some(want) = wanted.next_if(|want| index(want.row) < first + rows.len()) {
            f(rows, index(want.row) - first, *want)?;
        }
        Ok(())
    })?;
    match wanted.next() {
        Some(want) => {
            Err(Error::damaged(path, format!("no row {}, which its receipt says", want.row)))
        }
        None => Ok(()),
    }
}

/// Makes the shingle sets of texts.
pub(crate) struct Shingler {
    words: usize,
    scratch: ShingleScratch,
}

impl Shingler {
    pub(crate) fn new(words: usize) -> Self {
        Self { words, scratch: ShingleScratch::default() }
    }

    pub(crate) fn set(&mut self, text: &str) -> Vec<u64> {
        let mut set = Vec::new();
        shingles(text, self.words, &mut self.scratch, &mut set);
        sorted_set(set)
    }
}

//! A part of a reference: its kept documents are read where a new one shares a key with them.

use gamayun_dedup::job::{Facts, Preference, Shingles, Wanted};
use gamayun_dedup::{BandFile, Bands};

use super::reference::{Known, Reference};
use crate::dedup::own::Shingler;
use crate::dedup::source::{PartSource, Take, name};
use crate::error::{Error, Result};
use crate::index::check_text;
use crate::part::index;
use crate::tables::Rows;

/// A part of an earlier run.
pub(crate) struct EarlierPart<'a> {
    pub reference: &'a Reference,
    pub number: usize,
}

impl PartSource for EarlierPart<'_> {
    fn bands(&self) -> Result<BandFile> {
        self.reference.bands(self.number)
    }

    fn candidates(&self, wanted: &[Wanted], take: &mut Take<'_>) -> Result<()> {
        let mut contents = Vec::new();
        self.bands()?.read_contents(&mut contents)?;
        let rows: Vec<u64> = wanted.iter().map(|want| want.row).collect();
        let known = self.reference.known(self.number, &rows)?;
        let texts: Vec<u64> = wanted.iter().filter(|want| want.set).map(|want| want.row).collect();
        let mut shingler = Shingler::new(self.reference.shingle);
        let mut next = wanted.iter().zip(known);
        let table = self.reference.table(self.number);
        for batch in gamayun_io::read_rows(&table, Some(&["text"]), &texts)? {
            let batch = Rows::new(batch?, &table);
            let column = batch.strings("text")?;
            for row in 0..batch.len() {
                // Those before it are wanted without a text.
                for (want, known) in next.by_ref() {
                    let content = contents[index(want.row)];
                    if want.set {
                        check_text(&table, known.id, column.value(row), content)?;
                        let set = Shingles::Set(shingler.set(column.value(row)));
                        take(facts(&known, content), set)?;
                        break;
                    }
                    take(facts(&known, content), Shingles::Set(Vec::new()))?;
                }
            }
        }
        for (want, known) in next {
            if want.set {
                return Err(Error::damaged(&table, format!("no text in row {}", want.row)));
            }
            take(facts(&known, contents[index(want.row)]), Shingles::Set(Vec::new()))?;
        }
        Ok(())
    }
}

/// Earlier documents come in the order of their ids; two versions of one, of different runs, in that of their hashes.
fn facts(known: &Known, content: u128) -> Facts {
    let ([a, b], [c, d]) = (halves(known.id.0), halves(content));
    Facts {
        id: known.id,
        preference: Preference([a, b, c, d, 0, 0]),
        passed: true,
        pinned: true,
        name: name(&known.source, known.users_id.as_deref()),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
fn halves(value: u128) -> [u64; 2] {
    [(value >> 64) as u64, value as u64]
}

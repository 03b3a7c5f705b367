//! A part of a list: what is known of its documents from its tables, their shingles from the shelf or the input.

use gamayun_dedup::BandFile;
use gamayun_dedup::job::{Facts, Shingles, Wanted};

use super::again::Again;
use super::shelf::{self, Shelf};
use crate::dedup::own::OwnPart;
use crate::dedup::source::{PartSource, Take};
use crate::error::{Error, Result};

/// A part whose documents are compared, and where their shingles are.
pub(crate) struct ListedPart<'a> {
    pub part: OwnPart<'a>,
    pub shelf: &'a Shelf,
    pub again: &'a Again<'a>,
    /// Its input, and how many documents of it are in the parts before.
    pub task: usize,
    pub before: u64,
}

impl PartSource for ListedPart<'_> {
    fn bands(&self) -> Result<BandFile> {
        self.part.bands()
    }

    fn candidates(&self, wanted: &[Wanted], take: &mut Take<'_>) -> Result<()> {
        let mut facts = self.part.facts_of(wanted)?.into_iter();
        let documents: Vec<u64> = wanted.iter().filter(|w| w.set).map(|w| w.row).collect();
        let mut rest = wanted.iter();
        self.shingles(&documents, &mut |shingles| {
            // Those before it whose shingles nobody asks for.
            for want in rest.by_ref() {
                let facts = self.next(&mut facts)?;
                if want.set {
                    return Ok(take(facts, shingles)?);
                }
                take(facts, Shingles::Found(Vec::new()))?;
            }
            Ok(())
        })?;
        for want in rest {
            if want.set {
                return Err(self.damaged("fewer documents than its receipt says"));
            }
            take(self.next(&mut facts)?, Shingles::Found(Vec::new()))?;
        }
        Ok(())
    }
}

impl ListedPart<'_> {
    /// Gives those of each of these documents.
    fn shingles(&self, documents: &[u64], f: &mut dyn FnMut(Shingles) -> Result<()>) -> Result<()> {
        let stem = &self.part.own.parts[self.part.number].stem;
        let Some(kept) = self.shelf.take(stem) else {
            let documents = documents.iter().map(|row| self.before + row);
            return self.again.shingles(self.task, documents, f);
        };
        shelf::for_each_wanted(kept, documents, f)
    }

    fn next(&self, facts: &mut impl Iterator<Item = Facts>) -> Result<Facts> {
        facts.next().ok_or_else(|| self.damaged("fewer rows than its receipt says"))
    }

    fn damaged(&self, what: &str) -> Error {
        let own = self.part.own;
        Error::damaged(
            crate::fate::table(own.layout, "documents", &own.parts[self.part.number]),
            what,
        )
    }
}

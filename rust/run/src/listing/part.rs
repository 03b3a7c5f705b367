//! A part of a list: what is known of its documents from its tables, their shingles from the shelf or the input.

use gamayun_dedup::job::{Facts, Wanted};
use gamayun_dedup::{BandFile, sorted_set_of};

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
        self.sets(&documents, &mut |set| {
            // Those before it whose shingles nobody asks for.
            for want in rest.by_ref() {
                let facts = self.next(&mut facts)?;
                if want.set {
                    return Ok(take(facts, set)?);
                }
                take(facts, Vec::new())?;
            }
            Ok(())
        })?;
        for want in rest {
            if want.set {
                return Err(self.damaged("fewer documents than its receipt says"));
            }
            take(self.next(&mut facts)?, Vec::new())?;
        }
        Ok(())
    }
}

impl ListedPart<'_> {
    /// Gives the set of each of these documents.
    fn sets(&self, documents: &[u64], f: &mut dyn FnMut(Vec<u64>) -> Result<()>) -> Result<()> {
        let stem = &self.part.own.parts[self.part.number].stem;
        let Some(kept) = self.shelf.take(stem) else {
            let documents = documents.iter().map(|row| self.before + row);
            return self.again.sets(self.task, documents, f);
        };
        shelf::for_each_wanted(kept, documents, &mut |shingles| f(sorted_set_of(shingles)))
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

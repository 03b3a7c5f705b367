//! What earlier runs kept, for the documents of this one to be compared with.
//!
//! A reference is a finished run or an [index](crate::index) of some. Its band files are compared as they are, and its texts
//! are read only where a new document shares a key with them. Nothing in it is written to.

mod matches;
mod part;
mod reference;

use std::path::PathBuf;

use gamayun_text::Monitor;

pub(crate) use self::matches::{MATCHES, Matches};
use self::part::EarlierPart;
use self::reference::Reference;
use super::DedupStepParams;
use super::bits::Bits;
use super::source::PartSource;
use crate::error::Result;

/// Earlier runs, and what becomes of documents that they have.
#[derive(Clone, Debug, Default)]
pub struct Against {
    /// Finished runs or indexes, each with what its user calls it.
    pub references: Vec<(String, PathBuf)>,
    /// Documents that they have are only listed.
    pub annotate: bool,
}

/// All references, opened.
pub(crate) struct Earlier {
    references: Vec<Reference>,
    /// Of all their rows, in order, those that were kept.
    kept: Bits,
    /// For each part, its reference and its number there.
    parts: Vec<(usize, usize)>,
    /// The row of the first document of each part, and of the end.
    bases: Vec<u64>,
}

impl Earlier {
    /// Opens the references of a step.
    pub(crate) fn open(params: &DedupStepParams, monitor: &mut dyn Monitor) -> Result<Self> {
        let references = params
            .against
            .references
            .iter()
            .map(|(name, path)| Reference::open(name, path, &params.dedup))
            .collect::<Result<Vec<_>>>()?;
        let (mut parts, mut bases) = (Vec::new(), vec![0]);
        for (number, reference) in references.iter().enumerate() {
            for part in 0..reference.parts() {
                parts.push((number, part));
                bases.push(bases[parts.len() - 1] + reference.documents(part));
            }
        }
        let kept = Bits::none_of(bases[parts.len()]);
        let earlier = Self { references, kept, parts, bases };
        earlier.mark(params.threads, monitor)?;
        Ok(earlier)
    }

    /// No references.
    pub(crate) fn none() -> Self {
        Self { references: Vec::new(), kept: Bits::none_of(0), parts: Vec::new(), bases: vec![0] }
    }

    /// Finds out who was kept.
    fn mark(&self, threads: usize, monitor: &mut dyn Monitor) -> Result<()> {
        let tally = crate::parallel::Tally::of(self.documents());
        crate::parallel::map(self.parts.len(), threads, &tally, monitor, |part| {
            tally.check()?;
            let (reference, number) = self.parts[part];
            let first = self.bases[part];
            self.references[reference].kept(number, &mut |row| self.kept.insert(first + row))?;
            tally.add(self.bases[part + 1] - first, 0, 0);
            Ok(())
        })?;
        Ok(())
    }

    /// Documents of all references, those included that were not kept.
    pub(crate) fn documents(&self) -> u64 {
        self.bases[self.parts.len()]
    }

    /// Whether an earlier document was kept.
    pub(crate) fn was_kept(&self, row: u64) -> bool {
        self.kept.contains(row)
    }

    /// The name of the reference that a row is in.
    pub(crate) fn name_of(&self, row: u64) -> &str {
        let part = self.bases.partition_point(|base| *base <= row) - 1;
        &self.references[self.parts[part].0].name
    }

    /// The parts of all references, whose rows follow those of the run.
    pub(crate) fn sources(&self) -> impl Iterator<Item = Box<dyn PartSource + '_>> {
        self.parts.iter().map(|(reference, number)| -> Box<dyn PartSource + '_> {
            Box::new(EarlierPart { reference: &self.references[*reference], number: *number })
        })
    }
}

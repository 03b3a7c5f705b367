//! Where the documents that are compared come from: parts of the run, and parts of earlier ones.

use gamayun_dedup::job::{Documents, Facts, Shingles, Wanted};
use gamayun_dedup::{BandFile, CorpusError};

use super::against::Earlier;
use crate::error::{Error, Result};

/// Takes the facts of a wanted document, and its shingles where they are asked for.
pub(crate) type Take<'t> = dyn FnMut(Facts, Shingles) -> gamayun_dedup::Result<()> + 't;

/// A part whose documents are compared.
pub(crate) trait PartSource: Sync {
    /// The keys of its documents.
    fn bands(&self) -> Result<BandFile>;

    /// Gives each wanted document, in order, to `take`: see [`Documents::candidates`].
    fn candidates(&self, wanted: &[Wanted], take: &mut Take<'_>) -> Result<()>;
}

/// All parts, those of the run first: their documents, in this order, are the rows of a job.
pub(crate) struct Sources<'a> {
    pub parts: Vec<Box<dyn PartSource + 'a>>,
    /// How many are of the run; the others are of earlier ones.
    pub own: usize,
}

impl<'a> Sources<'a> {
    /// The parts of the run, and behind them those of earlier ones.
    pub(crate) fn new(own: Vec<Box<dyn PartSource + 'a>>, earlier: &'a Earlier) -> Self {
        let new = own.len();
        Self { parts: own.into_iter().chain(earlier.sources()).collect(), own: new }
    }

    pub(crate) fn bands(&self) -> Result<Vec<BandFile>> {
        self.parts.iter().map(|part| part.bands()).collect()
    }
}

impl Documents for Sources<'_> {
    fn new_parts(&self) -> usize {
        self.own
    }

    fn candidates(
        &self,
        part: usize,
        wanted: &[Wanted],
        f: &mut dyn FnMut(Facts, Shingles) -> gamayun_dedup::Result<()>,
    ) -> std::result::Result<(), CorpusError> {
        self.parts[part].candidates(wanted, f).map_err(|error| match error {
            // An error of the job goes back as it came.
            Error::Dedup(error) => error.into(),
            error => error.into(),
        })
    }
}

/// An error of a job, or that of ours that it carries.
pub(crate) fn error_of_job(error: gamayun_dedup::Error) -> Error {
    match error {
        gamayun_dedup::Error::Corpus(inner) => match inner.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(inner) => gamayun_dedup::Error::Corpus(inner).into(),
        },
        error => error.into(),
    }
}

/// What a document is called in the facts of a job: its source, and the id that its user gave it, if any.
///
/// No name of a source has the character between them.
pub(crate) fn name(source: &str, id: Option<&str>) -> Box<str> {
    id.map_or_else(|| source.into(), |id| format!("{source}\0{id}").into())
}

/// The source and the user's id in a name.
pub(crate) fn source_and_id(name: &str) -> (&str, Option<&str>) {
    name.split_once('\0').map_or((name, None), |(source, id)| (source, Some(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for case in [("web", None), ("web", Some("")), ("web", Some("a\0b")), ("", Some("x"))] {
            assert_eq!(source_and_id(&name(case.0, case.1)), case);
        }
    }
}

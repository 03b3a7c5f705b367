//! Outcomes: all of them in memory where there is room, else those of a job on disk.

use std::ops::Range;

use gamayun_dedup::job::{Clusters, Outcome, cluster_held, held_memory};
use gamayun_dedup::{BandFile, Bands};
use gamayun_text::Monitor;

use super::Parts;
use super::shelf::Shelf;
use crate::dedup::against::Earlier;
use crate::dedup::own::Own;
use crate::dedup::run_job;
use crate::dedup::scan::Scan;
use crate::dedup::source::error_of_job;
use crate::error::Result;

/// What was decided of the candidates.
pub(crate) enum Found {
    Held(Vec<Outcome>),
    Job(Clusters),
}

impl Found {
    /// Decides, in memory if all shingles are on the shelf and half of what is allowed holds the rest.
    pub(crate) fn decide(
        own: &Own<'_>,
        scan: &Scan,
        parts: &Parts<'_>,
        shelf: &Shelf,
        scratch: &str,
        monitor: &mut dyn Monitor,
    ) -> Result<Self> {
        let none = Earlier::none();
        let sources = parts.sources(&none);
        let files = sources.bands()?;
        let kept = own.parts.iter().all(|part| shelf.has(&part.stem));
        if !kept || held_memory(own.documents, shingles(&files)?) > own.params.memory / 2 {
            return run_job(own, scan, &sources, &none, scratch, monitor).map(Self::Job);
        }
        let params = own.params;
        cluster_held(&files, &sources, &params.dedup, params.threads, monitor)
            .map(Self::Held)
            .map_err(error_of_job)
    }

    /// The outcomes of the candidates among these rows, ascending.
    pub(crate) fn outcomes(&self, rows: Range<u64>) -> Result<Vec<Outcome>> {
        match self {
            Self::Job(clusters) => Ok(clusters.outcomes(rows)?),
            Self::Held(all) => {
                let from = all.partition_point(|outcome| outcome.document < rows.start);
                let to = all.partition_point(|outcome| outcome.document < rows.end);
                Ok(all[from..to].to_vec())
            }
        }
    }

    /// Documents that share a band key or the hash of their text with another.
    pub(crate) fn candidates(&self) -> u64 {
        match self {
            Self::Job(clusters) => clusters.candidates(),
            Self::Held(all) => all.len() as u64,
        }
    }

    /// Tasks that an earlier try had finished.
    pub(crate) fn reused(&self) -> u64 {
        match self {
            Self::Job(clusters) => clusters.reused(),
            Self::Held(_) => 0,
        }
    }
}

/// The shingles of all documents.
fn shingles(files: &[BandFile]) -> Result<u64> {
    let (mut sum, mut counts) = (0, Vec::new());
    for file in files {
        file.read_shingles(&mut counts)?;
        sum += counts.iter().map(|count| u64::from(*count)).sum::<u64>();
    }
    Ok(sum)
}

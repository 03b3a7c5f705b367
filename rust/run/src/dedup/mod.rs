//! The third step: band files to clusters, survivors, and the proof of every removal.
//!
//! 1. scan: the verdicts of all documents → a bit each of who is compared and who may survive;
//! 2. numbers: documents of one source that share an id → which number each gets;
//! 3. the job of the engine: its candidates are read from the parts that they are in;
//! 4. table: outcomes → `dedup/`, a part at a time;
//! 5. against: those that earlier runs have → `against/`, if there are references.
//!
//! Two bits a document and one an earlier document are held; all else is on disk or read a part at a time.

pub(crate) mod against;
mod bits;
pub(crate) mod counts;
pub(crate) mod numbers;
pub(crate) mod own;
pub(crate) mod scan;
pub(crate) mod source;
pub(crate) mod table;

use std::collections::BTreeMap;
use std::path::PathBuf;

use gamayun_dedup::DedupParams;
use gamayun_dedup::job::{Clusters, Resources, cluster};
use gamayun_text::{Interrupted, Monitor, Progress};

pub use self::against::Against;
use self::against::{Earlier, MATCHES, Matches};
pub use self::counts::{DedupCounts, LargeCluster};
use self::numbers::Numbers;
use self::own::{Own, OwnPart};
use self::scan::Scan;
use self::source::{PartSource, Sources, error_of_job};
use self::table::Table;
use crate::compare::Compare;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::preference::SurvivorKey;
use crate::sorting::Sorting;
use crate::source::Source;

/// Raised when what is found in the scratch folder means something else.
const SCRATCH_FORMAT: u32 = 1;
/// Bytes that a thread may need to read a part: a batch of the largest columns, decompressed.
const READING: u64 = 32 << 20;
/// The engine gets no less, whatever is allowed.
const LEAST: u64 = 1 << 20;

/// How duplicates are found and who survives.
#[derive(Debug)]
pub struct DedupStepParams {
    /// The sources, for their priorities.
    pub sources: Vec<Source>,
    /// The parameters that the band files were made with, and the threshold.
    pub dedup: DedupParams,
    /// Which documents are compared at all.
    pub compare: Compare,
    /// The survivor order, the most important key first.
    pub keep: Vec<SurvivorKey>,
    /// Earlier runs that documents are compared with.
    pub against: Against,
    /// What the step is made from: what a killed try has finished is reused if this is equal, and band files are.
    pub identity: String,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory that the step may use.
    pub memory: u64,
}

/// Clusters the documents that passed language and writes `dedup/`, row-aligned.
pub fn dedup(
    layout: &Layout,
    params: &DedupStepParams,
    monitor: &mut dyn Monitor,
) -> Result<DedupCounts> {
    let monitor = &mut Phases(monitor);
    let own = Own::new(layout, params)?;
    let scratch = scratch(layout, &params.identity)?;
    let sorting = layout.fresh_folder(format!("{scratch}/ids"))?;
    let scan = scan::scan(&own, monitor)?;
    let numbering =
        Sorting { folder: &sorting, memory: params.memory / 8, threads: params.threads };
    let numbers = numbers::number(&own, numbering, monitor)?;
    let earlier = Earlier::open(params, monitor)?;
    let none = Earlier::none();
    let deciding = if params.against.annotate { &none } else { &earlier };
    let job = Work { own: &own, scan: &scan, numbers: &numbers, scratch: &scratch };
    let clusters = job.clusters(deciding, monitor)?;
    let table =
        Table { own: &own, scan: &scan, numbers: &numbers, clusters: &clusters, earlier: deciding };
    let written = table.write(monitor)?;
    let against = job.against(&earlier, &clusters, monitor)?;
    let counts = DedupCounts {
        eligible: scan.eligible_documents,
        candidates: clusters.candidates(),
        repeated_ids: numbers.count(),
        reused_tasks: clusters.reused(),
        lacking: scan.lacking,
        passed_by_source: scan.passed_by_source,
        against,
        ..written
    };
    layout.remove_folder("scratch")?;
    Ok(counts)
}

/// What is known before documents are compared.
struct Work<'a> {
    own: &'a Own<'a>,
    scan: &'a Scan,
    numbers: &'a Numbers,
    scratch: &'a str,
}

impl Work<'_> {
    /// Decides over all documents that take part, those of earlier runs with them.
    fn clusters(&self, earlier: &Earlier, monitor: &mut dyn Monitor) -> Result<Clusters> {
        let Self { own, scan, numbers, scratch } = *self;
        let part = |number| -> Box<dyn PartSource + '_> {
            Box::new(OwnPart { own, scan, numbers, number })
        };
        let sources = Sources::new((0..own.parts.len()).map(part).collect(), earlier);
        run_job(own, scan, &sources, earlier, scratch, monitor)
    }

    /// Lists what earlier runs have; if it is kept all the same, it was decided without them.
    fn against(
        &self,
        earlier: &Earlier,
        decided: &Clusters,
        monitor: &mut dyn Monitor,
    ) -> Result<BTreeMap<String, u64>> {
        let params = &self.own.params.against;
        if params.references.is_empty() {
            self.own.layout.remove_folder(MATCHES)?;
            return Ok(BTreeMap::new());
        }
        let again = if params.annotate { Some(self.clusters(earlier, monitor)?) } else { None };
        let matches = Matches {
            own: self.own,
            scan: self.scan,
            numbers: self.numbers,
            earlier,
            clusters: again.as_ref().unwrap_or(decided),
        };
        matches.write(monitor)
    }
}

/// Runs the job of the engine over the documents of these parts.
pub(crate) fn run_job(
    own: &Own<'_>,
    scan: &Scan,
    sources: &Sources<'_>,
    earlier: &Earlier,
    scratch: &str,
    monitor: &mut dyn Monitor,
) -> Result<Clusters> {
    let compared = own.params.compare != Compare::Nothing;
    let eligible = |row: u64| match row.checked_sub(own.documents) {
        None => compared && scan.eligible.contains(row),
        Some(row) => compared && earlier.was_kept(row),
    };
    let held = own.documents / 4 + earlier.documents() / 8;
    let name = if earlier.documents() == 0 { "job" } else { "job-against" };
    let resources = Resources {
        threads: own.params.threads,
        memory: engine_memory(own.params, held),
        scratch: own.layout.path(format!("{scratch}/{name}")),
    };
    let files = sources.bands()?;
    cluster(&files, &eligible, sources, &own.params.dedup, &resources, monitor)
        .map_err(error_of_job)
}

/// What is left for the engine.
fn engine_memory(params: &DedupStepParams, held: u64) -> u64 {
    let held = held + params.memory / 16 + params.threads.max(1) as u64 * READING;
    params.memory.saturating_sub(held).max(params.memory / 4).max(LEAST)
}

/// The scratch folder of this very step; those of others are removed.
pub(crate) fn scratch(layout: &Layout, identity: &str) -> Result<String> {
    let name = format!("dedup-{SCRATCH_FORMAT}-{identity}");
    let folder: PathBuf = layout.folder("scratch")?;
    for entry in std::fs::read_dir(&folder).map_err(Error::file(&folder))? {
        let entry = entry.map_err(Error::file(&folder))?;
        if entry.file_name() != *name {
            layout.remove_folder(format!("scratch/{}", entry.file_name().to_string_lossy()))?;
        }
    }
    Ok(format!("scratch/{name}"))
}

/// The phases of this step count different things, so their speeds say nothing.
pub(crate) struct Phases<'m>(pub(crate) &'m mut dyn Monitor);

impl Monitor for Phases<'_> {
    fn advance(&mut self, progress: Progress) -> std::result::Result<(), Interrupted> {
        self.0.advance(Progress { documents: 0, bytes: 0, ..progress })
    }
}

//! Deduplication of texts that come in batches, in bounded memory: the texts are not kept, all else is on disk.

use std::ops::Range;
use std::path::{Path, PathBuf};

use gamayun_text::Monitor;
use tempfile::TempDir;

use crate::job::{Clusters, Resources, cluster};
use crate::outcome::of_rows;
use crate::signed::{Signed, sign_texts};
use crate::spill::{Spill, Spilled};
use crate::{BandFile, BandFileWriter, DedupParams, Error, Outcome, PART_DOCUMENTS, Result};

/// Takes texts in any number of batches; [`finish`](Self::finish) says of all of them what
/// [`deduplicate`](crate::deduplicate) would.
///
/// Memory: what is allowed, however many texts there are, beside the batch itself. Scratch disk: `7 × bands + 44` bytes a
/// text and 8 a word until the outcomes are dropped, and what [`cluster`] needs. Nothing stays in the folder but after a
/// kill.
///
/// ```
/// use gamayun_dedup::{DedupParams, Deduplicator};
///
/// let mut all = Deduplicator::new(&DedupParams::default(), 2, 256 << 20, std::env::temp_dir());
/// all.add(&["A text that is here twice.", "Another one."], None, &mut ())?;
/// all.add(&["a text that is here TWICE"], None, &mut ())?;
/// let mut kept = Vec::new();
/// for part in all.finish(&mut ())? {
///     kept.extend(part?.iter().map(|outcome| outcome.kept));
/// }
/// assert_eq!(kept, [Some(0), Some(1), Some(0)]);
/// # Ok::<(), gamayun_dedup::Error>(())
/// ```
#[derive(Debug)]
pub struct Deduplicator {
    params: DedupParams,
    threads: usize,
    memory: u64,
    scratch: PathBuf,
    /// In `scratch`; made when the first text comes.
    folder: Option<TempDir>,
    open: Option<Part>,
    parts: Parts,
}

/// The parts that are complete.
#[derive(Debug, Default)]
struct Parts {
    files: Vec<BandFile>,
    spilled: Vec<Spilled>,
    texts: u64,
}

/// The part that texts are added to.
#[derive(Debug)]
struct Part {
    bands: BandFileWriter,
    spill: Spill,
}

/// The fewest texts of a part.
const FEWEST: u64 = 16;

impl Deduplicator {
    /// `memory` is in bytes; `scratch` is a folder that exists.
    #[must_use]
    pub fn new(params: &DedupParams, threads: usize, memory: u64, scratch: PathBuf) -> Self {
        let (folder, open, parts) = (None, None, Parts::default());
        Self { params: params.clone(), threads, memory, scratch, folder, open, parts }
    }

    /// Texts that were added.
    #[must_use]
    pub fn texts(&self) -> u64 {
        self.parts.texts + self.open.as_ref().map_or(0, |part| part.spill.texts())
    }

    /// Adds texts, which are normalised as those of a run are. `order` ranks them among all texts, the least surviving,
    /// and the earlier one of equal rank; without it the rank is the place among all texts.
    ///
    /// # Errors
    /// [`Error::Parameter`] if `order` has another length, before anything is added; the scratch files; the monitor,
    /// after which the texts of some waves are in and the rest are not: begin anew.
    pub fn add(
        &mut self,
        texts: &[&str],
        order: Option<&[u64]>,
        monitor: &mut dyn Monitor,
    ) -> Result<()> {
        let mut ranks = self.ranks_of(texts.len(), order)?.into_iter();
        let (params, threads, wave) = (self.params.clone(), self.threads, self.memory / 32);
        sign_texts(texts, &params, threads, wave, monitor, &mut |wave| {
            wave.iter().zip(&mut ranks).try_for_each(|(signed, rank)| self.push(signed, rank))
        })
    }

    fn ranks_of(&self, texts: usize, order: Option<&[u64]>) -> Result<Vec<u64>> {
        let first = self.texts();
        match order {
            None => Ok((first..first + texts as u64).collect()),
            Some(order) if order.len() == texts => Ok(order.to_vec()),
            Some(order) => Err(Error::Parameter {
                parameter: "order",
                found: format!("{} ranks for {texts} texts", order.len()),
                expected: "a rank for each text",
            }),
        }
    }

    fn push(&mut self, signed: &Signed, rank: u64) -> Result<()> {
        let mut part = match self.open.take() {
            Some(part) => part,
            None => self.part()?,
        };
        part.bands.push(&signed.keys, signed.count(), signed.content);
        part.spill.push(&signed.shingles, rank)?;
        let full = part.spill.texts() >= self.part_texts();
        self.open = Some(part);
        if full { self.close() } else { Ok(()) }
    }

    /// A quarter of the memory holds the keys of a part and what sorting them takes.
    fn part_texts(&self) -> u64 {
        let text = 32 * self.params.bands() as u64 + 128;
        (self.memory / 4 / text).clamp(FEWEST, PART_DOCUMENTS)
    }

    fn part(&mut self) -> Result<Part> {
        let (number, first) = (self.parts.files.len(), self.parts.texts);
        let folder = self.folder()?;
        let bands = folder.join(format!("{number}.bands"));
        let spill = Spill::create(folder.join(format!("{number}.shingles")), first)?;
        Ok(Part { bands: BandFileWriter::new(bands, &self.params), spill })
    }

    fn folder(&mut self) -> Result<&Path> {
        let folder = match self.folder.take() {
            Some(folder) => folder,
            None => tempfile::tempdir_in(&self.scratch).map_err(Error::io(&self.scratch))?,
        };
        Ok(self.folder.insert(folder).path())
    }

    fn close(&mut self) -> Result<()> {
        if let Some(part) = self.open.take() {
            self.parts.texts += part.spill.texts();
            self.parts.spilled.push(part.spill.finish()?);
            self.parts.files.push(part.bands.finish()?);
        }
        Ok(())
    }

    /// Decides all texts; nothing can be added afterwards.
    ///
    /// # Errors
    /// The scratch files; a text whose shingles the memory does not hold; the monitor.
    pub fn finish(mut self, monitor: &mut dyn Monitor) -> Result<Outcomes> {
        self.close()?;
        let scratch = self.folder()?.join("job");
        let resources = Resources { threads: self.threads, memory: self.memory, scratch };
        let Parts { files, spilled, .. } = std::mem::take(&mut self.parts);
        let clusters = cluster(&files, &|_| true, &spilled, &self.params, &resources, monitor)?;
        let ends = files.iter().scan(0, |end, file| {
            let start = *end;
            *end += crate::Bands::documents(file);
            Some(start..*end)
        });
        let parts = ends.collect::<Vec<_>>().into_iter();
        Ok(Outcomes { clusters, parts, _folder: self.folder })
    }
}

/// The outcomes of all texts, in the order in which they came, one part after the other.
#[derive(Debug)]
pub struct Outcomes {
    clusters: Clusters,
    parts: std::vec::IntoIter<Range<u64>>,
    /// Removed when this is dropped.
    _folder: Option<TempDir>,
}

impl Iterator for Outcomes {
    type Item = Result<Vec<Outcome>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = self.parts.next()?;
        Some(self.clusters.outcomes(rows.clone()).map(|found| of_rows(rows, found)))
    }
}

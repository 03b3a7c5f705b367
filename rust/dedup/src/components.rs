//! Candidate components: documents joined by a bucket of any band, or by equal texts.

use gamayun_text::{Monitor, Progress};
use rayon::slice::ParallelSliceMut;

use crate::bands::Bands;
use crate::union::UnionFind;
use crate::{Error, Result};

/// Documents that may be near-duplicates, in groups of two or more; no document is in two groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Components {
    /// Documents looked at.
    pub(crate) documents: u64,
    /// Members, ascending within a component; components by their least member.
    pub(crate) members: Vec<Member>,
    /// Where each component ends in `members`.
    pub(crate) ends: Vec<usize>,
}

/// A document of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) document: u64,
    pub(crate) content: u128,
    pub(crate) shingles: u32,
}

impl Components {
    /// How many components there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// There are no candidates at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Documents in components.
    #[must_use]
    pub fn candidates(&self) -> u64 {
        self.members.len() as u64
    }

    /// Documents of all files, candidates or not.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// The indices of the documents of each component, ascending.
    pub fn iter(&self) -> impl Iterator<Item = impl Iterator<Item = u64>> {
        self.groups().map(|members| members.iter().map(|member| member.document))
    }

    pub(crate) fn groups(&self) -> impl Iterator<Item = &[Member]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.members[start..*end])
    }
}

/// The most bytes that [`candidate_components`] holds at once for this many documents, all of them duplicates.
///
/// 8 for the forest, then the larger of 24 for the entries of one column and 48 for the components.
#[must_use]
pub fn memory_needed(documents: u64) -> u64 {
    documents.saturating_mul(64)
}

/// Joins the documents of all files that share a band key or the hash of their text.
///
/// Documents are numbered from 0 through all files in the order given. Those that are not `eligible` join nothing.
/// The work is one sort a band, on `threads` threads; the monitor hears of every column.
///
/// # Errors
/// A file that is damaged or made with other parameters; threads that cannot be started; the monitor.
pub fn candidate_components<B: Bands>(
    files: &[B],
    eligible: &dyn Fn(u64) -> bool,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Components> {
    check_layouts(files)?;
    let pool = crate::threads::pool(threads)?;
    let mut work = Joining::new(files, eligible)?;
    let bands = files.first().map_or(0, |file| file.layout().bands as usize);
    for band in 0..bands {
        work.progress(monitor, band, bands)?;
        work.join_band(files, band, &pool)?;
    }
    work.progress(monitor, bands, bands)?;
    work.join_contents(files, &pool)?;
    work.progress(monitor, bands + 1, bands)?;
    let documents = work.documents;
    collect(files, documents, work.sets.into_sets())
}

pub(crate) fn check_layouts<B: Bands>(files: &[B]) -> Result<()> {
    let Some(first) = files.first() else { return Ok(()) };
    match files.iter().find(|file| file.layout() != first.layout()) {
        Some(other) => Err(Error::Mismatch { first: first.name(), other: other.name() }),
        None => Ok(()),
    }
}

/// The forest and who may join it.
struct Joining {
    documents: u64,
    sets: UnionFind,
    /// 1: eligible; 2: has band keys.
    flags: Vec<u8>,
}

impl Joining {
    fn new<B: Bands>(files: &[B], eligible: &dyn Fn(u64) -> bool) -> Result<Self> {
        let (mut flags, mut counts, mut document) = (Vec::new(), Vec::new(), 0);
        for file in files {
            file.read_shingles(&mut counts)?;
            for count in &counts {
                flags.push(u8::from(eligible(document)) * (1 | u8::from(*count > 0) << 1));
                document += 1;
            }
        }
        Ok(Self { documents: document, sets: UnionFind::new(document), flags })
    }

    fn progress(&self, monitor: &mut dyn Monitor, column: usize, bands: usize) -> Result<()> {
        let progress = Progress {
            done: column as u64,
            total: bands as u64 + 1,
            documents: self.documents,
            bytes: 0,
        };
        Ok(monitor.advance(progress)?)
    }

    fn join_band<B: Bands>(
        &mut self,
        files: &[B],
        band: usize,
        pool: &rayon::ThreadPool,
    ) -> Result<()> {
        let (mut entries, mut keys, mut base) = (Vec::new(), Vec::new(), 0);
        for file in files {
            file.read_band(band, &mut keys)?;
            let rows = (base..).zip(&keys).filter(|(row, _)| self.flag(*row) == 3);
            entries.extend(rows.map(|(row, key)| (*key, row)));
            base += file.documents();
        }
        pool.install(|| entries.par_sort_unstable());
        self.join_equal(&entries);
        Ok(())
    }

    fn join_contents<B: Bands>(&mut self, files: &[B], pool: &rayon::ThreadPool) -> Result<()> {
        let (mut entries, mut contents, mut base) = (Vec::new(), Vec::new(), 0);
        for file in files {
            file.read_contents(&mut contents)?;
            let rows = (base..).zip(&contents).filter(|(row, _)| self.flag(*row) & 1 == 1);
            entries.extend(rows.map(|(row, content)| (halves(*content), row)));
            base += file.documents();
        }
        pool.install(|| entries.par_sort_unstable());
        self.join_equal(&entries);
        Ok(())
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "an index of a document in memory fits usize"
    )]
    fn flag(&self, row: u64) -> u8 {
        self.flags[row as usize]
    }

    fn join_equal<K: PartialEq>(&mut self, sorted: &[(K, u64)]) {
        for pair in sorted.windows(2) {
            if pair[0].0 == pair[1].0 {
                self.sets.union(pair[0].1, pair[1].1);
            }
        }
    }
}

/// As two words an entry takes 24 bytes; as one of 128 bits it would be padded to 32.
#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
fn halves(content: u128) -> [u64; 2] {
    [(content >> 64) as u64, content as u64]
}

/// Puts the sets of (name, document), sorted, into components, with what resolving needs of each member.
fn collect<B: Bands>(files: &[B], documents: u64, sets: Vec<(u64, u64)>) -> Result<Components> {
    let mut ends: Vec<usize> = sets
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0].0 != pair[1].0)
        .map(|(i, _)| i + 1)
        .collect();
    if !sets.is_empty() {
        ends.push(sets.len());
    }
    let mut members: Vec<Member> = sets
        .into_iter()
        .map(|(_, document)| Member { document, content: 0, shingles: 0 })
        .collect();
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_unstable_by_key(|place| members[*place].document);
    let (mut order, mut base) = (order.into_iter().peekable(), 0);
    let (mut shingles, mut contents) = (Vec::new(), Vec::new());
    for file in files {
        file.read_shingles(&mut shingles)?;
        file.read_contents(&mut contents)?;
        for (row, (count, content)) in (base..).zip(shingles.iter().zip(&contents)) {
            if let Some(place) = order.next_if(|place| members[*place].document == row) {
                members[place].content = *content;
                members[place].shingles = *count;
            }
        }
        base += file.documents();
    }
    Ok(Components { documents, members, ends })
}

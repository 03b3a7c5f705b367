//! Who survives: exact checks inside each candidate component, within a bound on memory.

use std::collections::BTreeMap;

use gamayun_text::{Monitor, Progress};
use rayon::prelude::*;

use crate::components::Member;
use crate::leader::{PLAIN, assign};
use crate::{Components, Corpus, DedupParams, Error, Evidence, Measure, Outcome, Result};

/// What decides between the members of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<K> {
    /// The document passed the rules; others never survive.
    pub passed: bool,
    /// Its place in the order of survivors: of those that passed, the one with the least key survives. Keys should
    /// differ; equal ones are ordered by document index, which is an accident of the input.
    pub key: K,
}

/// What resolving may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Threads for comparing.
    pub threads: usize,
    /// Bytes for the shingle sets that are held at once.
    pub memory: u64,
}

/// Bytes of a set beside its shingles, of a shingle, and of a shingle in a component that needs an index.
const SET: u64 = 32;
const SHINGLE: u64 = 8;
const INDEXED: u64 = 48;

impl Components {
    /// The least [`Limits::memory`] that [`resolve`] can work with: that of the largest component.
    #[must_use]
    pub fn verification_memory(&self) -> u64 {
        self.groups().map(|members| needed(members).1).max().unwrap_or(0)
    }
}

/// Decides every document of the components; documents outside of them are alone. Ordered by document.
///
/// Inside a component the texts are gone through by (passed, key). The first is a survivor; each next one goes to the
/// first survivor with which its exact Jaccard reaches the threshold, or becomes a survivor. Equal texts stay together.
/// The outcome depends on the texts and the keys only, not on the order of documents, files or threads.
///
/// Components are worked on in groups that fit into the memory allowed, so each text is read once.
///
/// # Errors
/// [`Error::Memory`], before anything is read, if one component does not fit; the corpus' own error; the monitor.
pub fn resolve<K: Ord + Clone + Send + Sync>(
    components: &Components,
    candidate: &dyn Fn(u64) -> Candidate<K>,
    corpus: &dyn Corpus,
    params: &DedupParams,
    limits: Limits,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Outcome>> {
    let groups: Vec<&[Member]> = components.groups().collect();
    check_memory(&groups, limits.memory)?;
    let pool = crate::threads::pool(limits.threads)?;
    let mut outcomes = Vec::with_capacity(components.members.len());
    let mut rest = &groups[..];
    while !rest.is_empty() {
        let (batch, later) = rest.split_at(fitting(rest, limits.memory));
        rest = later;
        let mut work: Vec<Work> =
            batch.iter().map(|members| Work::new(members, candidate)).collect();
        read_sets(&mut work, corpus)?;
        for some in work.chunks(COMPARED) {
            let done = outcomes.len() as u64;
            let total = components.candidates();
            monitor.advance(Progress { done, total, documents: done, bytes: 0 })?;
            let decide = some.par_iter().flat_map_iter(|work| work.outcomes(params.measure()));
            pool.install(|| outcomes.par_extend(decide));
        }
    }
    outcomes.sort_unstable_by_key(|outcome| outcome.document);
    Ok(outcomes)
}

/// Components that are compared between two reports to the monitor.
const COMPARED: usize = 1024;

/// Texts to be read for a component, and the bytes of their sets: none if all texts are equal.
fn needed(members: &[Member]) -> (u64, u64) {
    let texts: BTreeMap<u128, u32> =
        members.iter().map(|member| (member.content, member.shingles)).collect();
    if texts.len() == 1 {
        return (0, 0);
    }
    let shingle = if texts.len() > PLAIN { INDEXED } else { SHINGLE };
    (texts.len() as u64, texts.values().map(|shingles| u64::from(*shingles) * shingle + SET).sum())
}

fn check_memory(groups: &[&[Member]], budget: u64) -> Result<()> {
    for members in groups {
        let (documents, needed) = needed(members);
        if needed > budget {
            return Err(Error::Memory { documents, needed, budget });
        }
    }
    Ok(())
}

/// How many of the first components fit together; at least one.
fn fitting(groups: &[&[Member]], budget: u64) -> usize {
    let mut left = budget;
    let fits = |members: &&&[Member]| {
        let remaining = left.checked_sub(needed(members).1);
        left = remaining.unwrap_or(0);
        remaining.is_some()
    };
    groups.iter().take_while(fits).count().max(1)
}

/// Documents of one text, the preferred one first.
struct Unit {
    members: Vec<u64>,
    passed: bool,
}

/// A component to be decided.
struct Work {
    /// By preference of their first members.
    units: Vec<Unit>,
    sets: Vec<Vec<u64>>,
}

impl Work {
    fn new<K: Ord + Clone>(members: &[Member], candidate: &dyn Fn(u64) -> Candidate<K>) -> Self {
        let mut order: Vec<_> = members
            .iter()
            .map(|member| {
                let Candidate { passed, key } = candidate(member.document);
                (!passed, key, member.document, member.content)
            })
            .collect();
        order.sort_unstable();
        let mut places = BTreeMap::new();
        let mut units: Vec<Unit> = Vec::new();
        for (failed, _, document, content) in order {
            let place = *places.entry(content).or_insert(units.len());
            if place == units.len() {
                units.push(Unit { members: Vec::new(), passed: !failed });
            }
            units[place].members.push(document);
        }
        Self { sets: vec![Vec::new(); units.len()], units }
    }

    fn outcomes(&self, measure: Measure) -> Vec<Outcome> {
        let assigned = assign(&self.sets, measure, 0);
        let mut sizes = vec![0; self.units.len()];
        for (unit, (survivor, _)) in self.units.iter().zip(&assigned) {
            sizes[*survivor] += unit.members.len() as u64;
        }
        let mut outcomes = Vec::new();
        for (place, (unit, (survivor, evidence))) in self.units.iter().zip(assigned).enumerate() {
            let head = &self.units[survivor];
            let (cluster, size) = (head.members[0], sizes[survivor]);
            outcomes.extend(unit.members.iter().map(|&document| Outcome {
                document,
                cluster,
                size,
                kept: head.passed.then_some(cluster),
                evidence: match () {
                    () if place != survivor => evidence,
                    () if document != cluster => Evidence::Exact,
                    () if size == 1 => Evidence::Alone,
                    () => Evidence::Survivor,
                },
            }));
        }
        outcomes
    }
}

/// Reads one text of each unit of components that have several, in order of the documents.
fn read_sets(work: &mut [Work], corpus: &dyn Corpus) -> Result<()> {
    let mut wanted: Vec<(u64, usize, usize)> = Vec::new();
    for (component, work) in work.iter().enumerate().filter(|(_, work)| work.units.len() > 1) {
        wanted
            .extend(work.units.iter().enumerate().map(|(unit, u)| (u.members[0], component, unit)));
    }
    wanted.sort_unstable();
    let documents: Vec<u64> = wanted.iter().map(|(document, ..)| *document).collect();
    let mut given = vec![false; wanted.len()];
    if !documents.is_empty() {
        corpus
            .shingle_sets(&documents, &mut |place, set| {
                let (_, component, unit) = wanted[place];
                given[place] = true;
                work[component].sets[unit] = set;
            })
            .map_err(Error::Corpus)?;
    }
    match given.iter().position(|given| !given) {
        Some(place) => Err(Error::Missing { document: documents[place] }),
        None => Ok(()),
    }
}

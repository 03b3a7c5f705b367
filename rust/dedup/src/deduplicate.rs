//! Deduplication of texts in memory, in one call.

use std::sync::{Mutex, PoisonError};

use gamayun_text::{DocId, Monitor};

use crate::bands::KEY_BITS;
use crate::file_writer::content_key;
use crate::job::{
    self, Candidate, Facts, Forest, Grouper, Preference, Shingles, Tally, decide, map_with,
};
use crate::outcome::of_rows;
use crate::set_maker::SetMaker;
use crate::signed::sign_texts;
use crate::{BandTable, DedupParams, Outcome, Result};

/// Finds what is kept of these texts: one outcome for each, in their order.
///
/// `order` ranks the texts, the least surviving; without it, or without a rank, the first of a cluster survives. Texts are
/// normalised as those of a run are. Memory beside the texts: 8 bytes a word, `8 × bands + 52` a text, and 32 a text and
/// thread while candidates are found.
///
/// ```
/// use gamayun_dedup::{DedupParams, deduplicate};
///
/// let texts = ["A text that is here twice.", "Another one.", "a text that is here TWICE"];
/// let outcomes = deduplicate(&texts, None, &DedupParams::default(), 2, &mut ())?;
/// assert_eq!(outcomes.iter().map(|o| o.kept).collect::<Vec<_>>(), [Some(0), Some(1), Some(0)]);
/// # Ok::<(), gamayun_dedup::Error>(())
/// ```
///
/// # Errors
/// Threads that cannot be started; the monitor.
pub fn deduplicate(
    texts: &[&str],
    order: Option<&[u64]>,
    params: &DedupParams,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Outcome>> {
    let (mut table, mut sets) = (BandTable::new(params), Vec::with_capacity(texts.len()));
    sign_texts(texts, params, threads, WAVE, monitor, &mut |wave| {
        for signed in wave {
            table.push(&signed.keys, signed.count(), signed.content);
            sets.push(signed.shingles);
        }
        Ok(())
    })?;
    let forest = join(&table, threads, monitor)?;
    let candidates = candidates(&forest, &table, &mut sets, order);
    drop((forest, table));
    let found = resolve(candidates, params, threads, monitor)?;
    Ok(of_rows(0..texts.len() as u64, found))
}

/// Bytes of text of a wave.
const WAVE: u64 = 32 << 20;
/// Candidates of a task, if one component is not larger.
const TASK: usize = 1024;

/// Joins texts that share a band key or the hash of their text.
fn join(table: &BandTable, threads: usize, monitor: &mut dyn Monitor) -> Result<Forest> {
    let forest = Forest::of_all(table.shingles.len() as u64);
    let columns = table.keys.len() + 1;
    let tally = Tally::of(columns as u64);
    map_with(columns, threads, &tally, monitor, |grouper: &mut Grouper, column| {
        let rows = (0u64..).zip(&table.shingles);
        match table.keys.get(column) {
            Some(keys) => rows
                .zip(keys)
                .filter(|((_, shingles), _)| **shingles > 0)
                .for_each(|((row, _), key)| grouper.push(*key, row)),
            None => rows
                .zip(&table.contents)
                .for_each(|((row, _), content)| grouper.push(content_key(*content), row)),
        }
        grouper.groups(&(0..1 << KEY_BITS), &mut |group| {
            forest.unite(group[1..].iter().map(|entry| [group[0].1, entry.1]));
            Ok(tally.step(0)?)
        })?;
        Ok(tally.step(1)?)
    })?;
    Ok(forest)
}

/// The texts of all components, by component, with their shingles as they are.
fn candidates(
    forest: &Forest,
    table: &BandTable,
    sets: &mut [Vec<u64>],
    order: Option<&[u64]>,
) -> Vec<Candidate> {
    let rows = 0..sets.len() as u64;
    let mut labels: Vec<[u64; 2]> = forest.sets(rows).map(|[row, label]| [label, row]).collect();
    labels.sort_unstable();
    let components = labels.chunk_by(|a, b| a[0] == b[0]).filter(|rows| rows.len() > 1);
    let candidate = |[label, row]: &[u64; 2]| {
        let at = usize::try_from(*row).unwrap_or(usize::MAX); // a place in memory
        let rank = order.and_then(|order| order.get(at).copied()).unwrap_or(*row);
        let found = Shingles::Found(std::mem::take(&mut sets[at]));
        let (content, set) = (table.contents[at], Some(found));
        Candidate { label: *label, row: *row, content, facts: facts(*row, rank), set }
    };
    components.flatten().map(candidate).collect()
}

/// Those of a text that is named by its place.
pub(crate) fn facts(row: u64, rank: u64) -> Facts {
    Facts {
        id: DocId(row.into()),
        preference: Preference([rank, 0, 0, 0, 0, 0]),
        passed: true,
        pinned: false,
        name: "".into(),
    }
}

/// Decides the components, which stand one behind the other.
pub(crate) fn resolve(
    candidates: Vec<Candidate>,
    params: &DedupParams,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<job::Outcome>> {
    let tally = Tally::of(candidates.len() as u64);
    let mut tasks: Vec<Vec<Candidate>> = Vec::new();
    for candidate in candidates {
        let full = |task: &Vec<Candidate>| {
            task.len() >= TASK && task.last().is_some_and(|last| last.label != candidate.label)
        };
        if tasks.last().is_none_or(full) {
            tasks.push(Vec::new());
        }
        if let Some(task) = tasks.last_mut() {
            task.push(candidate);
        }
    }
    let tasks: Vec<Mutex<Vec<Candidate>>> = tasks.into_iter().map(Mutex::new).collect();
    let found = map_with(tasks.len(), threads, &tally, monitor, |maker: &mut SetMaker, task| {
        let candidates =
            std::mem::take(&mut *tasks[task].lock().unwrap_or_else(PoisonError::into_inner));
        let mut found = Vec::with_capacity(candidates.len());
        decide(candidates, params.measure(), maker, &mut || Ok(tally.step(0)?), &mut |outcome| {
            found.push(outcome);
            Ok(tally.step(1)?)
        })?;
        Ok(found)
    })?;
    let mut outcomes: Vec<job::Outcome> = found.into_iter().flatten().collect();
    outcomes.sort_unstable_by_key(|outcome| outcome.document);
    Ok(outcomes)
}

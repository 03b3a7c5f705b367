//! The third tasks: the candidates of a partition to their outcomes, in memory.

use std::collections::BTreeMap;

use super::model::{Kept, Outcome};
use super::record::{Candidate, rank};
use super::shingles::Shingles;
use crate::leader::assign;
use crate::set_maker::SetMaker;
use crate::{Evidence, Measure, Result};

/// Decides components, each gone through by (pinned, passed, preference, id): the first is a survivor; each next one goes
/// to the first survivor that it matches, or becomes one. Pinned ones always do. Equal texts stay together.
pub(crate) fn decide(
    mut candidates: Vec<Candidate>,
    measure: Measure,
    maker: &mut SetMaker,
    listen: &mut dyn FnMut() -> Result<()>,
    out: &mut dyn FnMut(Outcome) -> Result<()>,
) -> Result<()> {
    let key = |c: &Candidate| (c.label, rank(&c.facts), c.facts.preference, c.facts.id, c.row);
    candidates.sort_unstable_by_key(key);
    candidates
        .chunk_by_mut(|a, b| a.label == b.label)
        .try_for_each(|component| decide_component(component, measure, maker, listen, out))
}

/// Documents of one text, the preferred one first.
struct Unit {
    members: Vec<usize>,
}

fn decide_component(
    members: &mut [Candidate],
    measure: Measure,
    maker: &mut SetMaker,
    listen: &mut dyn FnMut() -> Result<()>,
    out: &mut dyn FnMut(Outcome) -> Result<()>,
) -> Result<()> {
    let (mut places, mut units, mut alone) = (BTreeMap::new(), Vec::<Unit>::new(), Vec::new());
    let (mut shingles, mut pinned) = (Vec::new(), 0);
    for (at, member) in members.iter_mut().enumerate() {
        let place = *places.entry(member.content).or_insert(units.len());
        let new = place == units.len();
        if new {
            units.push(Unit { members: Vec::new() });
            shingles.push(None);
            pinned += usize::from(member.facts.pinned); // they come first
        }
        shingles[place] = shingles[place].take().or(member.set.take());
        // A pinned document is not removed for its equal either.
        if new || !member.facts.pinned { units[place].members.push(at) } else { alone.push(at) }
    }
    let assigned = if units.len() == 1 {
        vec![(0, Evidence::Survivor)]
    } else {
        let mut set = |shingles: Option<Shingles>| match shingles {
            Some(shingles) => listen().map(|()| shingles.into_set(maker)),
            None => Ok(Vec::new()),
        };
        let sets = shingles.into_iter().map(&mut set).collect::<Result<Vec<_>>>()?;
        let assigned = assign(&sets, measure, pinned, listen)?;
        for set in sets {
            maker.spare(set);
        }
        assigned
    };
    let mut sizes = vec![0u64; units.len()];
    for (unit, (survivor, _)) in units.iter().zip(&assigned) {
        sizes[*survivor] += unit.members.len() as u64;
    }
    for (unit, (survivor, evidence)) in units.iter().zip(assigned) {
        let head = units[survivor].members[0];
        for at in &unit.members {
            let evidence = match evidence {
                Evidence::Survivor if *at != head => Evidence::Exact,
                Evidence::Survivor if sizes[survivor] == 1 => Evidence::Alone,
                evidence => evidence,
            };
            out(outcome(members[*at].row, &members[head], sizes[survivor], evidence))?;
        }
    }
    alone
        .into_iter()
        .try_for_each(|at| out(outcome(members[at].row, &members[at], 1, Evidence::Alone)))
}

/// That of a member of the cluster of `head`.
pub(crate) fn outcome(document: u64, head: &Candidate, size: u64, evidence: Evidence) -> Outcome {
    let facts = &head.facts;
    let kept = (facts.passed || facts.pinned).then(|| Kept {
        document: head.row,
        id: facts.id,
        name: facts.name.clone(),
        pinned: facts.pinned,
    });
    Outcome { document, cluster: facts.id, size, kept, evidence }
}

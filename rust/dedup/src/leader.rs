//! Clusters within a component: each text goes to the first earlier survivor that it matches, or becomes one.

use crate::prefix::{PrefixIndex, Side};
use crate::{Evidence, Measure, Result};

/// Components of more texts than this are searched by an index.
pub(crate) const PLAIN: usize = 48;

/// The place of the survivor of a set, and their likeness.
pub(crate) type Assigned = (usize, Evidence);

/// For each set, in order of preference: its survivor's place and their likeness; its own place if it is one itself.
/// `listen` is called many times a second, and can end the work.
///
/// The first `pinned` sets are survivors whatever they match. This equals the walk that takes the first unassigned text
/// as a survivor and compares all others with it. Pages that share a template can make a component of very many texts of
/// which few match: there the index finds the pairs that can match by their rarest shingles, and leaves out no pair that
/// does.
pub(crate) fn assign(
    sets: &[Vec<u64>],
    measure: Measure,
    pinned: usize,
    listen: &mut dyn FnMut() -> Result<()>,
) -> Result<Vec<Assigned>> {
    if sets.len() > PLAIN {
        assign_by_index(sets, measure, pinned, listen)
    } else {
        assign_plainly(sets, measure, pinned, listen)
    }
}

fn assign_plainly(
    sets: &[Vec<u64>],
    measure: Measure,
    pinned: usize,
    listen: &mut dyn FnMut() -> Result<()>,
) -> Result<Vec<Assigned>> {
    let mut survivors: Vec<usize> = Vec::new();
    let mut assigned = Vec::with_capacity(sets.len());
    for (place, set) in sets.iter().enumerate() {
        listen()?;
        let found = if place < pinned { None } else { first_match(sets, set, &survivors, measure) };
        if found.is_none() {
            survivors.push(place);
        }
        assigned.push(found.unwrap_or((place, Evidence::Survivor)));
    }
    Ok(assigned)
}

fn assign_by_index(
    sets: &[Vec<u64>],
    measure: Measure,
    pinned: usize,
    listen: &mut dyn FnMut() -> Result<()>,
) -> Result<Vec<Assigned>> {
    let mut index = PrefixIndex::new(sets, measure, Side::Survivor);
    let mut candidates = Vec::new();
    let mut assigned = Vec::with_capacity(sets.len());
    for (place, set) in sets.iter().enumerate() {
        listen()?;
        let found = if place < pinned {
            None
        } else {
            index.search(set, &mut candidates);
            first_match(sets, set, &candidates, measure)
        };
        if found.is_none() {
            index.insert(place);
        }
        assigned.push(found.unwrap_or((place, Evidence::Survivor)));
    }
    Ok(assigned)
}

fn first_match(
    sets: &[Vec<u64>],
    set: &[u64],
    places: &[usize],
    measure: Measure,
) -> Option<Assigned> {
    places.iter().find_map(|place| measure.compare(&sets[*place], set).map(|value| (*place, value)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sorted_set;

    /// The walk of the definition: the first unassigned text claims all unassigned texts that match it.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn slow(sets: &[Vec<u64>], measure: Measure, pinned: usize) -> Vec<(usize, Evidence)> {
        let mut assigned = vec![None; sets.len()];
        (0..pinned.min(sets.len()))
            .for_each(|place| assigned[place] = Some((place, Evidence::Survivor)));
        for survivor in 0..sets.len() {
            if assigned[survivor].is_some_and(|(to, _)| to != survivor) {
                continue;
            }
            assigned[survivor] = Some((survivor, Evidence::Survivor));
            for other in survivor + 1..sets.len() {
                let (a, b) = (&sets[survivor], &sets[other]);
                let (value, both) =
                    (crate::jaccard(a, b), b.iter().filter(|x| a.contains(x)).count());
                let share = both as f64 / b.len() as f64;
                let evidence = if value >= measure.threshold {
                    Some(Evidence::Jaccard(value))
                } else if measure.containment.is_some_and(|c| share >= c) && b.len() <= a.len() {
                    Some(Evidence::Containment(share))
                } else {
                    None
                };
                if assigned[other].is_none() {
                    assigned[other] = evidence.map(|evidence| (survivor, evidence));
                }
            }
        }
        assigned.into_iter().flatten().collect()
    }

    /// Sets that share a template to a varying extent and vary among themselves.
    fn sets() -> impl Strategy<Value = Vec<Vec<u64>>> {
        let own = prop::collection::vec(
            (0u64..40).prop_map(|x| x.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            0..12,
        );
        let set = (own, 0u64..30).prop_map(|(own, template)| {
            sorted_set(
                own.into_iter()
                    .chain((1..=template).map(|x| x.wrapping_mul(0xD6E8_FEB8_6659_FD93)))
                    .collect(),
            )
        });
        prop::collection::vec(set, 0..120)
    }

    proptest! {
        #[test]
        fn both_ways_equal_the_definition(
            sets in sets(),
            threshold in prop::sample::select(vec![0.1, 0.5, 0.75, 0.8, 0.9, 1.0]),
            containment in prop::sample::select(vec![None, Some(0.3), Some(0.85), Some(1.0)]),
            pinned in 0usize..20,
        ) {
            let measure = Measure { threshold, containment };
            let expected = slow(&sets, measure, pinned);
            prop_assert_eq!(&assign_plainly(&sets, measure, pinned, &mut || Ok(())).unwrap(), &expected);
            prop_assert_eq!(&assign_by_index(&sets, measure, pinned, &mut || Ok(())).unwrap(), &expected);
        }

        /// What a large component is decided with: survivors that are not in the index look for their documents.
        #[test]
        fn survivors_find_all_their_documents(
            sets in sets(),
            cut in 0usize..60,
            threshold in prop::sample::select(vec![0.1, 0.5, 0.8, 1.0]),
            containment in prop::sample::select(vec![None, Some(0.3), Some(0.85)]),
        ) {
            let (survivors, documents) = sets.split_at(cut.min(sets.len()));
            let measure = Measure { threshold, containment };
            let index = PrefixIndex::of_documents(documents, measure);
            let (mut prefix, mut found) = (Vec::new(), Vec::new());
            for survivor in survivors {
                index.search_with(survivor, &mut prefix, &mut found);
                let matches = |place: &usize| measure.compare(survivor, &documents[*place]).is_some();
                let expected: Vec<usize> = (0..documents.len()).filter(matches).collect();
                prop_assert_eq!(found.iter().copied().filter(matches).collect::<Vec<_>>(), expected);
            }
        }
    }

    #[test]
    fn it_ends_when_it_is_told_to() {
        for count in [2u64, 200] {
            let sets: Vec<Vec<u64>> = (0..count).map(|n| vec![n]).collect();
            let mut calls = 0;
            let mut listen = || {
                calls += 1;
                if calls < 2 { Ok(()) } else { Err(crate::Error::Interrupted) }
            };
            let measure = Measure { threshold: 0.8, containment: None };
            let stopped = assign(&sets, measure, 0, &mut listen);
            assert!(matches!(stopped, Err(crate::Error::Interrupted)));
        }
    }

    #[test]
    fn many_pages_of_one_template_cost_no_comparisons() {
        let template = 0..700u64;
        let page = |n: u64| (0..300).map(move |i| 1000 + n * 300 + i);
        let mixed = |x: u64| gamayun_text::hash::mix64(x, 1);
        let sets: Vec<Vec<u64>> = (0..3000)
            .map(|n| sorted_set(template.clone().chain(page(n)).map(mixed).collect()))
            .collect();
        let mut index =
            PrefixIndex::new(&sets, Measure { threshold: 0.8, containment: None }, Side::Survivor);
        let (mut candidates, mut all) = (Vec::new(), 0);
        for (place, set) in sets.iter().enumerate() {
            index.search(set, &mut candidates);
            all += candidates.len();
            index.insert(place);
        }
        assert!(all < 3000, "{all} comparisons for 3000 pages");
    }
}

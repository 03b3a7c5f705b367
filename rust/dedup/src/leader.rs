//! Clusters within a component: each text goes to the first earlier survivor that it matches, or becomes one.

use crate::prefix::PrefixIndex;
use crate::set::jaccard_from;

/// Components of more texts than this are searched by an index.
pub(crate) const PLAIN: usize = 48;

/// For each set, in order of preference: its survivor's place and their Jaccard; its own place if it is one itself.
///
/// This equals the walk that takes the first unassigned text as a survivor and compares all others with it. Pages that
/// share a template can make a component of very many texts of which few match: there the index finds the pairs that
/// can match by their rarest shingles, and leaves out no pair that does.
pub(crate) fn assign(sets: &[Vec<u64>], threshold: f64) -> Vec<(usize, f64)> {
    if sets.len() > PLAIN {
        assign_by_index(sets, threshold)
    } else {
        assign_plainly(sets, threshold)
    }
}

fn assign_plainly(sets: &[Vec<u64>], threshold: f64) -> Vec<(usize, f64)> {
    let mut survivors: Vec<usize> = Vec::new();
    let mut assigned = Vec::with_capacity(sets.len());
    for (place, set) in sets.iter().enumerate() {
        let found = first_match(sets, set, &survivors, threshold);
        if found.is_none() {
            survivors.push(place);
        }
        assigned.push(found.unwrap_or((place, 1.0)));
    }
    assigned
}

fn assign_by_index(sets: &[Vec<u64>], threshold: f64) -> Vec<(usize, f64)> {
    let mut index = PrefixIndex::new(sets, threshold);
    let mut candidates = Vec::new();
    let mut assigned = Vec::with_capacity(sets.len());
    for (place, set) in sets.iter().enumerate() {
        index.search(set, &mut candidates);
        let found = first_match(sets, set, &candidates, threshold);
        if found.is_none() {
            index.insert(place);
        }
        assigned.push(found.unwrap_or((place, 1.0)));
    }
    assigned
}

fn first_match(
    sets: &[Vec<u64>],
    set: &[u64],
    places: &[usize],
    threshold: f64,
) -> Option<(usize, f64)> {
    places
        .iter()
        .find_map(|place| jaccard_from(&sets[*place], set, threshold).map(|value| (*place, value)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sorted_set;

    /// The walk of the definition: the first unassigned text claims all unassigned texts that match it.
    fn slow(sets: &[Vec<u64>], threshold: f64) -> Vec<(usize, f64)> {
        let mut assigned = vec![None; sets.len()];
        for survivor in 0..sets.len() {
            if assigned[survivor].is_some() {
                continue;
            }
            assigned[survivor] = Some((survivor, 1.0));
            for other in survivor + 1..sets.len() {
                let value = crate::jaccard(&sets[survivor], &sets[other]);
                if assigned[other].is_none() && value >= threshold {
                    assigned[other] = Some((survivor, value));
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
        fn both_ways_equal_the_definition(sets in sets(), threshold in prop::sample::select(vec![0.1, 0.5, 0.75, 0.8, 0.9, 1.0])) {
            let expected = slow(&sets, threshold);
            prop_assert_eq!(&assign_plainly(&sets, threshold), &expected);
            prop_assert_eq!(&assign_by_index(&sets, threshold), &expected);
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
        let mut index = PrefixIndex::new(&sets, 0.8);
        let (mut candidates, mut all) = (Vec::new(), 0);
        for (place, set) in sets.iter().enumerate() {
            index.search(set, &mut candidates);
            all += candidates.len();
            index.insert(place);
        }
        assert!(all < 3000, "{all} comparisons for 3000 pages");
    }
}

//! Clusters within a component: each text goes to the first earlier survivor that it matches, or becomes one.

use crate::set::jaccard_from;

/// For each set, in order of preference: its survivor's place and their Jaccard; its own place if it is one itself.
///
/// This equals the walk that takes the first unassigned text as a survivor and compares all others with it.
pub(crate) fn assign(sets: &[Vec<u64>], threshold: f64) -> Vec<(usize, f64)> {
    let mut survivors: Vec<usize> = Vec::new();
    let mut assigned = Vec::with_capacity(sets.len());
    for (place, set) in sets.iter().enumerate() {
        let found = survivors.iter().find_map(|survivor| {
            jaccard_from(&sets[*survivor], set, threshold).map(|value| (*survivor, value))
        });
        if found.is_none() {
            survivors.push(place);
        }
        assigned.push(found.unwrap_or((place, 1.0)));
    }
    assigned
}

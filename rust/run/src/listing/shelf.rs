//! Shingles that are kept from when documents are first read until they are compared, as far as the memory goes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::Result;

/// The shingles of the documents of a batch, in order.
#[derive(Debug, Default)]
pub(crate) struct Shingles {
    all: Vec<u64>,
    ends: Vec<usize>,
}

impl Shingles {
    /// Room for those of documents of so many bytes of text in all, most of which have words of five bytes and more.
    pub(crate) fn of_text(documents: usize, bytes: u64) -> Self {
        let words = usize::try_from(bytes / 5).unwrap_or(0);
        Self { all: Vec::with_capacity(words), ends: Vec::with_capacity(documents) }
    }

    /// Adds those of the next document.
    pub(crate) fn push(&mut self, shingles: &[u64]) {
        self.all.extend_from_slice(shingles);
        self.ends.push(self.all.len());
    }

    fn document(&self, number: usize) -> &[u64] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[start..self.ends[number]]
    }

    fn bytes(&self) -> u64 {
        (8 * (self.all.capacity() + self.ends.capacity())) as u64
    }
}

/// The shingles of whole parts, by name.
#[derive(Debug)]
pub(crate) struct Shelf {
    left: AtomicU64,
    parts: Mutex<BTreeMap<String, Vec<Shingles>>>,
}

impl Shelf {
    /// Room for so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        Self { left: AtomicU64::new(bytes), parts: Mutex::default() }
    }

    /// The shingles, if there is room for them.
    pub(crate) fn admit(&self, mut shingles: Shingles) -> Option<Shingles> {
        shingles.all.shrink_to_fit();
        let bytes = shingles.bytes();
        let take = |left: u64| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).ok().map(|_| shingles)
    }

    /// There is room for some.
    pub(crate) fn has_room(&self) -> bool {
        self.left.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn put(&self, part: String, shingles: Vec<Shingles>) {
        self.lock().insert(part, shingles);
    }

    /// The shingles of the part are kept.
    pub(crate) fn has(&self, part: &str) -> bool {
        self.lock().contains_key(part)
    }

    /// The shingles of the part, which are then no longer kept.
    pub(crate) fn take(&self, part: &str) -> Option<Vec<Shingles>> {
        self.lock().remove(part)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<Shingles>>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the shingles of each of these documents of a part, which ascend; each batch is let go when it was gone through.
pub(crate) fn for_each_wanted(
    part: Vec<Shingles>,
    documents: &[u64],
    f: &mut dyn FnMut(&[u64]) -> Result<()>,
) -> Result<()> {
    let (mut rest, mut start) = (documents, 0);
    for batch in part {
        let end = start + batch.ends.len() as u64;
        let (here, later) = rest.split_at(rest.partition_point(|document| *document < end));
        for document in here {
            f(batch.document(crate::part::index(document - start)))?;
        }
        (rest, start) = (later, end);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_found_by_place() {
        let batches: Vec<Shingles> = [vec![3, 0, 1], vec![], vec![2, 5]]
            .iter()
            .map(|lengths: &Vec<u64>| {
                let mut batch = Shingles::default();
                for n in lengths {
                    batch.push(&(0..*n).map(|i| 10 * n + i).collect::<Vec<_>>());
                }
                batch
            })
            .collect();
        let shelf = Shelf::new(0);
        shelf.put("part".to_owned(), batches);
        assert!(shelf.has("part") && !shelf.has("other"));
        let mut found = Vec::new();
        for_each_wanted(shelf.take("part").unwrap(), &[0, 1, 3, 4, 5], &mut |shingles| {
            found.push(shingles.to_vec());
            Ok(())
        })
        .unwrap();
        assert_eq!(found, [&[30, 31, 32][..], &[], &[20, 21], &[50, 51, 52, 53, 54]]);
        assert!(!shelf.has("part"));
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let shelf = Shelf::new(100);
        let mut shingles = Shingles::default();
        shingles.push(&[1, 2, 3]);
        assert!(shelf.admit(shingles).is_some());
        let mut shingles = Shingles::default();
        shingles.push(&[0; 20]);
        assert!(shelf.admit(shingles).is_none());
        assert!(shelf.has_room());
    }
}

//! Shingles that are kept from when documents are first read until they are compared, as far as the memory goes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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

    /// The shingles of each document.
    fn documents(&self) -> impl Iterator<Item = &[u64]> {
        let start = |document: usize| document.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends.iter().enumerate().map(move |(at, end)| &self.all[start(at)..*end])
    }

    fn bytes(&self) -> u64 {
        (8 * (self.all.capacity() + self.ends.capacity())) as u64
    }
}

/// The shingles of whole parts, by name.
#[derive(Debug)]
pub(crate) struct Shelf {
    left: AtomicU64,
    parts: Mutex<BTreeMap<String, Arc<Vec<Shingles>>>>,
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
        self.lock().insert(part, Arc::new(shingles));
    }

    pub(crate) fn get(&self, part: &str) -> Option<Arc<Vec<Shingles>>> {
        self.lock().get(part).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Vec<Shingles>>>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The shingles of each of these documents of a part, which ascend.
pub(crate) fn wanted<'a>(
    part: &'a [Shingles],
    documents: &'a [u64],
) -> impl Iterator<Item = &'a [u64]> {
    let mut rows: Range<u64> = 0..0;
    let mut batches = part.iter();
    let mut batch: Option<&Shingles> = None;
    documents.iter().filter_map(move |&document| {
        while document >= rows.end {
            let next = batches.next()?;
            rows = rows.end..rows.end + next.ends.len() as u64;
            batch = Some(next);
        }
        batch?.documents().nth(crate::part::index(document - rows.start))
    })
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
        let found: Vec<&[u64]> = wanted(&batches, &[0, 1, 3, 4]).collect();
        assert_eq!(found, [&[30, 31, 32][..], &[], &[20, 21], &[50, 51, 52, 53, 54]]);
        assert_eq!(wanted(&batches, &[4, 5]).count(), 1);
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

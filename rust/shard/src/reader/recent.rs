//! What was made lately, by number: the item not asked for for longest is let go when there are too many.

use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug)]
pub(super) struct Recent<T> {
    limit: usize,
    items: Mutex<Items<T>>,
}

#[derive(Debug)]
struct Items<T> {
    /// An item, and when it was last asked for.
    at: Vec<Option<(Arc<T>, u64)>>,
    count: usize,
    clock: u64,
}

impl<T> Recent<T> {
    /// Of `numbers` items, at most `limit`, and at least one, at hand.
    pub(super) fn new(numbers: usize, limit: usize) -> Self {
        let at = (0..numbers).map(|_| None).collect();
        Self { limit: limit.max(1), items: Mutex::new(Items { at, count: 0, clock: 0 }) }
    }

    /// The item of this number if it is at hand and `fits`.
    pub(super) fn get(&self, number: usize, fits: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.clock += 1;
        let now = items.clock;
        let (item, asked) = items.at[number].as_mut().filter(|(item, _)| fits(item))?;
        *asked = now;
        Some(Arc::clone(item))
    }

    /// Keeps an item in place of what had its number.
    pub(super) fn put(&self, number: usize, item: T) -> Arc<T> {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        if items.at[number].is_none() {
            if items.count >= self.limit {
                items.let_go();
            }
            items.count += 1;
        }
        let item = Arc::new(item);
        items.at[number] = Some((Arc::clone(&item), items.clock));
        item
    }
}

impl<T> Items<T> {
    /// Who still reads the item has it.
    fn let_go(&mut self) {
        let age = |item: &Option<(Arc<T>, u64)>| item.as_ref().map(|&(_, asked)| asked);
        let oldest = self.at.iter_mut().filter(|item| item.is_some()).min_by_key(|item| age(item));
        if let Some(item) = oldest {
            *item = None;
            self.count -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_for_longest_goes() {
        let recent = Recent::new(4, 2);
        let has = |number| recent.get(number, |_| true).map(|item| *item);
        recent.put(0, "zero");
        recent.put(1, "one");
        assert_eq!(has(0), Some("zero"));
        recent.put(2, "two");
        assert_eq!((has(0), has(1), has(2), has(3)), (Some("zero"), None, Some("two"), None));
        recent.put(2, "again");
        assert_eq!((has(0), has(2)), (Some("zero"), Some("again")));
        assert_eq!(recent.get(2, |item| *item == "two"), None);
    }
}

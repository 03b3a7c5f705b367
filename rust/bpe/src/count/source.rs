//! Pretokens with their counts, as training takes them: a list, or a table as it lies.

use crate::count::gather::WordList;
use crate::count::table::Table;

/// Different pretokens with their counts, each by a number.
pub(crate) trait Source: Sync {
    /// How many pretokens there are.
    fn len(&self) -> usize;

    /// Calls `f` with the number, the bytes and the count of each; none for a count of more than 64 bits.
    fn each(&self, f: impl FnMut(u32, &[u8], Option<u64>));

    /// Bytes and count of one.
    fn word(&self, number: u32) -> (&[u8], u64);

    /// Lets the processor load one soon.
    fn fetch(&self, number: u32);

    /// Lets it load the bytes of one that was fetched.
    fn fetch_bytes(&self, number: u32);
}

impl Source for WordList {
    fn len(&self) -> usize {
        self.words().len()
    }

    fn each(&self, mut f: impl FnMut(u32, &[u8], Option<u64>)) {
        for (word, number) in self.words().iter().zip(0..) {
            f(number, self.bytes_of(word), Some(word.count));
        }
    }

    #[inline]
    fn word(&self, number: u32) -> (&[u8], u64) {
        let word = &self.words()[number as usize];
        (self.bytes_of(word), word.count)
    }

    #[inline]
    fn fetch(&self, number: u32) {
        crate::key::fetch(self.words(), number as usize);
    }

    #[inline]
    fn fetch_bytes(&self, number: u32) {
        crate::key::fetch(self.bytes(), self.words()[number as usize].start as usize);
    }
}

/// One table, each count times a factor.
pub(crate) struct OneTable<'t> {
    table: &'t Table,
    factor: u64,
}

impl<'t> OneTable<'t> {
    /// The only table with a factor above 0; none if there are others, or if it has too many slots for their numbers.
    pub(crate) fn of(tables: &[(&'t Table, u64)]) -> Option<Self> {
        let mut tables = tables.iter().filter(|(table, factor)| *factor > 0 && table.len() > 0);
        let &(table, factor) = tables.next()?;
        let one = tables.next().is_none() && u32::try_from(table.slots()).is_ok();
        one.then_some(Self { table, factor })
    }
}

impl Source for OneTable<'_> {
    fn len(&self) -> usize {
        self.table.len()
    }

    fn each(&self, mut f: impl FnMut(u32, &[u8], Option<u64>)) {
        self.table.each(|number, bytes, count| f(number, bytes, count.checked_mul(self.factor)));
    }

    #[inline]
    fn word(&self, number: u32) -> (&[u8], u64) {
        let (bytes, count) = self.table.at(number);
        (bytes, count.saturating_mul(self.factor))
    }

    #[inline]
    fn fetch(&self, number: u32) {
        self.table.fetch(number);
    }

    #[inline]
    fn fetch_bytes(&self, number: u32) {
        self.table.fetch_bytes(number);
    }
}

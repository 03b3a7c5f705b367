//! Merges the documents of a pool from many run files into one order: by (key, id).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use gamayun_text::DocId;
use gamayun_text::hash::{Hasher128, hash128};

use crate::run_file::PoolSlice;
use crate::{Error, Result, RunDocument, RunFile};

/// The documents of one pool, in shuffle order.
pub(crate) struct Merge<'a> {
    pool: u32,
    cursors: Vec<Cursor<'a>>,
    heap: BinaryHeap<Reverse<(u64, DocId, usize)>>,
    last: Option<(u64, DocId, usize)>,
}

/// How far one run file has been read.
struct Cursor<'a> {
    run: &'a RunFile,
    slice: PoolSlice<'a>,
    next: usize,
    hasher: Hasher128,
}

impl<'a> Merge<'a> {
    pub(crate) fn new(runs: &'a [RunFile], pool: u32) -> Result<Self> {
        let mut cursors = Vec::new();
        for run in runs {
            cursors.extend(run.slice(pool).map(|slice| Cursor {
                run,
                slice,
                next: 0,
                hasher: Hasher128::new(),
            }));
        }
        let mut heap = BinaryHeap::with_capacity(cursors.len());
        for (i, cursor) in cursors.iter().enumerate() {
            cursor.check_records()?;
            heap.extend(cursor.head(i));
        }
        Ok(Self { pool, cursors, heap, last: None })
    }

    /// The next document; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<RunDocument<'a>>> {
        let Some(mut top) = self.heap.peek_mut() else { return Ok(None) };
        let Reverse(head) = *top;
        let (key, id, i) = head;
        let Some(cursor) = self.cursors.get_mut(i) else { return Ok(None) };
        let document = cursor.take()?;
        if let Some(next) = cursor.head(i) {
            *top = next;
            drop(top);
        } else {
            cursor.check_tokens()?;
            PeekMut::pop(top);
        }
        if let Some((_, _, before)) = self.last.filter(|&(k, d, _)| (k, d) == (key, id)) {
            return Err(self.duplicate(id, before, i));
        }
        self.last = Some(head);
        Ok(Some(document))
    }

    fn duplicate(&self, id: DocId, first: usize, second: usize) -> Error {
        let path =
            |i: usize| self.cursors.get(i).map(|c| c.run.path().to_owned()).unwrap_or_default();
        Error::DuplicateDocument { id, pool: self.pool, first: path(first), second: path(second) }
    }
}

impl<'a> Cursor<'a> {
    fn head(&self, i: usize) -> Option<Reverse<(u64, DocId, usize)>> {
        let record = self.slice.records.get(self.next)?;
        Some(Reverse((record.key, DocId::from_bytes(record.id), i)))
    }

    fn take(&mut self) -> Result<RunDocument<'a>> {
        let document = self.slice.document(self.next).ok_or_else(|| self.damaged("records"))?;
        self.hasher.update(document.tokens.as_bytes());
        self.next += 1;
        Ok(document)
    }

    fn check_records(&self) -> Result<()> {
        let hash = hash128(bytemuck::cast_slice(self.slice.records)).to_be_bytes();
        if hash == self.slice.record_hash { Ok(()) } else { Err(self.damaged("records")) }
    }

    fn check_tokens(&self) -> Result<()> {
        let hash = self.hasher.digest().to_be_bytes();
        if hash == self.slice.token_hash { Ok(()) } else { Err(self.damaged("tokens")) }
    }

    fn damaged(&self, what: &str) -> Error {
        let what = format!("the {what} of pool {}", self.slice.pool);
        Error::Damaged { path: self.run.path().to_owned(), what }
    }
}

//! Memory for the shingles of many batches, in one piece.

use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use gamayun_dedup::job::{Keeper, Shingles};
use memmap2::MmapMut;

/// Where one thread puts shingles, and all threads read them.
#[derive(Clone, Debug)]
pub(crate) struct Block(Arc<Memory>);

#[derive(Debug)]
struct Memory(RwLock<Words>);

#[derive(Debug)]
struct Words {
    memory: MmapMut,
    /// Words that are in use, from the first on.
    used: usize,
    /// Bytes whose pages are there.
    ready: usize,
}

/// Bytes whose pages are asked for at once: that costs less than a fault for each, and never waits for large pages.
const STEP: usize = 1 << 20;

impl Block {
    /// A block for so many words; none where the system refuses.
    pub(crate) fn of(words: usize) -> Option<Self> {
        let memory = MmapMut::map_anon(words.checked_mul(8)?).ok()?;
        Some(Self(Arc::new(Memory(RwLock::new(Words { memory, used: 0, ready: 0 })))))
    }

    /// The place behind the last word.
    pub(crate) fn end(&self) -> usize {
        self.0.read().used
    }

    /// Puts words behind the last one; false if they do not fit.
    pub(crate) fn push(&self, words: &[u64]) -> bool {
        let mut block = self.0.write();
        let (from, to) = (block.used, block.used + words.len());
        block.prepare(8 * to);
        let all: &mut [u64] = bytemuck::cast_slice_mut(&mut block.memory);
        let Some(place) = all.get_mut(from..to) else { return false };
        place.copy_from_slice(words);
        block.used = to;
        true
    }

    /// Words as the shingles of a document, which stay here.
    pub(crate) fn shingles(&self, words: Range<usize>) -> Shingles {
        Shingles::Kept(self.0.clone(), words)
    }

    /// Puts words of it behind the last ones of another; false if they do not fit.
    pub(crate) fn copy(&self, words: Range<usize>, to: &Self) -> bool {
        let mut fits = false;
        self.0.with(words, &mut |words| fits = to.push(words));
        fits
    }
}

impl Words {
    /// Asks for the pages of so many bytes, where the system can be asked; else they come as they are written.
    fn prepare(&mut self, bytes: usize) {
        if bytes > self.ready {
            let to = bytes.next_multiple_of(STEP).min(self.memory.len());
            #[cfg(target_os = "linux")]
            let _ = self.memory.advise_range(
                memmap2::Advice::PopulateWrite,
                self.ready,
                to.saturating_sub(self.ready),
            );
            self.ready = to;
        }
    }
}

impl Memory {
    fn read(&self) -> RwLockReadGuard<'_, Words> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Words> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keeper for Memory {
    fn with(&self, words: Range<usize>, f: &mut dyn FnMut(&[u64])) {
        let block = self.read();
        let all: &[u64] = bytemuck::cast_slice(&block.memory);
        f(all.get(words).unwrap_or_default());
    }
}

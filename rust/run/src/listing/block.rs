//! Memory for the shingles of many batches, in one piece: in large pages where the system has them.

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
}

impl Block {
    /// A block for so many words; none where the system refuses.
    pub(crate) fn of(words: usize) -> Option<Self> {
        let memory = MmapMut::map_anon(words.checked_mul(8)?).ok()?;
        // Pages of 4 KiB serve as well, and cost more time.
        #[cfg(target_os = "linux")]
        let _ = memory.advise(memmap2::Advice::HugePage);
        Some(Self(Arc::new(Memory(RwLock::new(Words { memory, used: 0 })))))
    }

    /// The place behind the last word.
    pub(crate) fn end(&self) -> usize {
        self.0.read().used
    }

    /// Puts words behind the last one; false if they do not fit.
    pub(crate) fn push(&self, words: &[u64]) -> bool {
        let mut block = self.0.write();
        let (from, to) = (block.used, block.used + words.len());
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

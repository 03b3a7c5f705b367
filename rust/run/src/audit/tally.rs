//! How often each id occurs in some tokens.

use gamayun_shard::Tokens;

/// Counts that are cleared by what was counted, not by the vocabulary's size.
pub(crate) struct Tallied {
    counts: Vec<u32>,
    /// Ids in the order of their first occurrence, and room for as many as there are tokens.
    firsts: Vec<u32>,
    found: Vec<(u32, u32)>,
}

impl Tallied {
    pub(crate) fn new(size: usize) -> Self {
        Self { counts: vec![0; size], firsts: Vec::new(), found: Vec::new() }
    }

    /// Ids that there may be.
    pub(crate) fn size(&self) -> usize {
        self.counts.len()
    }

    /// Counts anew; an id that is not below the vocabulary's size is the error.
    pub(crate) fn count(&mut self, tokens: Tokens<'_>) -> Result<(), u32> {
        match tokens {
            Tokens::U16(ids) => self.add(ids),
            Tokens::U32(ids) => self.add(ids),
        }
    }

    /// Each id with its count, in the order of the first occurrence.
    pub(crate) fn found(&self) -> &[(u32, u32)] {
        &self.found
    }

    fn add<T: Copy + Into<u32>>(&mut self, ids: &[T]) -> Result<(), u32> {
        self.firsts.resize(self.firsts.len().max(ids.len()), 0);
        let mut different = 0;
        for &id in ids {
            let id: u32 = id.into();
            let count = self.counts.get_mut(id as usize).ok_or(id)?;
            // Always written and kept if it is new: whether it is cannot be foreseen, and a wrong guess costs more.
            self.firsts[different] = id;
            different += usize::from(*count == 0);
            *count += 1;
        }
        self.found.clear();
        for &id in &self.firsts[..different] {
            self.found.push((id, std::mem::take(&mut self.counts[id as usize])));
        }
        Ok(())
    }
}

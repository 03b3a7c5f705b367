//! Shingle sets by document, in memory up to a budget and in a file without a name beyond it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use crate::{Corpus, CorpusError, Error, Result};

/// Sets that are added one after the other and read by place.
#[derive(Debug)]
pub(crate) struct SetStore {
    /// Where each set ends, in shingles from the beginning of all.
    ends: Vec<u64>,
    /// The last ones.
    held: Vec<u64>,
    /// Shingles in the file: all before `held`.
    spilled: u64,
    file: Option<File>,
    scratch: PathBuf,
    memory: u64,
}

const BYTES: usize = size_of::<u64>();

/// Shingles that are encoded at once.
const BLOCK: usize = 1 << 13;

impl SetStore {
    pub(crate) fn new(memory: u64, scratch: PathBuf) -> Self {
        Self { ends: Vec::new(), held: Vec::new(), spilled: 0, file: None, scratch, memory }
    }

    pub(crate) fn push(&mut self, set: &[u64]) -> Result<()> {
        if self.bytes_held() + (set.len() * BYTES) as u64 > self.memory {
            self.spill().map_err(Error::io(&self.scratch))?;
        }
        self.held.extend_from_slice(set);
        self.ends.push(self.spilled + self.held.len() as u64);
        Ok(())
    }

    fn bytes_held(&self) -> u64 {
        (self.held.len() * BYTES) as u64
    }

    fn spill(&mut self) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.scratch)?),
        };
        let mut bytes = Vec::with_capacity(BLOCK * BYTES);
        for block in self.held.chunks(BLOCK) {
            bytes.clear();
            bytes.extend(block.iter().flat_map(|shingle| shingle.to_le_bytes()));
            file.write_all(&bytes)?;
        }
        self.spilled += self.held.len() as u64;
        self.held.clear();
        Ok(())
    }

    fn set(
        &self,
        document: u64,
        bytes: &mut Vec<u8>,
    ) -> std::result::Result<Vec<u64>, CorpusError> {
        let place = usize::try_from(document)?;
        let end = *self.ends.get(place).ok_or_else(|| format!("there is no text {document}"))?;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        match (&self.file, start.checked_sub(self.spilled)) {
            (_, Some(held)) => {
                let (from, to) = (usize::try_from(held)?, usize::try_from(end - self.spilled)?);
                Ok(self.held[from..to].to_vec())
            }
            (Some(file), None) => Ok(read(file, start, usize::try_from(end - start)?, bytes)
                .map_err(Error::io(&self.scratch))?),
            (None, None) => Err(format!("the set of text {document} was not written").into()),
        }
    }
}

fn read(
    mut file: &File,
    start: u64,
    count: usize,
    bytes: &mut Vec<u8>,
) -> std::io::Result<Vec<u64>> {
    bytes.resize(count * BYTES, 0);
    file.seek(SeekFrom::Start(start * BYTES as u64))?;
    file.read_exact(bytes)?;
    let (words, _) = bytes.as_chunks::<BYTES>();
    Ok(words.iter().map(|word| u64::from_le_bytes(*word)).collect())
}

impl Corpus for SetStore {
    fn shingle_sets(
        &self,
        documents: &[u64],
        f: &mut dyn FnMut(usize, Vec<u64>),
    ) -> std::result::Result<(), CorpusError> {
        let mut bytes = Vec::new();
        for (place, document) in documents.iter().enumerate() {
            f(place, self.set(*document, &mut bytes)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_goes_in_comes_out(
            sets in prop::collection::vec(prop::collection::vec(any::<u64>(), 0..20), 0..30),
            memory in 0u64..400,
        ) {
            let mut store = SetStore::new(memory, std::env::temp_dir());
            sets.iter().try_for_each(|set| store.push(set)).unwrap();
            let all: Vec<u64> = (0..sets.len() as u64).collect();
            let mut found = vec![Vec::new(); sets.len()];
            store.shingle_sets(&all, &mut |place, set| found[place] = set).unwrap();
            prop_assert_eq!(found, sets);
            prop_assert!(store.shingle_sets(&[all.len() as u64], &mut |_, _| ()).is_err());
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let mut store = SetStore::new(8, "/no/such/folder".into());
        store.push(&[1]).unwrap();
        assert!(store.push(&[2]).unwrap_err().to_string().starts_with("/no/such/folder: "));
    }
}

//! The shingles and ranks of the texts of a part, in a file: written once, read for the candidates among them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use crate::deduplicate::facts;
use crate::job::{Documents, Facts, Shingles, Wanted, read_at};
use crate::{CorpusError, Error, Result};

const WORD: u64 = 8;

/// Takes the texts of a part. The file: shingles of 8 bytes, then for each text where its shingles end and its rank.
#[derive(Debug)]
pub(crate) struct Spill {
    path: PathBuf,
    /// The place of its first text among all.
    first: u64,
    file: BufWriter<File>,
    /// End and rank of each text.
    texts: Vec<[u64; 2]>,
}

impl Spill {
    pub(crate) fn create(path: PathBuf, first: u64) -> Result<Self> {
        let file = BufWriter::new(File::create(&path).map_err(Error::io(&path))?);
        Ok(Self { path, first, file, texts: Vec::new() })
    }

    pub(crate) fn texts(&self) -> u64 {
        self.texts.len() as u64
    }

    fn end(&self) -> u64 {
        self.texts.last().map_or(0, |text| text[0])
    }

    pub(crate) fn push(&mut self, shingles: &[u64], rank: u64) -> Result<()> {
        self.texts.push([self.end() + shingles.len() as u64, rank]);
        self.write(shingles)
    }

    fn write(&mut self, words: &[u64]) -> Result<()> {
        words
            .iter()
            .try_for_each(|word| self.file.write_all(&word.to_le_bytes()))
            .map_err(Error::io(&self.path))
    }

    pub(crate) fn finish(mut self) -> Result<Spilled> {
        let shingles = self.end();
        let texts = std::mem::take(&mut self.texts);
        self.write(texts.as_flattened())?;
        self.file.flush().map_err(Error::io(&self.path))?;
        Ok(Spilled { path: self.path, first: self.first, shingles })
    }
}

/// A part that is complete.
#[derive(Debug)]
pub(crate) struct Spilled {
    path: PathBuf,
    first: u64,
    /// All of them.
    shingles: u64,
}

impl Spilled {
    fn words(&self, file: &mut File, from: u64, to: u64, bytes: &mut Vec<u8>) -> Result<Vec<u64>> {
        let count = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX); // they were in memory
        bytes.resize(count.saturating_mul(8), 0);
        read_at(file, from * WORD, bytes, &self.path)?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect())
    }

    fn candidates(
        &self,
        wanted: &[Wanted],
        f: &mut dyn FnMut(Facts, Shingles) -> Result<()>,
    ) -> Result<()> {
        let mut file = File::open(&self.path).map_err(Error::io(&self.path))?;
        let mut bytes = Vec::new();
        for want in wanted {
            // The text before, for where the shingles begin.
            let before = want.row.saturating_sub(1);
            let at = self.shingles + before * 2;
            let texts = self.words(&mut file, at, self.shingles + want.row * 2 + 2, &mut bytes)?;
            let (start, end, rank) = match texts[..] {
                [start, _, end, rank] => (start, end, rank),
                [end, rank] => (0, end, rank),
                _ => return Err(Error::damaged(&self.path, format!("no text {}", want.row))),
            };
            let found =
                if want.set { self.words(&mut file, start, end, &mut bytes)? } else { Vec::new() };
            f(facts(self.first + want.row, rank), Shingles::Found(found))?;
        }
        Ok(())
    }
}

impl Documents for Vec<Spilled> {
    fn candidates(
        &self,
        part: usize,
        wanted: &[Wanted],
        f: &mut dyn FnMut(Facts, Shingles) -> Result<()>,
    ) -> std::result::Result<(), CorpusError> {
        Ok(self[part].candidates(wanted, f)?)
    }
}

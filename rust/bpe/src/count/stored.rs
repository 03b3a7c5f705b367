//! Counts in a file, trained from without holding more than the pretokens that are trained on.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};

use gamayun_text::{Monitor, Progress};

use crate::count::file::{Reader, verify};
use crate::count::gather::WordList;
use crate::count::merge::{AT_ONCE, LanguageCounts, together};
use crate::{Error, Pattern, Result};

/// Bytes of memory that training needs for a pretoken: its place in lists and in the order of counts.
const PER_PRETOKEN: u64 = 48;
/// Bytes of memory that training needs for a byte of pretokens: the byte, its symbol, positions of its pairs.
const PER_BYTE: u64 = 13;
/// Bytes of memory that training needs besides.
const BESIDES: u64 = 32 << 20;

/// A file of counts, found to be whole.
#[derive(Debug)]
pub struct StoredCounts {
    path: PathBuf,
    split: Pattern,
    languages: Vec<LanguageCounts>,
    /// Where in the file the pretokens of each language begin.
    starts: Vec<u64>,
}

/// Which pretokens are trained on, and in how much memory.
#[derive(Clone, Copy, Debug)]
pub struct TrainLimits {
    /// Bytes of memory that training may take.
    pub memory: u64,
    /// Pretokens that occur less often, in all languages that are trained on together, are left out.
    pub min_pretoken_count: u64,
}

impl Default for TrainLimits {
    fn default() -> Self {
        Self { memory: u64::MAX, min_pretoken_count: 1 }
    }
}

/// How many pretokens were trained on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trained {
    /// Different pretokens.
    pub pretokens: u64,
    /// Different pretokens left out, as too rare or of languages without weight.
    pub left_out: u64,
    /// Occurrences of those left out.
    pub occurrences_left_out: u64,
}

impl StoredCounts {
    /// Reads a file through. The monitor hears of bytes read, of all.
    pub fn open(path: &Path, monitor: &mut dyn Monitor) -> Result<Self> {
        let total = path.metadata()?.len();
        verify(File::open(path)?)?;
        let (mut reader, split) = Reader::open(File::open(path)?)?;
        let (mut languages, mut starts) = (Vec::new(), Vec::new());
        while let Some(language) = reader.language()? {
            starts.push(reader.position());
            let mut pretokens = 0;
            while reader.next()?.is_some() {
                pretokens += 1;
                if u64::is_multiple_of(pretokens, AT_ONCE) {
                    let done = reader.position();
                    monitor.advance(Progress { done, total, ..Progress::default() })?;
                }
            }
            let (documents, bytes) = reader.totals()?;
            languages.push(LanguageCounts { language, documents, bytes, pretokens });
        }
        Ok(Self { path: path.to_owned(), split, languages, starts })
    }

    /// The pattern that cut the texts.
    #[must_use]
    pub fn split(&self) -> &Pattern {
        &self.split
    }

    /// What was counted, by language.
    #[must_use]
    pub fn languages(&self) -> &[LanguageCounts] {
        &self.languages
    }

    /// Different pretokens in all languages together, and their bytes.
    pub fn unique(&self, monitor: &mut dyn Monitor) -> Result<(u64, u64)> {
        let (mut pretokens, mut bytes) = (0, 0);
        self.each(
            |_| 1,
            monitor,
            |pretoken: &[u8], _, _| {
                pretokens += 1;
                bytes += pretoken.len() as u64;
                Ok(())
            },
        )?;
        Ok((pretokens, bytes))
    }

    /// The words to train on, their counts times the factors of the languages.
    pub(crate) fn words(
        &self,
        factor: impl Fn(&str) -> u64,
        limits: TrainLimits,
        monitor: &mut dyn Monitor,
    ) -> Result<(WordList, Trained)> {
        let (mut trained, mut need) = (Trained::default(), BESIDES);
        self.each(&factor, monitor, |pretoken, occurrences, weighted| {
            if occurrences < limits.min_pretoken_count || weighted == 0 {
                trained.left_out += 1;
                trained.occurrences_left_out =
                    trained.occurrences_left_out.saturating_add(occurrences);
            } else {
                trained.pretokens += 1;
                need += PER_PRETOKEN + PER_BYTE * pretoken.len() as u64;
            }
            Ok(())
        })?;
        if need > limits.memory {
            let pretokens = trained.pretokens;
            return Err(Error::TrainMemory { pretokens, need, allowed: limits.memory });
        }
        let mut list = WordList::default();
        self.each(&factor, monitor, |pretoken, occurrences, weighted| {
            if occurrences < limits.min_pretoken_count {
                Ok(())
            } else {
                list.push(pretoken, weighted)
            }
        })?;
        Ok((list, trained))
    }

    /// Calls `f` with each pretoken, how often it occurs in languages with a factor above 0, and the sum of its counts
    /// times the factors.
    fn each(
        &self,
        factor: impl Fn(&str) -> u64,
        monitor: &mut dyn Monitor,
        mut f: impl FnMut(&[u8], u64, u64) -> Result<()>,
    ) -> Result<()> {
        let (mut readers, mut factors) = (Vec::new(), Vec::new());
        for (language, &start) in self.languages.iter().zip(&self.starts) {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(start))?;
            readers.push(Reader::within(file, start));
            factors.push(factor(&language.language));
        }
        let mut readers: Vec<_> = readers.iter_mut().collect();
        let mut done = 0;
        let total = self.languages.iter().map(|language| language.pretokens).sum();
        together(&mut readers, |pretoken, counts| {
            done += 1;
            if u64::is_multiple_of(done, AT_ONCE) {
                monitor.advance(Progress { done, total, ..Progress::default() })?;
            }
            let (mut occurrences, mut weighted) = (0_u64, 0_u64);
            for &(language, count) in counts {
                let factor = factors[language];
                occurrences = occurrences.saturating_add(if factor > 0 { count } else { 0 });
                let times = count.checked_mul(factor).ok_or(Error::CountOverflow)?;
                weighted = weighted.checked_add(times).ok_or(Error::CountOverflow)?;
            }
            f(pretoken, occurrences, weighted)
        })
    }
}

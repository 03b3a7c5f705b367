//! Counting in bounded memory: tables that outgrow their share go to disk as parts, which are added up at the end.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gamayun_bpe::{Counts, LanguageCounts, Pattern, merge_counts};
use gamayun_text::{Monitor, Progress};
use rayon::ThreadPool;

use crate::batchwise::batch_pool;
use crate::error::{Error, Result};

/// Tables get this part of the memory: one that grows past it holds its old slots besides twice as many new ones, and is
/// sorted then.
const SHARE: u64 = 6;
/// Parts that are open at a time when they are added up.
const MOST_PARTS: usize = 64;

/// Counts texts, and writes the counts to a file.
pub(super) struct Counter {
    counts: Counts,
    pool: ThreadPool,
    memory: u64,
    output: PathBuf,
    parts: Vec<PathBuf>,
}

impl Counter {
    /// Counts for the file `output`; parts of it go into a folder beside it.
    pub(super) fn new(split: Pattern, output: &Path, threads: usize, memory: u64) -> Result<Self> {
        let counter = Self {
            counts: Counts::new(split),
            pool: batch_pool(threads)?,
            memory,
            output: output.to_owned(),
            parts: Vec::new(),
        };
        counter.remove_parts()?;
        Ok(counter)
    }

    /// Counts texts by language.
    pub(super) fn add(&mut self, texts: &BTreeMap<&str, Vec<&str>>) -> Result<()> {
        for (language, texts) in texts {
            self.counts.add(language, texts, &self.pool)?;
        }
        if self.counts.memory() > self.memory / SHARE { self.spill() } else { Ok(()) }
    }

    /// Writes the file; tells what is in it, and how many parts there were.
    pub(super) fn finish(
        mut self,
        monitor: &mut dyn Monitor,
    ) -> Result<(Vec<LanguageCounts>, usize)> {
        if !self.parts.is_empty() {
            self.spill()?;
        }
        let parts = self.parts.len();
        let told = if parts == 0 {
            write(&self.output, |out| self.counts.write(out))?;
            self.told()
        } else {
            merge(&self.parts, &self.output, monitor)?
        };
        self.remove_parts()?;
        Ok((told, parts))
    }

    fn told(&self) -> Vec<LanguageCounts> {
        let counts = &self.counts;
        let told = |language: &str| LanguageCounts {
            language: language.to_owned(),
            documents: counts.documents(language),
            bytes: counts.bytes(language),
            pretokens: counts.unique_in(language),
        };
        counts.languages().map(told).collect()
    }

    fn spill(&mut self) -> Result<()> {
        let folder = self.folder();
        std::fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        if self.parts.len() == MOST_PARTS {
            let path = folder.join("merged");
            merge(&self.parts, &path, &mut ())?;
            let first = &self.parts[0];
            std::fs::rename(&path, first).map_err(Error::file(first))?;
            self.parts.truncate(1);
        }
        let path = folder.join(format!("{:05}", self.parts.len()));
        write(&path, |out| self.counts.spill(out))?;
        self.parts.push(path);
        Ok(())
    }

    fn folder(&self) -> PathBuf {
        let mut name = self.output.as_os_str().to_owned();
        name.push(".parts");
        PathBuf::from(name)
    }

    fn remove_parts(&self) -> Result<()> {
        let folder = self.folder();
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::file(folder)(error))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        // What stays behind is removed by the next try.
        let _ = self.remove_parts();
    }
}

/// Adds up files of counts that are known to be whole.
pub(super) fn merge(
    files: &[PathBuf],
    output: &Path,
    monitor: &mut dyn Monitor,
) -> Result<Vec<LanguageCounts>> {
    let mut bytes = 0;
    let mut opened = Vec::with_capacity(files.len());
    for path in files {
        let file = File::open(path).map_err(Error::file(path))?;
        bytes += file.metadata().map_err(Error::file(path))?.len();
        opened.push(file);
    }
    monitor
        .advance(Progress { total: bytes, ..Progress::default() })
        .map_err(|_| Error::Interrupted)?;
    write(output, |out| merge_counts(opened, bytes, out, monitor))
}

/// Writes a file, which is there whole or not at all.
pub(super) fn write<T>(
    path: &Path,
    f: impl FnOnce(&mut dyn Write) -> gamayun_bpe::Result<T>,
) -> Result<T> {
    let mut outcome = None;
    let written = gamayun_io::write_atomic(path, |out| match f(out) {
        Ok(value) => {
            outcome = Some(Ok(value));
            Ok(())
        }
        Err(gamayun_bpe::Error::Io(error)) => Err(error),
        Err(error) => {
            outcome = Some(Err(error));
            Err(io::Error::other("the counts could not be made"))
        }
    });
    match outcome {
        Some(Err(error)) => Err(error.into()),
        Some(Ok(value)) => written.map(|()| value).map_err(Error::from),
        // Only a failed write leaves no outcome.
        None => Err(written.err().map_or(Error::Interrupted, Error::from)),
    }
}

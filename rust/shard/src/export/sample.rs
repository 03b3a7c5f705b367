//! The samples of a stage, in its order, in files of a bounded size.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use gamayun_text::{Monitor, Progress};

use super::sink::{ExportedFile, Origin, Sink};
use super::{litdata, llmc, mds};
use crate::{Documents, Error, Reader, Result, TokenWidth};

/// Samples are read so many tokens at a time.
const BATCH_TOKENS: u64 = 1 << 20;

/// Writes samples to a file, which has its number of them in its name or its head.
type WriteSamples = fn(&Samples<'_>, &mut Sink, &mut dyn Monitor) -> Result<()>;

/// A format of samples.
#[derive(Debug)]
pub struct SampleFormat {
    /// Its name, as users give it.
    pub name: &'static str,
    /// What comes before and after a file's number, and the digits of it.
    pub(super) file: (&'static str, usize, &'static str),
    /// A file ends before the sample whose tokens would pass this many bytes.
    pub(super) file_bytes: u64,
    /// Whether it has 32-bit ids too.
    pub(super) wide: bool,
    pub(super) write: WriteSamples,
}

/// Every format of samples.
pub const SAMPLE_FORMATS: &[SampleFormat] = &[mds::FORMAT, litdata::FORMAT, llmc::FORMAT];

/// A file of samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleFile {
    /// The file.
    pub file: ExportedFile,
    /// Samples in it.
    pub samples: u64,
}

/// Some samples of a stage, one after another.
#[derive(Debug)]
pub(super) struct Samples<'a> {
    pub(super) reader: &'a Reader,
    pub(super) range: Range<u64>,
    pub(super) path: &'a Path,
}

impl SampleFormat {
    /// The format of this name.
    pub fn named(name: &str) -> Result<&'static Self> {
        SAMPLE_FORMATS.iter().find(|format| format.name == name).ok_or_else(|| {
            let known: Vec<_> = SAMPLE_FORMATS.iter().map(|format| format.name).collect();
            let message = format!("expected one of {}, found {name}", known.join(", "));
            Error::Params { parameter: "format", message }
        })
    }

    /// Writes all samples of a stage to files of a folder; gives them in their order.
    ///
    /// `file_bytes` changes how large files become; the format's own choice if there is none.
    pub fn write(
        &self,
        reader: &Reader,
        folder: &Path,
        file_bytes: Option<u64>,
        monitor: &mut dyn Monitor,
    ) -> Result<Vec<SampleFile>> {
        if reader.width() == TokenWidth::U32 && !self.wide {
            let message = format!("{} has ids of 16 bits, the shards have 32", self.name);
            return Err(Error::Params { parameter: "format", message });
        }
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
        let bytes = reader.window_tokens() * reader.width().bytes();
        let each = (file_bytes.unwrap_or(self.file_bytes) / bytes.max(1)).max(1);
        let count = reader.windows();
        let starts = (0..count.div_ceil(each)).map(|n| n * each);
        let write = |(number, start): (usize, u64)| {
            let path = folder.join(self.file_name(number));
            let range = start..count.min(start + each);
            let samples = range.end - range.start;
            let mut sink = Sink::create(&path)?;
            (self.write)(&Samples { reader, range, path: &path }, &mut sink, monitor)?;
            Ok(SampleFile { file: sink.finish(Origin::Written)?, samples })
        };
        starts.enumerate().map(write).collect()
    }

    fn file_name(&self, number: usize) -> PathBuf {
        let (before, digits, after) = self.file;
        PathBuf::from(format!("{before}{number:0digits$}{after}"))
    }
}

impl Samples<'_> {
    pub(super) fn count(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// Bytes of a sample's tokens.
    pub(super) fn bytes(&self) -> u64 {
        self.reader.window_tokens() * self.reader.width().bytes()
    }

    /// Gives the tokens of the samples, as they lie on disk, some samples at a time.
    pub(super) fn each_batch(
        &self,
        monitor: &mut dyn Monitor,
        mut see: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.batches(monitor, |reader, windows, buffer| {
            match buffer {
                Buffer::U16(ids) => reader.read(windows, ids)?,
                Buffer::U32(ids) => reader.read(windows, ids)?,
            }
            see(buffer.bytes())
        })
    }

    /// The same, with the documents that the samples are made of.
    pub(super) fn each_with_documents(
        &self,
        monitor: &mut dyn Monitor,
        mut see: impl FnMut(&[u8], &Documents) -> Result<()>,
    ) -> Result<()> {
        self.batches(monitor, |reader, windows, buffer| {
            let documents = match buffer {
                Buffer::U16(ids) => reader.read_documents(windows, ids)?,
                Buffer::U32(ids) => reader.read_documents(windows, ids)?,
            };
            see(buffer.bytes(), &documents)
        })
    }

    fn batches(
        &self,
        monitor: &mut dyn Monitor,
        mut read: impl FnMut(&Reader, &[u64], &mut Buffer) -> Result<()>,
    ) -> Result<()> {
        let length = self.reader.window_tokens();
        let step = (BATCH_TOKENS / length.max(1)).max(1);
        let mut start = self.range.start;
        let total = self.reader.windows();
        while start < self.range.end {
            let windows: Vec<u64> = (start..self.range.end.min(start + step)).collect();
            let tokens =
                usize::try_from(length).unwrap_or(usize::MAX).saturating_mul(windows.len());
            read(self.reader, &windows, &mut Buffer::new(self.reader.width(), tokens))?;
            start += windows.len() as u64;
            monitor.advance(Progress { done: start, total, ..Progress::default() })?;
        }
        Ok(())
    }
}

/// Room for the tokens of a batch.
enum Buffer {
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl Buffer {
    fn new(width: TokenWidth, tokens: usize) -> Self {
        match width {
            TokenWidth::U16 => Self::U16(vec![0; tokens]),
            TokenWidth::U32 => Self::U32(vec![0; tokens]),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::U16(ids) => bytemuck::cast_slice(ids),
            Self::U32(ids) => bytemuck::cast_slice(ids),
        }
    }
}

/// Places in a file are of 32 bits there.
pub(super) fn place(path: &Path, bytes: u64) -> Result<[u8; 4]> {
    let most = u32::MAX.into();
    let small = u32::try_from(bytes);
    let small = small.map_err(|_| Error::TooLarge {
        path: path.to_owned(),
        what: "bytes",
        found: bytes,
        most,
    })?;
    Ok(small.to_le_bytes())
}

//! The layout of a model file, from the front to the back.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::params::TrainSettings;
use crate::dictionary::{LABEL_PREFIX, Label};
use crate::error::{Error, Result};
use crate::header::{Header, Loss, MAGIC};

/// The version of the format that the official library has written since 2017.
const VERSION: i32 = 12;
const SUPERVISED: i32 = 3;

/// The settings at the front of the file, in their order there.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) dim: i32,
    epoch: i32,
    min_count: i32,
    negatives: i32,
    word_ngrams: i32,
    loss: i32,
    bucket: i32,
    min_n: i32,
    max_n: i32,
}

/// A word with its count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) word: &'a [u8],
    pub(super) count: u64,
}

/// The rows that a pruned model keeps.
#[derive(Clone, Debug)]
pub(super) struct Pruned {
    /// Rows of words, ascending.
    pub(super) words: Vec<usize>,
    /// Rows of n-grams, in their new order.
    pub(super) ngrams: Vec<usize>,
    /// Words of the whole model: the row of the first bucket.
    pub(super) of_words: usize,
}

impl Pruned {
    /// All rows in their new order.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        self.words.iter().chain(&self.ngrams).copied()
    }
}

/// Fills a row of a matrix.
pub(super) type Row<'a> = Box<dyn Fn(usize, &mut [f32]) + Sync + 'a>;

/// All that a file of a model says.
pub(super) struct ModelFile<'a> {
    pub(super) arguments: Arguments,
    pub(super) words: Vec<Entry<'a>>,
    pub(super) labels: &'a [Label],
    pub(super) tokens: u64,
    pub(super) input_rows: usize,
    pub(super) input: Row<'a>,
    pub(super) output: Row<'a>,
}

impl Arguments {
    pub(super) fn of(settings: &TrainSettings, header: &Header) -> Self {
        let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX); // all are far below
        Self {
            dim: number(settings.dim),
            epoch: number(settings.epochs as usize),
            min_count: i32::try_from(settings.min_count).unwrap_or(i32::MAX),
            negatives: number(settings.negatives),
            word_ngrams: number(settings.word_ngrams),
            loss: match (header.loss, settings.loss) {
                (Loss::HierarchicalSoftmax, _) => 1,
                (Loss::Softmax, _) => 3,
                (Loss::Sigmoid, super::TrainLoss::OneVersusAll) => 4,
                (Loss::Sigmoid, _) => 2,
            },
            bucket: number(header.bucket as usize),
            min_n: number(settings.min_n),
            max_n: number(settings.max_n),
        }
    }

    /// The window, the rate of updates and `t` have no meaning for supervised models, and their usual values.
    fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let Self { dim, epoch, min_count, negatives, word_ngrams, loss, bucket, min_n, max_n } =
            *self;
        let front = [MAGIC, VERSION, dim, 5, epoch, min_count, negatives, word_ngrams, loss];
        let back = [SUPERVISED, bucket, min_n, max_n, 100];
        for value in front.into_iter().chain(back) {
            out.write_all(&value.to_le_bytes())?;
        }
        out.write_all(&1e-4_f64.to_le_bytes())
    }
}

impl ModelFile<'_> {
    /// Writes the file with both matrices in floats.
    pub(super) fn write_dense(&self, path: &Path) -> Result<()> {
        whole(path, |out| {
            self.arguments.write(out)?;
            self.write_dictionary(out, None)?;
            out.write_all(&[0])?;
            let dim = usize::try_from(self.arguments.dim).unwrap_or(0);
            write_matrix(out, self.input_rows, dim, &self.input)?;
            out.write_all(&[0])?;
            write_matrix(out, self.labels.len(), dim, &self.output)
        })
    }

    /// Writes the file with the input matrix as these bytes, and the output matrix too if there are any.
    pub(super) fn write_quantised(
        &self,
        out: &mut dyn Write,
        pruned: Option<&Pruned>,
        input: &[u8],
        output: Option<&[u8]>,
    ) -> std::io::Result<()> {
        self.arguments.write(out)?;
        self.write_dictionary(out, pruned)?;
        out.write_all(&[1])?;
        out.write_all(input)?;
        out.write_all(&[u8::from(output.is_some())])?;
        let dim = usize::try_from(self.arguments.dim).unwrap_or(0);
        match output {
            Some(output) => out.write_all(output),
            None => write_matrix(out, self.labels.len(), dim, &self.output),
        }
    }

    fn write_dictionary(
        &self,
        out: &mut dyn Write,
        pruned: Option<&Pruned>,
    ) -> std::io::Result<()> {
        let entries: Vec<&Entry<'_>> = match pruned {
            Some(pruned) => pruned.words.iter().map(|&row| &self.words[row]).collect(),
            None => self.words.iter().collect(),
        };
        let (words, labels) = (entries.len(), self.labels.len());
        for n in [words + labels, words, labels] {
            out.write_all(&i32::try_from(n).unwrap_or(i32::MAX).to_le_bytes())?; // was checked
        }
        out.write_all(&self.tokens.to_le_bytes())?;
        // A negative number: no n-gram was pruned.
        let ngrams = pruned.map_or(-1, |p| i64::try_from(p.ngrams.len()).unwrap_or(i64::MAX));
        out.write_all(&ngrams.to_le_bytes())?;
        for entry in entries {
            out.write_all(entry.word)?;
            out.write_all(&[0])?;
            out.write_all(&entry.count.to_le_bytes())?;
            out.write_all(&[0])?;
        }
        for label in self.labels {
            out.write_all(LABEL_PREFIX.as_bytes())?;
            out.write_all(label.name.as_bytes())?;
            out.write_all(&[0])?;
            out.write_all(&label.count.to_le_bytes())?;
            out.write_all(&[1])?;
        }
        for (place, row) in
            pruned.iter().flat_map(|p| p.ngrams.iter().map(|n| n - p.of_words)).enumerate()
        {
            for n in [row, place] {
                out.write_all(&i32::try_from(n).unwrap_or(i32::MAX).to_le_bytes())?;
            }
        }
        Ok(())
    }
}

fn write_matrix(
    out: &mut dyn Write,
    rows: usize,
    dim: usize,
    fill: &Row<'_>,
) -> std::io::Result<()> {
    for n in [rows, dim] {
        out.write_all(&(n as u64).to_le_bytes())?;
    }
    let (mut row, mut bytes) = (vec![0.0; dim], Vec::with_capacity(dim * 4));
    for number in 0..rows {
        fill(number, &mut row);
        bytes.clear();
        bytes.extend(row.iter().flat_map(|value: &f32| value.to_le_bytes()));
        out.write_all(&bytes)?;
    }
    Ok(())
}

/// Writes beside the file, then renames.
pub(super) fn whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let beside: PathBuf = path.with_file_name(name);
    let io = |source| Error::Io { path: path.to_owned(), source };
    let result = File::create(&beside).and_then(|file| {
        let mut out = BufWriter::with_capacity(1 << 18, file);
        write(&mut out)?;
        out.flush()?;
        std::fs::rename(&beside, path)
    });
    if result.is_err() {
        let _ = std::fs::remove_file(&beside); // the first error is the one to tell
    }
    result.map_err(io)
}

//! A trained model, from memory to a file.

use std::path::Path;

use super::examples::Seen;
use super::file::{Arguments, Entry, ModelFile};
use super::panel::Panel;
use super::params::TrainSettings;
use crate::error::Result;
use crate::features::Features;
use crate::header::Header;
use crate::lines::{Line, WIDTH};

/// A trained model as it stands in memory: rows that never occurred are left out, and zeros in its file.
#[derive(Debug)]
pub struct Trained {
    pub(super) settings: TrainSettings,
    pub(super) header: Header,
    pub(super) features: Features,
    pub(super) counts: Vec<u64>,
    pub(super) tokens: u64,
    pub(super) seen: Seen,
    pub(super) panels: Vec<Panel>,
}

impl Trained {
    /// Writes a `.bin` file that the official library opens too, whole or not at all.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        self.file().write_dense(path)
    }

    /// Words and n-grams that occurred: the rows that were trained.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.seen.count() as u64
    }

    /// Words of the dictionary.
    #[must_use]
    pub fn words(&self) -> u64 {
        self.counts.len() as u64
    }

    pub(super) fn file(&self) -> ModelFile<'_> {
        let dictionary = self.features.dictionary();
        let words = dictionary.all_words().zip(&self.counts);
        let labels = dictionary.labels();
        ModelFile {
            arguments: Arguments::of(&self.settings, &self.header),
            words: words.map(|(word, &count)| Entry { word, count }).collect(),
            labels,
            tokens: self.tokens,
            input_rows: self.counts.len() + self.header.bucket as usize,
            input: Box::new(|row, into| self.input_row(row, into)),
            output: Box::new(|row, into| self.output_row(row, into)),
        }
    }

    pub(super) fn output_row(&self, row: usize, into: &mut [f32]) {
        self.gather(into, |panel| panel.output_row(row));
    }

    pub(super) fn input_row(&self, row: usize, into: &mut [f32]) {
        match u32::try_from(row).ok().and_then(|row| self.seen.place(row)) {
            Some(place) => self.gather(into, |panel| panel.input_row(place as usize)),
            None => into.fill(0.0),
        }
    }

    fn gather<'a>(&'a self, into: &mut [f32], part: impl Fn(&'a Panel) -> &'a [Line]) {
        let lines = self.panels.iter().flat_map(part);
        for (into, line) in into.chunks_mut(WIDTH).zip(lines) {
            into.copy_from_slice(&line.0[..into.len()]);
        }
    }
}

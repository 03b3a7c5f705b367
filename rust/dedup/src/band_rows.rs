//! Band keys by row: what a document of one band file needs to be written to another.

use crate::bands::{BandTable, Bands};
use crate::{BandFile, Result};

/// What a band file says of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandRow<'a> {
    /// The kept bits of its keys, one for each band; they mean nothing without shingles.
    pub keys: &'a [u64],
    /// Its shingles, repeated ones counted.
    pub shingles: u32,
    /// The hash of its text.
    pub content: u128,
}

/// A band file by row: `8 × bands + 20` bytes a document, and twice that while it is read.
#[derive(Clone, Debug)]
pub struct BandRows {
    bands: usize,
    keys: Vec<u64>,
    shingles: Vec<u32>,
    contents: Vec<u128>,
}

impl BandRows {
    /// Reads all of a file.
    ///
    /// # Errors
    /// It cannot be read, or is not what was written.
    pub fn read(file: &BandFile) -> Result<Self> {
        let bands = file.layout().bands as usize;
        let (mut shingles, mut contents, mut column) = (Vec::new(), Vec::new(), Vec::new());
        file.read_shingles(&mut shingles)?;
        file.read_contents(&mut contents)?;
        let mut keys = vec![0; bands * shingles.len()];
        for band in 0..bands {
            file.read_band(band, &mut column)?;
            keys.chunks_exact_mut(bands).zip(&column).for_each(|(row, key)| row[band] = *key);
        }
        Ok(Self { bands, keys, shingles, contents })
    }

    /// Rows of the file.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shingles.len()
    }

    /// It has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shingles.is_empty()
    }

    /// What it says of a document; none behind the last one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<BandRow<'_>> {
        let keys = self.keys.get(row * self.bands..(row + 1) * self.bands)?;
        Some(BandRow { keys, shingles: *self.shingles.get(row)?, content: self.contents[row] })
    }
}

impl BandRow<'_> {
    /// How many bytes a row of so many bands is written with.
    #[must_use]
    pub fn bytes(bands: usize) -> usize {
        8 * bands + 20
    }

    /// Appends its bytes, whose number the bands tell: keys, shingles, content.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.keys.iter().for_each(|key| out.extend(key.to_le_bytes()));
        out.extend(self.shingles.to_le_bytes());
        out.extend(self.content.to_le_bytes());
    }

    /// Takes a row of so many bands off the front of `bytes`, its keys into `keys`; none if they do not hold one.
    pub fn read<'k>(
        bytes: &mut &[u8],
        bands: usize,
        keys: &'k mut Vec<u64>,
    ) -> Option<BandRow<'k>> {
        let row = bytes.split_off(..Self::bytes(bands))?;
        let (of_keys, rest) = row.split_at(8 * bands);
        keys.clear();
        keys.extend(of_keys.as_chunks().0.iter().map(|key| u64::from_le_bytes(*key)));
        let (shingles, content) = rest.split_at(4);
        Some(BandRow {
            keys,
            shingles: u32::from_le_bytes(shingles.try_into().ok()?),
            content: u128::from_le_bytes(content.try_into().ok()?),
        })
    }
}

impl BandTable {
    /// Adds a document of another table of this layout.
    pub(crate) fn copy(&mut self, row: BandRow<'_>) {
        for (column, key) in self.keys.iter_mut().zip(row.keys) {
            column.push(*key);
        }
        self.shingles.push(row.shingles);
        self.contents.push(row.content);
    }
}

//! Band keys of many documents, by column: in memory here, on disk in `file`.

use crate::{DedupParams, Error, Result};

/// Bits of a key that are kept: with 18 of the row, and 8 that the place in the column tells, 7 bytes an entry.
pub(crate) const KEY_BITS: u32 = 46;

/// The most documents of a part: their rows have 18 bits.
pub const PART_DOCUMENTS: u64 = 1 << 18;

/// The bits that are kept of a band key of 56 bits.
pub(crate) fn kept_bits(key: u64) -> u64 {
    (key >> (56 - KEY_BITS)) & ((1 << KEY_BITS) - 1)
}

/// What must be equal for keys to be comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandLayout {
    /// Keys of a document.
    pub bands: u32,
    /// Values of the signature in a key.
    pub rows: u32,
    /// Words of a shingle.
    pub shingle: u32,
    /// The seed of the hash functions.
    pub seed: u64,
}

impl BandLayout {
    /// That of the parameters.
    #[must_use]
    pub fn of(params: &DedupParams) -> Self {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX); // parameters are below 4,097
        Self {
            bands: small(params.bands()),
            rows: small(params.rows()),
            shingle: small(params.shingle()),
            seed: params.seed(),
        }
    }
}

impl BandLayout {
    /// The first parameter that differs from those of `other`, and both values: this one's first.
    #[must_use]
    pub fn difference(self, other: Self) -> Option<(&'static str, u64, u64)> {
        let pairs = [
            ("bands", u64::from(self.bands), u64::from(other.bands)),
            ("rows", u64::from(self.rows), u64::from(other.rows)),
            ("shingle", u64::from(self.shingle), u64::from(other.shingle)),
            ("seed", self.seed, other.seed),
        ];
        pairs.into_iter().find(|(_, mine, theirs)| mine != theirs)
    }
}

/// Columns of band keys, shingle counts and content hashes, row-aligned.
pub trait Bands {
    /// What to call it in an error.
    fn name(&self) -> String;
    /// How its keys were made.
    fn layout(&self) -> BandLayout;
    /// Rows of every column.
    fn documents(&self) -> u64;
    /// Puts one key of every document into `out`; that of a document without shingles means nothing.
    fn read_band(&self, band: usize, out: &mut Vec<u64>) -> Result<()>;
    /// Puts the number of shingles of every document into `out`; 0 means that there are no keys.
    fn read_shingles(&self, out: &mut Vec<u32>) -> Result<()>;
    /// Puts the hash of every document's text into `out`.
    fn read_contents(&self, out: &mut Vec<u128>) -> Result<()>;
}

/// Refuses files that were made in different ways.
pub(crate) fn check_layouts<B: Bands>(files: &[B]) -> Result<()> {
    let Some(first) = files.first() else { return Ok(()) };
    match files.iter().find(|file| file.layout() != first.layout()) {
        Some(other) => Err(Error::Mismatch { first: first.name(), other: other.name() }),
        None => Ok(()),
    }
}

/// Band keys in memory: `8 × bands + 20` bytes a document.
#[derive(Clone, Debug)]
pub struct BandTable {
    layout: BandLayout,
    pub(crate) keys: Vec<Vec<u64>>,
    pub(crate) shingles: Vec<u32>,
    pub(crate) contents: Vec<u128>,
}

impl BandTable {
    /// A table without rows.
    #[must_use]
    pub fn new(params: &DedupParams) -> Self {
        Self::of(BandLayout::of(params))
    }

    pub(crate) fn of(layout: BandLayout) -> Self {
        Self {
            layout,
            keys: vec![Vec::new(); layout.bands as usize],
            shingles: Vec::new(),
            contents: Vec::new(),
        }
    }

    /// Adds a document: its band keys of 56 bits (ignored if it has no shingles), the number of its shingles, repeated
    /// ones counted, and the hash of its text. 46 bits of a key are kept.
    pub fn push(&mut self, keys: &[u64], shingles: u32, content: u128) {
        for (band, column) in self.keys.iter_mut().enumerate() {
            column.push(keys.get(band).filter(|_| shingles > 0).map_or(0, |key| kept_bits(*key)));
        }
        self.shingles.push(shingles);
        self.contents.push(content);
    }
}

impl Bands for BandTable {
    fn name(&self) -> String {
        "texts in memory".to_owned()
    }

    fn layout(&self) -> BandLayout {
        self.layout
    }

    fn documents(&self) -> u64 {
        self.shingles.len() as u64
    }

    fn read_band(&self, band: usize, out: &mut Vec<u64>) -> Result<()> {
        out.clear();
        out.extend_from_slice(&self.keys[band]);
        Ok(())
    }

    fn read_shingles(&self, out: &mut Vec<u32>) -> Result<()> {
        out.clear();
        out.extend_from_slice(&self.shingles);
        Ok(())
    }

    fn read_contents(&self, out: &mut Vec<u128>) -> Result<()> {
        out.clear();
        out.extend_from_slice(&self.contents);
        Ok(())
    }
}

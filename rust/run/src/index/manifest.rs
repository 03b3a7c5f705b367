//! `index.json`: what an index holds. It is written last: a folder without it is not an index.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gamayun_dedup::{BandFile, BandLayout, Bands};
use gamayun_text::Monitor;
use serde::{Deserialize, Serialize};

use super::{BANDS, DOCUMENTS};
use crate::error::{Error, Result};
use crate::parallel::{self, Tally};
use crate::part::{read_json, write_json};

const SCHEMA: &str = "gamayun-data/index";
/// Raised when what an index holds changes.
const VERSION: u32 = 1;
pub(crate) const FILE: &str = "index.json";

/// What an index holds, and the hashes of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexManifest {
    schema: String,
    version: u32,
    /// The version of its band files, and so of the shingles that their keys were made of.
    band_version: u32,
    /// Bands of a signature.
    pub bands: u32,
    /// Values of a band.
    pub rows: u32,
    /// Words of a shingle.
    pub shingle: u32,
    /// The seed of the hash functions.
    pub seed: u64,
    /// Documents.
    pub documents: u64,
    /// Bytes of their texts.
    pub text_bytes: u64,
    /// Documents by source.
    pub sources: BTreeMap<String, u64>,
    /// Its parts, in the order of their documents' ids.
    pub parts: Vec<IndexPart>,
}

/// A band file and the table beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexPart {
    /// Their name without an ending.
    pub name: String,
    /// Rows of both.
    pub documents: u64,
    /// Bytes of the texts.
    pub text_bytes: u64,
    /// The id of the first document, in hexadecimal.
    pub first: String,
    /// That of the last one.
    pub last: String,
    /// `bands/NAME.bands`.
    pub bands: IndexFile,
    /// `documents/NAME.parquet`.
    pub table: IndexFile,
}

/// What a file of an index must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexFile {
    /// Its size.
    pub bytes: u64,
    /// xxh3-128 of its bytes, in hexadecimal.
    pub xxh3: String,
}

impl IndexFile {
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let bytes = std::fs::metadata(path).map_err(Error::file(path))?.len();
        Ok(Self { bytes, xxh3: format!("{:032x}", gamayun_io::file_xxh3(path)?) })
    }

    /// What is wrong with the file: its size, or with `whole` any byte of it.
    fn problem(&self, path: &Path, whole: bool) -> Result<Option<String>> {
        let found = match std::fs::metadata(path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Some("a file of the index is missing".to_owned()));
            }
            Err(error) => return Err(Error::file(path)(error)),
        };
        if found != self.bytes {
            return Ok(Some(format!("{found} bytes, but the index says {}", self.bytes)));
        }
        let changed = whole && Self::of(path)? != *self;
        Ok(changed.then(|| "its bytes are not those that the index was made with".to_owned()))
    }
}

impl IndexPart {
    /// Where the band file is in the index at `root`.
    pub(crate) fn bands_path(&self, root: &Path) -> PathBuf {
        root.join(BANDS).join(format!("{}.bands", self.name))
    }

    /// Where the table is.
    pub(crate) fn table_path(&self, root: &Path) -> PathBuf {
        root.join(DOCUMENTS).join(format!("{}.parquet", self.name))
    }

    pub(crate) fn open_bands(&self, root: &Path) -> Result<BandFile> {
        let file = BandFile::open(self.bands_path(root))?;
        if file.documents() == self.documents {
            return Ok(file);
        }
        let what = format!("{} documents, but the index says {}", file.documents(), self.documents);
        Err(Error::damaged(file.path(), what))
    }
}

impl IndexManifest {
    /// That of these parts, which are in order.
    pub(crate) fn new(
        layout: BandLayout,
        sources: BTreeMap<String, u64>,
        parts: Vec<IndexPart>,
    ) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            version: VERSION,
            band_version: BandFile::VERSION,
            bands: layout.bands,
            rows: layout.rows,
            shingle: layout.shingle,
            seed: layout.seed,
            documents: parts.iter().map(|part| part.documents).sum(),
            text_bytes: parts.iter().map(|part| part.text_bytes).sum(),
            sources,
            parts,
        }
    }

    /// How its keys were made.
    #[must_use]
    pub fn layout(&self) -> BandLayout {
        BandLayout { bands: self.bands, rows: self.rows, shingle: self.shingle, seed: self.seed }
    }

    /// There is an index at `root`, whole or not.
    #[must_use]
    pub fn is_at(root: &Path) -> bool {
        root.join(FILE).is_file()
    }

    /// Reads what the index at `root` holds, and checks that its files are there and of the sizes that it says.
    ///
    /// # Errors
    /// It is not an index of this version, or a file of it was cut or is missing.
    pub fn open(root: &Path) -> Result<Self> {
        let path = root.join(FILE);
        let index: Self = read_json(&path)?
            .ok_or_else(|| Error::damaged(root, "not an index: it has no index.json"))?;
        if index.schema != SCHEMA {
            return Err(Error::damaged(path, "not the list of an index"));
        }
        for (what, found, expected) in [
            ("version", index.version, VERSION),
            ("version of band files", index.band_version, BandFile::VERSION),
        ] {
            if found != expected {
                return Err(Error::damaged(path, format!("{what} {found}, expected {expected}")));
            }
        }
        for part in &index.parts {
            for (file, path) in part.files(root) {
                if let Some(what) = file.problem(&path, false)? {
                    return Err(Error::damaged(path, what));
                }
            }
        }
        Ok(index)
    }

    pub(crate) fn write(&self, root: &Path) -> Result<()> {
        write_json(&root.join(FILE), self)
    }
}

impl IndexPart {
    fn files(&self, root: &Path) -> [(&IndexFile, PathBuf); 2] {
        [(&self.bands, self.bands_path(root)), (&self.table, self.table_path(root))]
    }
}

/// Reads every byte of an index and tells what is wrong: (file, what).
///
/// # Errors
/// A file cannot be read; the monitor.
pub fn check_index(
    root: &Path,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<(PathBuf, String)>> {
    let index: IndexManifest = IndexManifest::open(root)?;
    let tally = Tally::of(index.documents);
    let found = parallel::map(index.parts.len(), threads, &tally, monitor, |number| {
        tally.check()?;
        let part = &index.parts[number];
        let mut problems = Vec::new();
        for (file, path) in part.files(root) {
            problems.extend(file.problem(&path, true)?.map(|what| (path, what)));
        }
        tally.add(part.documents, part.documents, part.text_bytes);
        Ok(problems)
    })?;
    Ok(found.into_iter().flatten().collect())
}

//! A file of an export, hashed while it is written.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::receipt::hex;
use crate::{Error, Result};

/// How a file came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A second name of a shard's payload.
    Linked,
    /// A copy of a whole payload.
    Copied,
    /// A copy of some documents of a payload.
    Cut,
    /// Written anew.
    Written,
}

impl Origin {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::Copied => "copied",
            Self::Cut => "cut",
            Self::Written => "written",
        }
    }
}

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// sha256 of it, in hexadecimal.
    pub sha256: String,
    /// How it came to be.
    pub origin: Origin,
}

/// A file being written; what is dropped before [`finish`](Self::finish) stays unfinished, in a folder that nobody sees.
#[derive(Debug)]
pub(super) struct Sink {
    file: BufWriter<File>,
    path: PathBuf,
    sha256: Sha256,
    bytes: u64,
}

impl Sink {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = File::create_new(path).map_err(Error::io(path))?;
        let file = BufWriter::with_capacity(1 << 18, file);
        Ok(Self { file, path: path.to_owned(), sha256: Sha256::new(), bytes: 0 })
    }

    /// Adds bytes; an error names the file.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(Error::io(&self.path))
    }

    /// Brings the bytes to the disk.
    pub(super) fn finish(mut self, origin: Origin) -> Result<ExportedFile> {
        self.flush()
            .and_then(|()| self.file.get_ref().sync_data())
            .map_err(Error::io(&self.path))?;
        let sha256 = hex(&self.sha256.finalize());
        Ok(ExportedFile { path: self.path, bytes: self.bytes, sha256, origin })
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_all(bytes)?;
        self.sha256.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

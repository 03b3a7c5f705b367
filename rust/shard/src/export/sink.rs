//! A file of an export, hashed while it is written.

use std::fs::File;
use std::io::{self, BufWriter, IntoInnerError, Write};
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
    file: BufWriter<Hashed>,
    path: PathBuf,
}

/// A file and the hash of what went into it: below the buffer, since numbers come one by one.
#[derive(Debug)]
struct Hashed {
    file: File,
    sha256: Sha256,
    bytes: u64,
}

impl Sink {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = File::create_new(path).map_err(Error::io(path))?;
        let file = Hashed { file, sha256: Sha256::new(), bytes: 0 };
        Ok(Self { file: BufWriter::with_capacity(1 << 18, file), path: path.to_owned() })
    }

    /// Adds bytes; an error names the file.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(Error::io(&self.path))
    }

    /// Brings the bytes to the disk.
    pub(super) fn finish(self, origin: Origin) -> Result<ExportedFile> {
        let Self { file, path } = self;
        let written = file.into_inner().map_err(IntoInnerError::into_error);
        let synced = written.and_then(|done| done.file.sync_data().map(|()| done));
        let Hashed { sha256, bytes, .. } = synced.map_err(Error::io(&path))?;
        Ok(ExportedFile { path, bytes, sha256: hex(&sha256.finalize()), origin })
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file_sha256;

    #[test]
    fn a_file_has_the_size_and_the_hash_that_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let mut sink = Sink::create(&path).unwrap();
        for n in 0..70_000_u64 {
            sink.put(&n.to_le_bytes()).unwrap();
        }
        sink.put(&[7].repeat(1 << 20)).unwrap();
        let told = sink.finish(Origin::Written).unwrap();
        assert_eq!(told.bytes, std::fs::metadata(&path).unwrap().len());
        assert_eq!(told.sha256, file_sha256(&path).unwrap());
        assert!(Sink::create(&path).is_err(), "nothing is overwritten");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_names_the_file() {
        let path = Path::new("/dev/full");
        let file = Hashed {
            file: File::options().write(true).open(path).unwrap(),
            sha256: Sha256::new(),
            bytes: 0,
        };
        let mut sink = Sink { file: BufWriter::new(file), path: path.to_owned() };
        let error = sink.put(&[7].repeat(100_000)).unwrap_err();
        assert!(error.to_string().contains("/dev/full: No space left"), "{error}");
    }
}

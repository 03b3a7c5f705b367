//! Files that exist whole or not at all: a temporary file beside the place, synced, then renamed.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use gamayun_text::hash::Hasher128;

use crate::{Error, Result};

/// What follows a file's name while it is unfinished; the process id comes last.
const UNFINISHED: &str = ".tmp-";

/// A file being written; removed when dropped unfinished.
#[derive(Debug)]
pub(crate) struct Unfinished {
    path: PathBuf,
    temporary: PathBuf,
    finished: bool,
    /// Whether it is on the disk before it has its name.
    pub(crate) synced: bool,
}

impl Unfinished {
    /// Makes the temporary file beside `path`.
    pub(crate) fn create(path: &Path) -> Result<(Self, File)> {
        let mut name: OsString = path.as_os_str().to_owned();
        name.push(format!("{UNFINISHED}{}", std::process::id()));
        let temporary = PathBuf::from(name);
        let file = File::create(&temporary).map_err(|e| Error::writing(path, e))?;
        Ok((Self { path: path.to_owned(), temporary, finished: false, synced: true }, file))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Syncs, unless that was not wanted, and renames; gives the file's size in bytes.
    pub(crate) fn finish(mut self, file: &File) -> Result<u64> {
        let bytes = self.commit(file).map_err(|e| Error::writing(&self.path, e))?;
        self.finished = true;
        Ok(bytes)
    }

    fn commit(&self, file: &File) -> io::Result<u64> {
        if self.synced {
            file.sync_all()?;
        }
        let bytes = file.metadata()?.len();
        fs::rename(&self.temporary, &self.path)?;
        if self.synced {
            sync_directory(&self.path)?;
        }
        Ok(bytes)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // Nothing can be told from here; `remove_unfinished` finds what stays behind.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// A rename is on disk only when its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// Writes a file so that it exists whole or not at all, and survives a power cut once this returns.
///
/// ```
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("step.json");
/// gamayun_io::write_atomic(&path, |out| out.write_all(b"{}"))?;
/// assert_eq!(std::fs::read(&path)?, b"{}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_atomic(path: &Path, f: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_whole(path, true, f)
}

/// Writes a file so that it exists whole or not at all, however the process ends; only a power cut may take of it what is
/// not on the disk yet. For what is needed no longer than a run lasts: nothing waits for the disk.
pub fn write_unsynced(path: &Path, f: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_whole(path, false, f)
}

fn write_whole(
    path: &Path,
    synced: bool,
    f: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let (mut unfinished, file) = Unfinished::create(path)?;
    unfinished.synced = synced;
    let mut writer = BufWriter::with_capacity(256 << 10, file);
    let written = f(&mut writer).and_then(|()| writer.flush());
    let file = written.and_then(|()| writer.into_inner().map_err(io::IntoInnerError::into_error));
    unfinished.finish(&file.map_err(|e| Error::writing(path, e))?)?;
    Ok(())
}

/// Removes the temporary files that a killed process left in a directory; gives their number.
///
/// Only for a directory that no other process writes to.
pub fn remove_unfinished(directory: &Path) -> Result<u64> {
    let mut removed = 0;
    for entry in fs::read_dir(directory).map_err(|e| Error::reading(directory, e))? {
        let path = entry.map_err(|e| Error::reading(directory, e))?.path();
        if is_unfinished(&path) {
            fs::remove_file(&path).map_err(|e| Error::writing(&path, e))?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let process = name.rsplit_once(UNFINISHED).map(|(_, process)| process);
    process.is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
}

/// xxh3-128 of a file's bytes, read in pieces.
pub fn file_xxh3(path: &Path) -> Result<u128> {
    let mut file = File::open(path).map_err(|e| Error::reading(path, e))?;
    let mut hash = Hasher128::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash.digest()),
            Ok(read) => hash.update(&buffer[..read]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(Error::reading(path, e)),
        }
    }
}

//! Where things lie in the directory of a run.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The directory of a run, and the names in it.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The run at `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// A file or folder of the run.
    #[must_use]
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    /// A folder of the run, made if it is not there.
    pub(crate) fn folder(&self, name: impl AsRef<Path>) -> Result<PathBuf> {
        let path = self.path(name);
        std::fs::create_dir_all(&path).map_err(Error::file(&path))?;
        Ok(path)
    }

    /// A folder of the run, emptied of what an earlier try left.
    pub(crate) fn fresh_folder(&self, name: impl AsRef<Path>) -> Result<PathBuf> {
        self.remove_folder(&name)?;
        self.folder(name)
    }

    pub(crate) fn remove_folder(&self, name: impl AsRef<Path>) -> Result<()> {
        let path = self.path(name);
        match std::fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::File { path, source: error })
            }
            _ => Ok(()),
        }
    }

    /// The files of a folder whose names start and end so, sorted by name; none if there is no folder.
    pub(crate) fn files(&self, folder: &str, start: &str, end: &str) -> Result<Vec<PathBuf>> {
        let path = self.path(folder);
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::File { path, source: error }),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::file(&path))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(start) && name.ends_with(end) {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }
}

pub(crate) fn remove_file(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file(path)(error)),
        _ => Ok(()),
    }
}

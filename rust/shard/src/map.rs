//! A file in memory, read-only.

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use crate::{Error, Result};

/// Maps the file. Its owner must not truncate it while it is mapped.
#[expect(unsafe_code, reason = "a map of a file is how shards are read without copying them")]
pub(crate) fn map(path: &Path) -> Result<Mmap> {
    let file = File::open(path).map_err(Error::io(path))?;
    // SAFETY: files of this crate are written once, under another name, and never changed in place; every length is
    // checked against the map before use.
    unsafe { Mmap::map(&file) }.map_err(Error::io(path))
}

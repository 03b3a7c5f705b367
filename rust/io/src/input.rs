//! What there is to read: files, directories, globs, stdin, and the row groups of Parquet.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::decode::{Magic, magic};
use crate::format::{self, Format};
use crate::{Error, ReadParams, Result};

/// The bytes of an unknown file that are looked at for a record.
const SNIFF: u64 = 1 << 20;

/// A file, stdin, or a row group of a Parquet file: what one reader reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// The file; `-` is stdin.
    pub path: PathBuf,
    /// The file as messages show it.
    pub name: String,
    /// Bytes on disk (of the row group, if it is one); 0 when unknown.
    pub bytes: u64,
    /// The row group; `None`: all of the file.
    pub row_group: Option<usize>,
}

impl Input {
    /// Standard input.
    #[must_use]
    pub fn stdin() -> Self {
        Self { path: PathBuf::from("-"), name: "stdin".to_owned(), bytes: 0, row_group: None }
    }

    /// A whole file. What is wrong with it shows when it is opened.
    #[must_use]
    pub fn file(path: PathBuf) -> Self {
        let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        Self { name: path.display().to_string(), path, bytes, row_group: None }
    }

    /// It is standard input, which is read only once.
    #[must_use]
    pub fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// The last part of the path.
    pub(crate) fn file_name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The first bytes of a regular file; none of a pipe, whose bytes would be lost.
    pub(crate) fn head(&self) -> Result<Vec<u8>> {
        if !self.path.is_file() {
            return Ok(Vec::new());
        }
        head(&self.path, 4)
    }

    /// The input itself, or its row groups if it is Parquet that can be read.
    fn split(self, params: &ReadParams) -> Vec<Self> {
        let may_be = params.format.is_none_or(|format| format == Format::Parquet);
        if !may_be || self.head().map_or(true, |head| magic(&head) != Magic::Parquet) {
            return vec![self];
        }
        let Ok(sizes) = format::parquet::row_group_bytes(&self.path) else { return vec![self] };
        let group = |(i, bytes)| Self { row_group: Some(i), bytes, ..self.clone() };
        sizes.into_iter().enumerate().map(group).collect()
    }
}

fn head(path: &Path, bytes: u64) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(bytes).read_to_end(&mut head));
    read.map_err(|e| Error::reading(path, e))?;
    Ok(head)
}

/// Finds what a file, a directory, a glob or `-` names, sorted by path.
///
/// A directory is searched to all depths for files whose ending or content is a known format;
/// names that begin with `.` or `_` are passed over. A path that exists is never taken for a glob.
/// Parquet files give one input for each row group. Unreadable and corrupt files are given as they
/// are, for [`open`](crate::open) to tell.
pub fn find_inputs(spec: &str, params: &ReadParams) -> Result<Vec<Input>> {
    if spec == "-" {
        return Ok(vec![Input::stdin()]);
    }
    let mut paths = paths(spec, params)?;
    paths.sort_unstable();
    paths.dedup();
    Ok(paths.into_iter().map(Input::file).flat_map(|input| input.split(params)).collect())
}

fn paths(spec: &str, params: &ReadParams) -> Result<Vec<PathBuf>> {
    let path = Path::new(spec);
    let mut found = Vec::new();
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_dir() => return Ok(vec![path.to_owned()]),
        Ok(_) => walk(path, params, &mut BTreeSet::new(), &mut found)?,
        Err(_) if spec.contains(['*', '?', '[']) => expand(spec, params, &mut found)?,
        Err(error) => return Err(Error::reading(path, error)),
    }
    if found.is_empty() {
        return Err(Error::NoInputs { spec: spec.to_owned(), known: format::known_endings() });
    }
    Ok(found)
}

/// The files that a glob matches, and those below the directories that it matches.
fn expand(pattern: &str, params: &ReadParams, found: &mut Vec<PathBuf>) -> Result<()> {
    let bad = |e: glob::PatternError| Error::BadGlob {
        pattern: pattern.to_owned(),
        detail: e.to_string(),
    };
    for path in glob::glob(pattern).map_err(bad)? {
        let path = path.map_err(|e| {
            Error::reading(e.path(), std::io::Error::new(e.error().kind(), e.to_string()))
        })?;
        if path.is_dir() {
            // `**` matches directories besides the files in them.
            if !pattern.ends_with("**") {
                walk(&path, params, &mut BTreeSet::new(), found)?;
            }
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// Adds the files below a directory; `seen` keeps links that form a circle from being followed.
fn walk(
    directory: &Path,
    params: &ReadParams,
    seen: &mut BTreeSet<PathBuf>,
    found: &mut Vec<PathBuf>,
) -> Result<()> {
    let unreadable = |e| Error::reading(directory, e);
    if !seen.insert(directory.canonicalize().map_err(unreadable)?) {
        return Ok(());
    }
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(['.', '_']) {
            continue;
        }
        if path.is_dir() {
            walk(&path, params, seen, found)?;
        } else if is_input(&path, &name, params) {
            found.push(path);
        }
    }
    Ok(())
}

/// True for a file in a directory that is to be read: its ending is known, or its content is.
fn is_input(path: &Path, name: &str, params: &ReadParams) -> bool {
    if Format::from_file_name(name).is_some() {
        return true;
    }
    if !path.is_file() {
        return false;
    }
    head(path, SNIFF).is_ok_and(|head| match magic(&head) {
        Magic::Parquet => true,
        Magic::Gzip | Magic::Zstd => format::looks_like_records(path, params),
        _ => format::has_record(&head, &params.columns.text),
    })
}

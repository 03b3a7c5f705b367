//! Parts of a run and the receipts that commit them.
//!
//! An input (a file, or a row group) is a task; a task writes parts. A part exists once its receipt does, and a task is
//! finished once its own receipt is there, so a killed run goes on after the last part.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::cleaning::KindCounts;
use crate::error::{Error, Result};
use crate::layout::Layout;

/// Raised when what a part holds changes.
const FORMAT: u32 = 1;

/// What tells an input from another: if it changes, its parts are made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InputIdentity {
    pub source: String,
    pub name: String,
    pub row_group: Option<u64>,
    pub bytes: u64,
    pub modified_ns: u64,
}

impl InputIdentity {
    pub(crate) fn of(source: &str, input: &gamayun_io::Input) -> Self {
        let modified = std::fs::metadata(&input.path).and_then(|m| m.modified()).ok();
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self {
            source: source.to_owned(),
            name: input.name.clone(),
            row_group: input.row_group.and_then(|n| u64::try_from(n).ok()),
            bytes: input.bytes,
            modified_ns: since.and_then(|s| u64::try_from(s.as_nanos()).ok()).unwrap_or(0),
        }
    }
}

/// A committed part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PartReceipt {
    format: u32,
    pub input: InputIdentity,
    /// The last record of the input that this part and those before it account for.
    pub through: u64,
    pub documents: u64,
    /// Bytes of normalised text.
    pub text_bytes: u64,
    /// Sums of the normalisation counts.
    pub normalised: BTreeMap<String, u64>,
    /// What was changed in texts, by language and kind.
    #[serde(default)]
    pub cleaned: KindCounts,
    /// Rejected records by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Why the rest of the input is unknown, if it is.
    pub unknown_tail: Option<String>,
}

impl PartReceipt {
    pub(crate) fn new(input: InputIdentity) -> Self {
        Self {
            format: FORMAT,
            input,
            through: 0,
            documents: 0,
            text_bytes: 0,
            normalised: BTreeMap::new(),
            cleaned: KindCounts::new(),
            rejected: BTreeMap::new(),
            unknown_tail: None,
        }
    }
}

/// A finished task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TaskReceipt {
    format: u32,
    pub input: InputIdentity,
    pub parts: u32,
    /// xxh3-128 of the file's bytes, where it was read from end to end in one go.
    pub xxh3: Option<String>,
}

impl TaskReceipt {
    pub(crate) fn new(input: InputIdentity, parts: u32, xxh3: Option<String>) -> Self {
        Self { format: FORMAT, input, parts, xxh3 }
    }
}

/// A part that later steps read: its name, and how many documents it has.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub stem: String,
    pub documents: u64,
    pub receipt: PartReceipt,
}

impl Part {
    /// The number of its input.
    pub(crate) fn task(&self) -> usize {
        self.stem.split('-').nth(1).and_then(|digits| digits.parse().ok()).unwrap_or(usize::MAX)
    }
}

pub(crate) fn part_stem(task: usize, number: u32) -> String {
    format!("part-{task:05}-{number:05}")
}

pub(crate) fn task_path(layout: &Layout, task: usize) -> PathBuf {
    layout.path(format!("documents/task-{task:05}.json"))
}

pub(crate) fn receipt_path(layout: &Layout, stem: &str) -> PathBuf {
    layout.path(format!("documents/{stem}.json"))
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::file(path)(error)),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|e| Error::damaged(path, e.to_string()))
}

pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let text = to_json(path, value)?;
    gamayun_io::write_atomic(path, |out| out.write_all(&text))?;
    Ok(())
}

/// The same for what is needed no longer than a run lasts: nothing waits for the disk.
pub(crate) fn write_unsynced_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let text = to_json(path, value)?;
    gamayun_io::write_unsynced(path, |out| out.write_all(&text))?;
    Ok(())
}

fn to_json<T: Serialize>(path: &Path, value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(|e| Error::damaged(path, e.to_string()))
}

/// A row of a part, or of all parts where all are in memory, as an index.
#[expect(
    clippy::cast_possible_truncation,
    reason = "64-bit machines only, and the row is in memory"
)]
pub(crate) fn index(row: u64) -> usize {
    row as usize
}

/// All parts of a run in the order of their names. Their documents, in this order, are its global rows.
pub(crate) fn parts(layout: &Layout) -> Result<Vec<Part>> {
    let mut found = Vec::new();
    for path in layout.files("documents", "part-", ".json")? {
        let receipt: PartReceipt =
            read_json(&path)?.ok_or_else(|| Error::damaged(&path, "it has just gone"))?;
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        found.push(Part { stem, documents: receipt.documents, receipt });
    }
    Ok(found)
}

/// The global row of each part's first document, and the number of all documents.
pub(crate) fn first_rows(parts: &[Part]) -> (Vec<u64>, u64) {
    let mut next = 0;
    let firsts = parts
        .iter()
        .map(|part| {
            next += part.documents;
            next - part.documents
        })
        .collect();
    (firsts, next)
}

//! A record of an input, a rejected one with its reason, and the batch of both.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A record: a row of an input before it is a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it stands in its file, from 1: the line in JSON Lines and text, the row in Parquet.
    pub number: u64,
    /// The user's id, if the record has one.
    pub id: Option<String>,
    /// The text, as it is in the file.
    pub text: String,
    /// The other fields as a canonical JSON object: keys sorted, no white space, least escapes.
    pub metadata: String,
}

/// Why a record, or the rest of a file, was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// The line is not a JSON object.
    InvalidJson,
    /// The line or the file is not UTF-8.
    InvalidUtf8,
    /// The text is absent or null.
    MissingText,
    /// The text is a number, a list, or anything else but a string.
    TextNotString,
    /// The id is neither a string nor an integer.
    InvalidId,
    /// The document is above the limit.
    TooLarge,
    /// The file ends inside a record or a compressed frame; what followed is unknown.
    Truncated,
    /// The file's compression or structure is broken; what followed is unknown.
    Corrupt,
    /// The disk or the pipe failed while reading; what followed is unknown.
    Unreadable,
}

impl RejectReason {
    /// The reason as reports and files name it: `invalid_json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::MissingText => "missing_text",
            Self::TextNotString => "text_not_string",
            Self::InvalidId => "invalid_id",
            Self::TooLarge => "too_large",
            Self::Truncated => "truncated",
            Self::Corrupt => "corrupt",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A record, or the rest of a file, that cannot be a document.
///
/// Displays as `part-3.jsonl.zst: record 1841: text is missing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file, as messages show it.
    pub path: String,
    /// The record's number; for a lost tail, that of its first record.
    pub record: Option<u64>,
    /// Why.
    pub reason: RejectReason,
    /// Why, in words.
    pub detail: String,
    /// True when an unknown number of records after this one is lost with it.
    pub tail_unknown: bool,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        if let Some(record) = self.record {
            write!(f, "record {record}: ")?;
        }
        f.write_str(&self.detail)
    }
}

/// A line of `rejected.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedLine {
    /// The source that the file belongs to.
    pub source: String,
    /// The file, as messages show it.
    pub file: String,
    /// The record's number in the file.
    pub record: Option<u64>,
    /// Why.
    pub reason: RejectReason,
    /// Why, in words.
    pub detail: String,
    /// True when an unknown number of records after this one is lost with it.
    pub tail_unknown: bool,
}

impl RejectedLine {
    /// The line for a rejected record of a source.
    #[must_use]
    pub fn new(source: &str, rejected: &Rejected) -> Self {
        Self {
            source: source.to_owned(),
            file: rejected.path.clone(),
            record: rejected.record,
            reason: rejected.reason,
            detail: rejected.detail.clone(),
            tail_unknown: rejected.tail_unknown,
        }
    }
}

/// Records and rejected records, in the order of the file.
///
/// One that is filled again uses the memory of the texts that it holds.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The records.
    pub records: Vec<Record>,
    /// What was rejected between them.
    pub rejected: Vec<Rejected>,
    /// The bytes of text in `records`.
    pub text_bytes: u64,
    /// Texts that were let go, for the sake of their memory.
    spare: Vec<String>,
}

impl Batch {
    /// Lets all go; keeps no more memory of texts than twice what those here are.
    pub(crate) fn clear(&mut self) {
        let mut left = self.text_bytes.saturating_mul(2);
        self.spare.extend(self.records.drain(..).map(|record| record.text));
        self.spare.retain(|text| {
            let room = left.checked_sub(text.capacity() as u64);
            left = room.unwrap_or(left);
            room.is_some()
        });
        self.rejected.clear();
        self.text_bytes = 0;
    }

    /// An empty text, perhaps with room.
    pub(crate) fn room(&mut self) -> String {
        let mut room = self.spare.pop().unwrap_or_default();
        room.clear();
        room
    }

    pub(crate) fn push(&mut self, record: Record) {
        self.text_bytes += record.text.len() as u64;
        self.records.push(record);
    }

    /// True when the batch should go out: enough text, or enough records of either kind.
    pub(crate) fn is_full(&self, max_bytes: usize, max_records: usize) -> bool {
        self.text_bytes >= max_bytes as u64
            || self.records.len() >= max_records
            || self.rejected.len() >= max_records
    }
}

//! The formats of inputs: one file here and one entry in [`FORMATS`] each.

mod jsonl;
pub(crate) mod parquet;
mod text;

use std::path::Path;

use crate::decode::Decoder;
use crate::lines::Lines;
use crate::reader::Source;
use crate::stream::Raw;
use crate::{Error, Input, ReadParams, RejectReason, Result, json};

/// A format that records are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JSON Lines: an object a line.
    Jsonl,
    /// Parquet: a row a record.
    Parquet,
    /// Plain text: a file or a line a record.
    Text,
}

/// What is known of a format.
struct Entry {
    format: Format,
    name: &'static str,
    /// The endings of file names, compression aside; the first is the usual one.
    endings: &'static [&'static str],
}

const FORMATS: &[Entry] = &[
    Entry { format: Format::Jsonl, name: "jsonl", endings: &["jsonl", "ndjson", "jsonlines"] },
    Entry { format: Format::Parquet, name: "parquet", endings: &["parquet", "pq"] },
    Entry { format: Format::Text, name: "text", endings: &["txt", "text"] },
];

const COMPRESSIONS: &[&str] = &["gz", "gzip", "zst", "zstd"];

impl Format {
    /// All formats.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|entry| entry.format)
    }

    /// The name in options and configurations.
    #[must_use]
    pub fn name(self) -> &'static str {
        FORMATS.iter().find(|entry| entry.format == self).map_or("", |entry| entry.name)
    }

    /// The format of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        FORMATS.iter().find(|entry| entry.name == name).map(|entry| entry.format)
    }

    /// The format that a file name's ending claims.
    pub(crate) fn from_file_name(name: &str) -> Option<Self> {
        let (_, ending) = without_compression(name).rsplit_once('.')?;
        let ending = ending.to_ascii_lowercase();
        FORMATS.iter().find(|e| e.endings.contains(&ending.as_str())).map(|entry| entry.format)
    }
}

/// A file name without the ending of its compression.
pub(crate) fn without_compression(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if COMPRESSIONS.contains(&ending.to_ascii_lowercase().as_str()) => {
            stem
        }
        _ => name,
    }
}

/// All known endings, for messages.
pub(crate) fn known_endings() -> String {
    let endings: Vec<_> = FORMATS.iter().flat_map(|e| e.endings).map(|e| format!(".{e}")).collect();
    format!("{}, each also with .gz or .zst", endings.join(" "))
}

/// Tells the format of decoded bytes: a name's ending counts unless the content speaks against it.
pub(crate) fn detect(input: &Input, params: &ReadParams, head: &[u8]) -> Result<Format> {
    let claimed = Format::from_file_name(&input.file_name());
    match claimed {
        Some(Format::Jsonl) => Ok(Format::Jsonl),
        // Text that happens to begin with a brace is still text.
        Some(Format::Text) if has_record(head, &params.columns.text) => Ok(Format::Jsonl),
        Some(Format::Text) => Ok(Format::Text),
        _ if head.trim_ascii_start().first().is_none_or(|&byte| byte == b'{') => Ok(Format::Jsonl),
        Some(Format::Parquet) => {
            Err(Error::Corrupt { path: input.name.clone(), detail: "not a Parquet file".into() })
        }
        None => Ok(Format::Text),
    }
}

/// True when the first line is a JSON object with the column.
pub(crate) fn has_record(head: &[u8], column: &str) -> bool {
    let line = head.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    line.is_some_and(|line| json::has_field(line, column))
}

fn too_large(bytes: u64, limit: u64) -> (RejectReason, String) {
    (RejectReason::TooLarge, format!("{bytes} bytes of text, above the limit of {limit}"))
}

fn line_too_long(bytes: u64, limit: u64) -> (RejectReason, String) {
    let detail = format!("a line of {bytes} bytes, too long for a document of at most {limit}");
    (RejectReason::TooLarge, detail)
}

/// True when a compressed file of no known ending holds JSON Lines.
pub(crate) fn looks_like_records(path: &Path, params: &ReadParams) -> bool {
    let input = Input::file(path.to_owned());
    let decoder = Raw::open(&input).and_then(|raw| Decoder::new(raw, &input));
    decoder.is_ok_and(|decoder| {
        let mut lines = Lines::new(decoder, params.max_line_bytes(), input.bytes);
        has_record(lines.peek(), &params.columns.text)
    })
}

pub(crate) fn open(
    format: Format,
    lines: Lines,
    input: &Input,
    params: &ReadParams,
) -> Result<Box<dyn Source>> {
    match format {
        Format::Jsonl => Ok(Box::new(jsonl::JsonLines::new(lines, input, params))),
        Format::Text => Ok(Box::new(text::Text::new(lines, input, params))),
        Format::Parquet => parquet::open(input, params),
    }
}

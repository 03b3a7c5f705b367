//! How inputs are read: columns, format, what a document of plain text is, the largest document.

use crate::Format;

/// Which fields of a record are its text and its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The field that holds the text; it must be a string.
    pub text: String,
    /// The field that holds the user's id, used when a record has it; a string or an integer.
    pub id: Option<String>,
}

impl Default for Columns {
    fn default() -> Self {
        Self { text: "text".to_owned(), id: Some("id".to_owned()) }
    }
}

/// What a document is in plain text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextUnit {
    /// A file is a document; its metadata holds the file's name.
    #[default]
    File,
    /// A line is a document; blank lines are none.
    Line,
}

/// How inputs are found and read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadParams {
    /// The fields that are text and id.
    pub columns: Columns,
    /// The format of all files; `None`: told by content, then by ending.
    pub format: Option<Format>,
    /// What a document is in plain text.
    pub text_unit: TextUnit,
    /// Records with more bytes of text than this are rejected.
    pub max_document_bytes: u64,
    /// Whether records come with their metadata; without, it is an empty object.
    pub metadata: bool,
}

impl Default for ReadParams {
    fn default() -> Self {
        Self {
            columns: Columns::default(),
            format: None,
            text_unit: TextUnit::default(),
            max_document_bytes: 16 << 20,
            metadata: true,
        }
    }
}

impl ReadParams {
    /// The longest line that is held in memory, in bytes.
    ///
    /// Escaping as `\uXXXX` makes text up to three times as long (six bytes for two of UTF-8); the
    /// rest is room for metadata.
    pub(crate) fn max_line_bytes(&self) -> usize {
        let bytes = self.max_document_bytes.saturating_mul(3).saturating_add(64 << 10);
        usize::try_from(bytes).unwrap_or(usize::MAX >> 1).min(usize::MAX >> 1)
    }
}

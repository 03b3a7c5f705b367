//! What can break while shards are written or read.

use std::io;
use std::path::{Path, PathBuf};

use gamayun_text::{DocId, Interrupted};

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// A broken promise, with the file, document or parameter that broke it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused: no such file, no permission, a full disk.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what its format promises.
    #[error("{}: byte {offset}: found {found}, expected {expected}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Where in it, in bytes.
        offset: u64,
        /// What lies there.
        found: String,
        /// What the format asks for.
        expected: String,
    },
    /// A file whose content is not what was written: a hash differs.
    #[error("{}: {what} do not match their hash", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What of it.
        what: String,
    },
    /// A parameter that no shard can be written with.
    #[error("{parameter}: {message}")]
    Params {
        /// The parameter.
        parameter: &'static str,
        /// Why it cannot be.
        message: String,
    },
    /// A document without a token; even an empty text has its EOS.
    #[error("document {id}: it has no tokens, not even an end-of-sequence")]
    EmptyDocument {
        /// The document.
        id: DocId,
    },
    /// A document longer than the formats can say: 2³¹ − 1 tokens, 2³² − 1 bytes of text.
    #[error(
        "document {id}: {tokens} tokens and {bytes} bytes of text are more than a shard can hold in one document"
    )]
    DocumentTooLong {
        /// The document.
        id: DocId,
        /// Its tokens.
        tokens: u64,
        /// Its bytes of text.
        bytes: u64,
    },
    /// A token id that does not fit the width or lies outside the vocabulary.
    #[error("document {id}: token {position} is {token}, expected an id below {limit}")]
    TokenOutOfRange {
        /// The document.
        id: DocId,
        /// The token's place in the document, from 0.
        position: u64,
        /// The token id.
        token: u32,
        /// The ids allowed are below this.
        limit: u64,
    },
    /// A document that does not end with EOS.
    #[error("document {id}: its last token is {last}, expected the end-of-sequence token {eos}")]
    MissingEos {
        /// The document.
        id: DocId,
        /// Its last token.
        last: u32,
        /// The EOS id.
        eos: u32,
    },
    /// A document with EOS before its end.
    #[error(
        "document {id}: token {position} of {tokens} is the end-of-sequence token {eos}, which may only end it"
    )]
    EosInside {
        /// The document.
        id: DocId,
        /// Where EOS was found, from 0.
        position: u64,
        /// The document's tokens.
        tokens: u64,
        /// The EOS id.
        eos: u32,
    },
    /// The same document, with the same shuffle key, twice in a pool.
    #[error("pool {pool}: document {id} occurs twice (in {} and {})", first.display(), second.display())]
    DuplicateDocument {
        /// The document.
        id: DocId,
        /// The pool.
        pool: u32,
        /// A run file that has it.
        first: PathBuf,
        /// The other run file that has it, or the same.
        second: PathBuf,
    },
    /// A document whose language or source is not in the tables.
    #[error("document {id}: {table} {code} is unknown; the table has {names} names")]
    UnknownCode {
        /// The document.
        id: DocId,
        /// `language` or `source`.
        table: &'static str,
        /// The code.
        code: u16,
        /// How many names the table has.
        names: usize,
    },
    /// More than the format of an export can say.
    #[error("{}: {found} {what}, expected at most {most}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What of it.
        what: &'static str,
        /// How much.
        found: u64,
        /// What the format holds.
        most: u64,
    },
    /// The monitor asked for a stop.
    #[error("interrupted")]
    Interrupted,
}

impl From<Interrupted> for Error {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl Error {
    /// For `map_err`: an I/O error of this file.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// A file that is not what its format promises.
    pub(crate) fn format(
        path: &Path,
        offset: u64,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        let (found, expected) = (found.into(), expected.into());
        Self::Format { path: path.to_owned(), offset, found, expected }
    }
}

//! Finds damage in a shard and says where it is.

mod payload;
mod structure;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use gamayun_text::Monitor;
use serde::{Deserialize, Serialize};

use crate::layout::Section;
use crate::receipt::{file_sha256, hex};
use crate::{Error, Result, Shard};

/// How closely to look; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Header, sections, counts, order: reads the index.
    Structure,
    /// The hash of every section and block: reads all.
    Hashes,
    /// Every token: in the vocabulary, EOS at each document's end and nowhere else; the sha256 of the files.
    Tokens,
}

impl FromStr for Level {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "structure" => Ok(Self::Structure),
            "hashes" => Ok(Self::Hashes),
            "tokens" => Ok(Self::Tokens),
            _ => Err(Error::Params {
                parameter: "level",
                message: format!("{name} is none of structure, hashes, tokens"),
            }),
        }
    }
}

/// What is said of a shard elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Promise {
    /// The ids of the tokenizer.
    pub vocab_size: u32,
    /// The id that ends every document, where that is said.
    pub eos: Option<u32>,
    /// sha256 of the tokenizer's file in hexadecimal, where that is said.
    pub tokenizer_sha256: Option<String>,
    /// sha256 of the payload, likewise.
    pub bin_sha256: Option<String>,
    /// sha256 of the index, likewise.
    pub gdx_sha256: Option<String>,
}

/// Something wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Where in it, in bytes.
    pub offset: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: byte {}: {}", self.file.display(), self.offset, self.what)
    }
}

/// Checks a shard of a tokenizer with `vocab_size` ids; no problem means that it is whole.
///
/// A shard that cannot be opened is one problem. An error is only what kept the check from reading.
pub fn check(path: &Path, level: Level, vocab_size: u32) -> Result<Vec<Problem>> {
    check_promised(path, level, &Promise { vocab_size, ..Promise::default() }, &mut ())
}

/// As [`check`], and against what is said of the shard elsewhere. Progress is in bytes of the payload.
///
/// The sha256 of the files themselves are computed at [`Level::Tokens`] alone; what the index says of them is compared
/// at every level.
pub fn check_promised(
    path: &Path,
    level: Level,
    promise: &Promise,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Problem>> {
    let shard = match Shard::open(path) {
        Ok(shard) => shard,
        Err(error) => return unopened(error).map(|problem| vec![problem]),
    };
    let mut problems = structure::structure(&shard, promise.vocab_size);
    problems.extend(claims(&shard, promise));
    if level >= Level::Hashes {
        problems.extend(structure::section_hashes(&shard));
        problems.extend(payload::check(&shard, level, monitor)?);
    }
    if level >= Level::Tokens
        && let Some(promised) = &promise.gdx_sha256
        && file_sha256(shard.gdx_path())? != *promised
    {
        problems.push(in_index(&shard, 0, differs(promised)));
    }
    Ok(problems)
}

fn unopened(error: Error) -> Result<Problem> {
    match error {
        Error::Format { path, offset, found, expected } => {
            Ok(Problem { file: path, offset, what: format!("found {found}, expected {expected}") })
        }
        Error::Io { path, source } if source.kind() == io::ErrorKind::NotFound => {
            Ok(Problem { file: path, offset: 0, what: "the file is missing".to_owned() })
        }
        other => Err(other),
    }
}

/// What the header says, and what the promise says.
fn claims(shard: &Shard, promise: &Promise) -> Vec<Problem> {
    let said = [
        (32, "payload", hex(&shard.bin_sha256()), &promise.bin_sha256),
        (64, "tokenizer", hex(&shard.tokenizer_sha256()), &promise.tokenizer_sha256),
    ];
    let mut problems: Vec<Problem> = said
        .into_iter()
        .filter_map(|(offset, of, found, promised)| {
            let promised = promised.as_ref().filter(|&promised| *promised != found)?;
            let what = format!("sha256 of the {of}: found {found}, but {promised} is promised");
            Some(in_index(shard, offset, what))
        })
        .collect();
    if let Some(eos) = promise.eos.filter(|&eos| eos != shard.eos()) {
        let what = format!("documents end with token {}, but {eos} is promised", shard.eos());
        problems.push(in_index(shard, 132, what));
    }
    problems
}

fn differs(promised: &str) -> String {
    format!("sha256 differs from the manifest, which says {promised}")
}

fn in_payload(shard: &Shard, token: u64, what: String) -> Problem {
    Problem {
        file: shard.bin_path().to_owned(),
        offset: token.saturating_mul(shard.width().bytes()),
        what,
    }
}

fn in_section(shard: &Shard, section: Section, item: usize, what: String) -> Problem {
    let start = shard.entry(section).map_or(0, |entry| entry.offset);
    in_index(shard, start + item as u64 * u64::from(section.item_bytes()), what)
}

fn in_index(shard: &Shard, offset: u64, what: String) -> Problem {
    Problem { file: shard.gdx_path().to_owned(), offset, what }
}

//! Finds damage in a shard and says where it is.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use gamayun_text::hash::hash128;
use serde::{Deserialize, Serialize};

use crate::layout::Section;
use crate::{BlockSpan, Error, Result, Shard, Tokens};

/// How closely to look; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Header, sections, counts, order: reads the index.
    Structure,
    /// The hash of every section and block: reads all.
    Hashes,
    /// Every token: in the vocabulary, EOS at each document's end and nowhere else.
    Tokens,
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
    let shard = match Shard::open(path) {
        Ok(shard) => shard,
        Err(error) => return unopened(error).map(|problem| vec![problem]),
    };
    let mut problems = structure(&shard, vocab_size);
    if level >= Level::Hashes {
        problems.extend(section_hashes(&shard));
        problems.extend(block_hashes(&shard));
    }
    if level >= Level::Tokens {
        problems.extend(tokens(&shard));
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

fn structure(shard: &Shard, vocab_size: u32) -> Vec<Problem> {
    let checks = [
        vocabulary(shard, vocab_size),
        ends(shard),
        metas(shard),
        text_bytes(shard),
        blocks(shard),
    ];
    checks.into_iter().flatten().chain(gaps(shard)).collect()
}

fn vocabulary(shard: &Shard, vocab_size: u32) -> Option<Problem> {
    if shard.vocab_size() != vocab_size {
        let what =
            format!("written for a vocabulary of {}, expected {vocab_size}", shard.vocab_size());
        return Some(in_index(shard, 128, what));
    }
    let (largest, eos) = (shard.max_id(), shard.eos());
    (largest >= vocab_size || eos >= vocab_size).then(|| {
        in_index(
            shard,
            132,
            format!("ids {eos} (EOS) and {largest} (largest) are not below {vocab_size}"),
        )
    })
}

fn ends(shard: &Shard) -> Option<Problem> {
    let ends = shard.ends();
    let first = ends.first().filter(|&&end| end == 0).map(|_| 0);
    let place =
        first.or_else(|| ends.windows(2).position(|pair| pair[0] >= pair[1]).map(|i| i + 1))?;
    Some(in_section(
        shard,
        Section::DocEnd,
        place,
        format!("document {place} has no tokens or less"),
    ))
}

fn metas(shard: &Shard) -> Option<Problem> {
    let (languages, sources) = (shard.language_names().len(), shard.source_names().len());
    let place = shard.metas().iter().position(|meta| {
        usize::from(meta.language) >= languages
            || usize::from(meta.source) >= sources
            || meta.flags != 0
    })?;
    let what = format!("document {place} has an unknown language, source or flag");
    Some(in_section(shard, Section::DocMeta, place, what))
}

fn text_bytes(shard: &Shard) -> Option<Problem> {
    let sum: u64 = shard.bytes().iter().copied().map(u64::from).sum();
    let what = || format!("the texts have {sum} bytes, the header says {}", shard.text_bytes());
    (sum != shard.text_bytes()).then(|| in_section(shard, Section::DocBytes, 0, what()))
}

/// Blocks follow one another from 0 and begin where a document begins.
fn blocks(shard: &Shard) -> Option<Problem> {
    let mut next = (0, 0);
    for (i, block) in shard.blocks().enumerate() {
        let begins =
            shard.document(block.documents.start).is_some_and(|d| d.start == block.tokens.start);
        let right = (block.documents.start, block.tokens.start) == next
            && block.documents.start < block.documents.end;
        if !begins || !right {
            let what = format!(
                "block {i} begins at document {}, token {}",
                block.documents.start, block.tokens.start
            );
            return Some(in_section(shard, Section::Blocks, i, what));
        }
        next = (block.documents.end, block.tokens.end);
    }
    let all = (shard.documents(), shard.tokens().len() as u64);
    (next != all)
        .then(|| in_section(shard, Section::Blocks, 0, "blocks do not cover the shard".to_owned()))
}

/// Only zeros lie between sections.
fn gaps(shard: &Shard) -> Vec<Problem> {
    let index = shard.index_bytes();
    let mut ends = vec![160 + 40 * shard.entries().len() as u64];
    ends.extend(shard.entries().iter().map(|entry| entry.offset + entry.bytes));
    let gaps = ends.iter().zip(shard.entries()).filter_map(|(&end, entry)| {
        let gap = index.get(usize::try_from(end).ok()?..usize::try_from(entry.offset).ok()?)?;
        let place = gap.iter().position(|&byte| byte != 0)?;
        Some(in_index(shard, end + place as u64, "a byte between sections is not zero".to_owned()))
    });
    gaps.collect()
}

fn section_hashes(shard: &Shard) -> impl Iterator<Item = Problem> {
    shard
        .entries()
        .iter()
        .filter(|entry| hash128(shard.section(entry)).to_be_bytes() != entry.hash)
        .map(|entry| {
            let name = Section::ALL
                .iter()
                .find(|s| s.kind() == entry.kind)
                .map_or("(unknown)", |s| s.name());
            in_index(
                shard,
                entry.offset,
                format!("section {name} of {} bytes does not match its hash", entry.bytes),
            )
        })
}

fn block_hashes(shard: &Shard) -> impl Iterator<Item = Problem> {
    shard.blocks().enumerate().filter_map(|(i, block)| {
        let tokens = block_tokens(shard, &block);
        if tokens.is_some_and(|tokens| hash128(tokens.as_bytes()) == block.hash) {
            return None;
        }
        let (t, d) = (&block.tokens, &block.documents);
        let what = format!(
            "block {i} (tokens {}..{}, documents {}..{}) does not match its hash",
            t.start, t.end, d.start, d.end
        );
        Some(in_payload(shard, t.start, what))
    })
}

/// The first problem of each kind in each block.
fn tokens(shard: &Shard) -> impl Iterator<Item = Problem> {
    shard.blocks().flat_map(|block| {
        let outside =
            block_tokens(shard, &block).and_then(|ids| outside_vocabulary(shard, &block, ids));
        let eos = block.documents.clone().find_map(|i| misplaced_eos(shard, i));
        [outside, eos].into_iter().flatten()
    })
}

fn outside_vocabulary(shard: &Shard, block: &BlockSpan, ids: Tokens<'_>) -> Option<Problem> {
    let limit = shard.vocab_size().min(shard.max_id().saturating_add(1));
    let place = ids.position(|id| id >= limit)?;
    let what = format!("token {} is not below {limit}", ids.get(place).unwrap_or_default());
    Some(in_payload(shard, block.tokens.start + place as u64, what))
}

fn misplaced_eos(shard: &Shard, i: u64) -> Option<Problem> {
    let (range, ids, eos) = (shard.document(i)?, shard.document_tokens(i)?, shard.eos());
    let place = ids.position(|id| id == eos);
    if place.is_some_and(|place| place + 1 == ids.len()) {
        return None;
    }
    let what = match place {
        None => format!("document {i} does not end with the end-of-sequence token {eos}"),
        Some(_) => format!("document {i} has the end-of-sequence token {eos} before its end"),
    };
    let place = place.map_or(range.end.saturating_sub(1), |place| range.start + place as u64);
    Some(in_payload(shard, place, what))
}

fn block_tokens<'a>(shard: &'a Shard, block: &BlockSpan) -> Option<Tokens<'a>> {
    let (start, end) =
        (usize::try_from(block.tokens.start).ok()?, usize::try_from(block.tokens.end).ok()?);
    shard.tokens().slice(start..end)
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

//! One pool in a format of documents: a payload and side files a shard.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use gamayun_text::{Interrupted, Monitor, Progress};

use super::chosen::{Chosen, is_whole};
use super::part::{Reads, documents, reads};
use super::sink::ExportedFile;
use super::{DocumentFormat, payload};
use crate::reader::Files;
use crate::{Error, Result, Shard, ShardFile, Stream};

/// What is exported of a pool, and where to.
#[derive(Clone, Debug)]
pub struct ExportParams {
    /// The pool's name, which the order of its later epochs depends on.
    pub name: String,
    /// The run's seed.
    pub seed: u64,
    /// Tokens of the pool's stream that the stage reads.
    pub tokens: Range<u64>,
    /// Its shards, in their order.
    pub shards: Vec<ShardFile>,
    /// sha256 of the tokenizer that every shard was written for, in hexadecimal.
    pub tokenizer_sha256: String,
    /// The folder for its files; made if it is not there.
    pub folder: PathBuf,
    /// Copy payloads that could be linked.
    pub copy: bool,
}

/// A payload of an export with its side files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedPart {
    /// The files' name without extension.
    pub name: String,
    /// Documents in it; one that is named in two epochs counts twice.
    pub documents: u64,
    /// Their tokens.
    pub tokens: u64,
    /// The payload, then its side files.
    pub files: Vec<ExportedFile>,
}

/// A shard, and the documents of it that a stage begins.
#[derive(Debug)]
pub struct Begun {
    /// The shard's place in its pool.
    pub number: usize,
    /// Name of its files without extension.
    pub stem: String,
    /// The shard.
    pub shard: Arc<Shard>,
    /// Each epoch that begins some, and their places in order; ranges do not touch.
    pub epochs: Vec<(u64, Vec<Range<u64>>)>,
}

/// The shards of a pool that have documents whose first token lies in the stage's stretch; one is mapped at a time.
pub fn begun(params: &ExportParams) -> Result<impl Iterator<Item = Result<Begun>> + '_> {
    let mut before = 0;
    let ends = params.shards.iter().map(|shard| {
        before += shard.tokens;
        before
    });
    let ends: Vec<u64> = ends.collect();
    let stream = Stream::new(&params.name, params.seed, before);
    let reads = reads(&stream, params.tokens.clone(), &ends);
    // A map is let go before the next one: a pool may have thousands of shards.
    let files = Files::new(params.shards.clone(), params.tokenizer_sha256.clone(), 1)?;
    let one = move |(number, file)| begun_of(number, file, &files, &reads).transpose();
    Ok(params.shards.iter().enumerate().filter_map(one))
}

fn begun_of(
    number: usize,
    file: &ShardFile,
    files: &Files,
    reads: &Reads,
) -> Result<Option<Begun>> {
    let mut epochs = reads.range((number, 0)..=(number, u64::MAX)).peekable();
    if epochs.peek().is_none() {
        return Ok(None);
    }
    let shard = files.get(number)?;
    let begun = epochs.map(|((_, epoch), tokens)| (*epoch, documents(tokens, shard.ends())));
    let epochs: Vec<_> = begun.filter(|(_, ranges)| !ranges.is_empty()).collect();
    let stem = file.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok((!epochs.is_empty()).then_some(Begun { number, stem, shard, epochs }))
}

/// Writes the documents whose first token lies in the stage's stretch of the pool, whole, once an epoch.
pub fn export_pool(
    format: &DocumentFormat,
    params: &ExportParams,
    monitor: &mut dyn Monitor,
) -> Result<Vec<ExportedPart>> {
    fs::create_dir_all(&params.folder).map_err(Error::io(&params.folder))?;
    let mut parts = Vec::new();
    let total = params.shards.len() as u64;
    for begun in begun(params)? {
        let begun = begun?;
        let mut monitor = Steps { monitor, done: begun.number as u64, total };
        parts.extend(export_shard(format, params, begun, &mut monitor)?);
    }
    monitor.advance(Progress { done: total, total, ..Progress::default() })?;
    Ok(parts)
}

fn export_shard(
    format: &DocumentFormat,
    params: &ExportParams,
    begun: Begun,
    monitor: &mut dyn Monitor,
) -> Result<Vec<ExportedPart>> {
    let Begun { stem, shard, epochs, .. } = begun;
    let mut export = |name: String, ranges: &[Range<u64>]| {
        export_part(format, params, name, (&shard, ranges), monitor)
    };
    if format.subsets {
        let all: Vec<_> = epochs.into_iter().flat_map(|(_, ranges)| ranges).collect();
        return Ok(vec![export(stem, &all)?]);
    }
    let one = |(epoch, ranges): (u64, Vec<Range<u64>>)| export(name_of(&stem, epoch), &ranges);
    epochs.into_iter().map(one).collect()
}

/// An epoch after the first has files of its own.
fn name_of(stem: &str, epoch: u64) -> String {
    if epoch == 0 { stem.to_owned() } else { format!("{stem}-epoch{epoch}") }
}

fn export_part(
    format: &DocumentFormat,
    params: &ExportParams,
    name: String,
    (shard, ranges): (&Shard, &[Range<u64>]),
    monitor: &mut dyn Monitor,
) -> Result<ExportedPart> {
    let cut = !format.subsets && !is_whole(ranges, shard.documents());
    let chosen = Chosen { shard, ranges, cut };
    let base = params.folder.join(&name);
    let path = base.with_added_extension(format.extension);
    let payload = if cut {
        payload::cut(&chosen, &path, monitor)?
    } else {
        payload::whole(shard, &path, params.copy, monitor)?
    };
    let mut files = vec![payload];
    files.extend((format.write)(&chosen, &base, monitor)?);
    Ok(ExportedPart { name, documents: chosen.documents(), tokens: chosen.tokens(), files })
}

/// Tells of shards, whatever happens inside of one.
struct Steps<'a> {
    monitor: &'a mut dyn Monitor,
    done: u64,
    total: u64,
}

impl Monitor for Steps<'_> {
    fn advance(&mut self, progress: Progress) -> std::result::Result<(), Interrupted> {
        self.monitor.advance(Progress { done: self.done, total: self.total, ..progress })
    }
}

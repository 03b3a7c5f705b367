//! Builds the shards of a pool from the run files of all partitions.

use std::fs;
use std::path::{Path, PathBuf};

use gamayun_text::{Monitor, Progress};

use crate::cut::Cutter;
use crate::index::IndexWriter;
use crate::merge::Merge;
use crate::payload::PayloadWriter;
use crate::receipt::hex;
use crate::{
    DocumentMeta, Error, PoolCount, Result, RunDocument, RunFile, ShardParams, ShardReceipt,
};

/// Merges a pool's documents by (key, id) — the global shuffle — into shards of equal tokens, within one document.
///
/// The pool is cut into `ceil(payload bytes / max_shard_bytes)` shards, each cut at the document end nearest to the
/// equal share. `directory` is created, and shards that it holds already are removed first; a pool without documents
/// leaves it empty. Memory: 32 bytes a document of one shard, and a few MiB.
///
/// Documents must have tokens inside the vocabulary, end with EOS and have it nowhere else, have known language and
/// source codes, and occur once; run files must have the width of `params` and undamaged hashes. Else nothing of the
/// shard at hand remains.
pub fn build_pool(
    runs: &[RunFile],
    pool: u32,
    directory: &Path,
    params: &ShardParams,
    monitor: &mut dyn Monitor,
) -> Result<Vec<ShardReceipt>> {
    params.validate()?;
    check_widths(runs, params)?;
    let total = count(runs, pool);
    prepare(directory)?;
    let token_bytes = total.tokens.saturating_mul(params.width.bytes());
    let mut cutter = Cutter::new(total.tokens, token_bytes.div_ceil(params.max_shard_bytes));
    let mut shards = Shards::new(directory, params, total, monitor);
    let mut merge = Merge::new(runs, pool)?;
    while let Some(document) = merge.next()? {
        let cut = cutter.pass(document.tokens.len() as u64);
        if cut.before {
            shards.close()?;
        }
        shards.push(&document)?;
        if cut.after {
            shards.close()?;
        }
    }
    shards.close()?;
    Ok(shards.receipts)
}

/// The shards of a pool while they are written.
struct Shards<'a> {
    directory: &'a Path,
    params: &'a ShardParams,
    monitor: &'a mut dyn Monitor,
    progress: Progress,
    open: Option<Open<'a>>,
    receipts: Vec<ShardReceipt>,
}

/// The shard at hand.
struct Open<'a> {
    payload: PayloadWriter<'a>,
    index: IndexWriter,
}

impl<'a> Shards<'a> {
    fn new(
        directory: &'a Path,
        params: &'a ShardParams,
        total: PoolCount,
        monitor: &'a mut dyn Monitor,
    ) -> Self {
        let progress = Progress { total: total.bytes, ..Progress::default() };
        Self { directory, params, monitor, progress, open: None, receipts: Vec::new() }
    }

    fn push(&mut self, document: &RunDocument<'_>) -> Result<()> {
        if self.open.is_none() {
            let payload = PayloadWriter::create(&self.path("bin"), self.params)?;
            self.open = Some(Open { payload, index: IndexWriter::default() });
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        let block_ended = open.push(document, self.params)?;
        self.note(&document.meta);
        if block_ended {
            self.monitor.advance(self.progress)?;
        }
        Ok(())
    }

    fn note(&mut self, meta: &DocumentMeta) {
        self.progress.documents += 1;
        self.progress.bytes += meta.bytes;
        self.progress.done = self.progress.bytes;
    }

    /// Brings the shard at hand to its names: the payload first, then the index, which makes it a shard.
    fn close(&mut self) -> Result<()> {
        let Some(Open { payload, index }) = self.open.take() else { return Ok(()) };
        let (documents, bytes) = (index.documents(), index.text_bytes());
        let payload = payload.finish()?;
        let gdx_sha256 = index.finish(&self.path("gdx"), &payload, self.params)?;
        let number = self.receipts.len();
        self.receipts.push(ShardReceipt {
            bin: format!("{number:05}.bin"),
            gdx: format!("{number:05}.gdx"),
            tokens: payload.tokens,
            documents,
            bytes,
            max_id: payload.max_id,
            bin_sha256: hex(&payload.sha256),
            gdx_sha256: hex(&gdx_sha256),
        });
        self.monitor.advance(self.progress)?;
        Ok(())
    }

    fn path(&self, extension: &str) -> PathBuf {
        self.directory.join(format!("{:05}.{extension}", self.receipts.len()))
    }
}

impl Open<'_> {
    fn push(&mut self, document: &RunDocument<'_>, params: &ShardParams) -> Result<bool> {
        let block_ended = self.payload.push(document)?;
        self.index.push(&document.meta, self.payload.tokens(), params)?;
        Ok(block_ended)
    }
}

fn check_widths(runs: &[RunFile], params: &ShardParams) -> Result<()> {
    match runs.iter().find(|run| run.width() != params.width) {
        None => Ok(()),
        Some(run) => {
            let found = format!("tokens of {} bytes", run.width().bytes());
            let expected = format!("tokens of {} bytes", params.width.bytes());
            Err(Error::format(run.path(), 12, found, expected))
        }
    }
}

/// What all run files have of a pool.
fn count(runs: &[RunFile], pool: u32) -> PoolCount {
    let parts = runs.iter().flat_map(RunFile::pools).filter(|part| part.pool == pool);
    parts.fold(PoolCount { pool, ..PoolCount::default() }, |sum, part| PoolCount {
        pool,
        documents: sum.documents + part.documents,
        tokens: sum.tokens + part.tokens,
        bytes: sum.bytes + part.bytes,
    })
}

/// Makes the directory and removes the shards of an earlier run, indices first: a payload alone is no shard.
fn prepare(directory: &Path) -> Result<()> {
    fs::create_dir_all(directory).map_err(Error::io(directory))?;
    for extension in [".gdx", ".bin", ".tmp"] {
        for entry in fs::read_dir(directory).map_err(Error::io(directory))? {
            let path = entry.map_err(Error::io(directory))?.path();
            if is_shard_file(&path, extension) {
                fs::remove_file(&path).map_err(Error::io(&path))?;
            }
        }
    }
    Ok(())
}

fn is_shard_file(path: &Path, extension: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    name.ends_with(extension) && stem.len() >= 5 && stem.bytes().all(|byte| byte.is_ascii_digit())
}

//! Runs of tokens to the shards of every pool.

use gamayun_shard::{ShardParams, ShardReceipt, build_pool};
use gamayun_text::Monitor;
use serde::Serialize;

use crate::error::Result;
use crate::layout::Layout;
use crate::parallel::{self, Tally, TallyMonitor};
use crate::selection::Selection;
use crate::tokenise::open_runs;

/// All shards of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BuildCounts {
    /// Pools in order.
    pub pools: Vec<PoolShards>,
}

/// The shards of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PoolShards {
    /// `ru-web`.
    pub name: String,
    /// The folder under `shards/`.
    pub folder: String,
    /// The language.
    pub language: String,
    /// The domain.
    pub domain: String,
    /// `train` or `validation`.
    pub split: String,
    /// Its shards, in order.
    pub shards: Vec<ShardReceipt>,
}

/// Merges the runs of each pool into balanced shards; the order inside a pool is the global shuffle.
pub fn build_shards(
    layout: &Layout,
    vocabulary: &ShardVocabulary,
    max_shard_bytes: u64,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<BuildCounts> {
    let selection = Selection::open(layout, threads, monitor)?;
    let mut params = ShardParams::new(
        vocabulary.size,
        vocabulary.eos,
        vocabulary.tokenizer_sha256,
        selection.languages.clone(),
        selection.sources.clone(),
    )?;
    params.max_shard_bytes = max_shard_bytes;
    let runs = open_runs(layout)?;
    let shards = layout.fresh_folder("shards")?;
    let tokens = runs.iter().flat_map(gamayun_shard::RunFile::pools).map(|pool| pool.tokens).sum();
    let tally = Tally::of(tokens);
    let pools = parallel::map(selection.pools.len(), threads, &tally, monitor, |number| {
        tally.check()?;
        let pool = &selection.pools[number];
        let folder = shards.join(pool.folder());
        let code = u32::try_from(number).unwrap_or(u32::MAX);
        let receipts = build_pool(&runs, code, &folder, &params, &mut TallyMonitor::new(&tally))?;
        Ok(PoolShards {
            name: pool.name(),
            folder: pool.folder(),
            language: pool.language.clone(),
            domain: pool.domain.clone(),
            split: pool.split.clone(),
            shards: receipts,
        })
    })?;
    Ok(BuildCounts { pools })
}

/// What shards must know of the tokenizer.
#[derive(Clone, Debug)]
pub struct ShardVocabulary {
    /// Every token id is below this.
    pub size: u32,
    /// The id that ends every document.
    pub eos: u32,
    /// sha256 of the tokenizer's file.
    pub tokenizer_sha256: [u8; 32],
}

//! Holds what shards contain against the selection: every document, where it stands, and the tokens of a sample.
//!
//! The selection is read partition by partition. The places of a partition's documents in the shards, 32 bytes each, are
//! gathered from the indices beforehand, as many partitions at a time as memory allows; the tokens are looked at through the
//! map, and only those of the sample.

mod held;
mod matching;
mod ordered;
mod sampled;

use std::path::PathBuf;
use std::sync::Arc;

use gamayun_bpe::Tokenizer;
use gamayun_shard::Problem;
use gamayun_text::Monitor;
use serde::Serialize;

use crate::error::Result;
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::selection;
use held::Held;
use matching::{Found, Matcher};
use sampled::Sampled;

/// Problems that are told of one partition or pool; what is beyond is counted.
const MOST: usize = 20;

/// What is compared, and how closely.
#[derive(Debug)]
pub struct ContentsParams {
    /// The shards of every pool, in order.
    pub pools: Vec<ContentsPool>,
    /// Encodes the sampled documents again.
    pub tokenizer: Arc<Tokenizer>,
    /// The id that ends every document.
    pub eos: u32,
    /// The seed that the documents were shuffled with.
    pub seed: u64,
    /// Documents to encode again; all if none is said.
    pub sample: Option<u64>,
    /// Draws them.
    pub sample_seed: u64,
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes for the places of documents.
    pub memory: u64,
}

/// A pool and the indices of its shards.
#[derive(Clone, Debug)]
pub struct ContentsPool {
    /// The language of its documents.
    pub language: String,
    /// Their domain.
    pub domain: String,
    /// Their split.
    pub split: String,
    /// Its shards, in order.
    pub shards: Vec<PathBuf>,
}

/// What was compared, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// Documents in the shards, repeats included.
    pub documents: u64,
    /// Documents of the selection that were encoded again.
    pub encoded: u64,
    /// What is wrong, in the order of the ids and then of the pools; not more than a few of each partition.
    pub problems: Vec<Problem>,
    /// Problems that are not told.
    pub untold: u64,
}

/// Compares the shards of a run with its selection.
///
/// Each document stands in the pool of its language, domain and split, `copies` times, in the order of its keys, with its
/// source and the bytes of its text; those of the sample hold what the tokenizer makes of the text. Shards must be whole:
/// see [`check_shards`](crate::check_shards).
pub fn check_contents(
    layout: &Layout,
    params: &ContentsParams,
    monitor: &mut dyn Monitor,
) -> Result<Contents> {
    let files = selection::files(layout)?;
    let held = Held::open(&params.pools)?;
    let sampled = Sampled::of(&held, params);
    let sizes = held.partition_sizes(files.len());
    let tally = Tally::of(held.documents());
    let mut all = Found::default();
    for group in held::groups(&sizes, params.memory) {
        let places = held.places(group.clone(), files.len(), &tally)?;
        let found = parallel::map(places.len(), params.threads, &tally, monitor, |i| {
            let number = group.start + i;
            let matcher = Matcher::new(params, &held, &sampled, &files[number], &tally);
            matcher.partition(number, files.len(), &places[i])
        })?;
        for found in found {
            all.add(found);
        }
    }
    all.repeated.sort_unstable();
    let disorder = parallel::map(held.pools(), params.threads, &tally, monitor, |pool| {
        ordered::pool(&held, pool, &all.repeated, params.seed, &tally)
    })?;
    for found in disorder {
        all.add(found);
    }
    let Found { encoded, problems, untold, .. } = all;
    Ok(Contents { documents: held.documents(), encoded, problems, untold })
}

//! Samples of a stage, read from the shards in the order of its schedule.

mod documents;
mod files;
mod groups;
mod packing;
mod recent;
mod survey;
mod token_id;
mod window;

use std::path::PathBuf;
use std::sync::Arc;

pub use documents::{Documents, positions};
pub(crate) use files::Files;
pub use files::ShardFile;
use groups::Groups;
pub use packing::Packing;
pub use survey::Cuts;
pub use token_id::{Position, TokenId};
pub use window::Piece;

use crate::order::key;
use crate::{Error, Place, Result, Schedule, Shard, Stream, TokenWidth};

/// What a stage reads, as its manifest has it.
#[derive(Clone, Debug)]
pub struct ReaderParams {
    /// The stage's name.
    pub stage: String,
    /// The run's seed.
    pub seed: u64,
    /// Tokens of a sample of the stage.
    pub sequence_length: u64,
    /// Tokens of a window: `sequence_length`, or a part of it that divides it.
    pub window: u64,
    /// Tokens that are read after each window, and again as the first of the next.
    pub overlap: u64,
    /// How documents are laid out in windows.
    pub packing: Packing,
    /// sha256 of the tokenizer that every shard was written for, in hexadecimal.
    pub tokenizer_sha256: String,
    /// So many shards are mapped at once.
    pub open_shards: usize,
    /// The pools, in the order of the manifest.
    pub pools: Vec<ReaderPool>,
}

/// What a stage reads of a pool.
#[derive(Clone, Debug)]
pub struct ReaderPool {
    /// Its name.
    pub name: String,
    /// Samples in the stage.
    pub samples: u64,
    /// The token of its stream that the stage begins with.
    pub start_token: u64,
    /// Its shards, in their order.
    pub shards: Vec<ShardFile>,
}

/// Reads the windows of a stage by their number; many threads may do so at once.
#[derive(Debug)]
pub struct Reader {
    schedule: Schedule,
    sequence_length: u64,
    window: u64,
    overlap: u64,
    pools: Vec<Pool>,
    files: Files,
    stage: String,
    groups: Groups,
}

#[derive(Debug)]
struct Pool {
    name: String,
    seed: u64,
    samples: u64,
    stream: Stream,
    start_token: u64,
    /// Its first shard among those of all pools.
    first_shard: usize,
    /// Tokens of the pool up to and with each shard.
    ends: Vec<u64>,
}

impl Reader {
    /// Opens a stage: computes its schedule and maps one shard. The others are mapped when they are first read.
    pub fn open(params: ReaderParams) -> Result<Self> {
        let ReaderParams { sequence_length, window, overlap, .. } = params;
        if window == 0 || !sequence_length.is_multiple_of(window) {
            return Err(Error::Params {
                parameter: "seq_len",
                message: format!(
                    "windows of {window} tokens do not divide the stage's samples of {sequence_length}"
                ),
            });
        }
        check_packing(params.packing, window, overlap)?;
        let samples: Vec<u64> = params.pools.iter().map(|pool| pool.samples).collect();
        let schedule = Schedule::new(&samples, params.seed, &params.stage)?;
        let mut shards = Vec::new();
        let mut pools = Vec::with_capacity(params.pools.len());
        for pool in params.pools {
            pools.push(Pool::new(&pool, params.seed, shards.len())?);
            shards.extend(pool.shards);
        }
        let files = Files::new(shards, params.tokenizer_sha256, params.open_shards)?;
        let (stage, groups) = (params.stage, Groups::new(params.packing, pools.len()));
        Ok(Self { schedule, sequence_length, window, overlap, pools, files, stage, groups })
    }

    /// Windows of the stage.
    #[must_use]
    pub fn windows(&self) -> u64 {
        self.schedule.samples() * self.parts()
    }

    /// Tokens that [`read`](Self::read) gives for a window, what overlaps included.
    #[must_use]
    pub fn window_tokens(&self) -> u64 {
        self.window + self.overlap
    }

    /// The width of the tokens in the shards.
    #[must_use]
    pub fn width(&self) -> TokenWidth {
        self.files.width()
    }

    /// Names of the languages that [`Documents::languages`] counts.
    #[must_use]
    pub fn language_names(&self) -> &[String] {
        self.files.language_names()
    }

    /// Names of the sources that [`Documents::sources`] counts.
    #[must_use]
    pub fn source_names(&self) -> &[String] {
        self.files.source_names()
    }

    /// The pool of a window and how many windows of that pool the stage has before it.
    pub fn locate(&self, window: u64) -> Result<Place> {
        let (sample, part) = (window / self.parts(), window % self.parts());
        let place = self.schedule.locate(sample).ok_or_else(|| Error::Params {
            parameter: "samples",
            message: format!("there is no sample {window}; the stage has {}", self.windows()),
        })?;
        Ok(Place { sample: place.sample * self.parts() + part, ..place })
    }

    /// The token of its stream where each pool goes on after the first `windows` windows, which end with a sample.
    pub fn cursors(&self, windows: u64) -> Result<Vec<u64>> {
        if !windows.is_multiple_of(self.parts()) || windows > self.windows() {
            let message = format!(
                "{windows} is not a multiple of {} from 0 to {}",
                self.parts(),
                self.windows()
            );
            return Err(Error::Params { parameter: "sample", message });
        }
        if self.groups.packing() != Packing::Concat && ![0, self.windows()].contains(&windows) {
            let message =
                "packed windows are no stretch of the stream: 0 or all of them".to_owned();
            return Err(Error::Params { parameter: "sample", message });
        }
        let given = self.schedule.given(windows / self.parts());
        let cursor = |(pool, given): (&Pool, u64)| pool.start_token + given * self.sequence_length;
        Ok(self.pools.iter().zip(given).map(cursor).collect())
    }

    /// The tokens of windows, one after another, each with what overlaps.
    pub fn read<T: TokenId>(&self, windows: &[u64], out: &mut [T]) -> Result<()> {
        self.read_each(windows, out, |_, _, _| Ok(()))
    }

    /// The same, and the documents that the windows are made of; what overlaps is not counted to them.
    pub fn read_documents<T: TokenId>(&self, windows: &[u64], out: &mut [T]) -> Result<Documents> {
        let mut documents = Documents::new(windows, self.window)?;
        self.read_each(windows, out, |pool, piece, shard| documents.add(pool, piece, shard))?;
        Ok(documents)
    }

    /// Copies the windows; `see` is told each piece of a window, without what overlaps.
    fn read_each<T: TokenId>(
        &self,
        windows: &[u64],
        out: &mut [T],
        mut see: impl FnMut(usize, &Piece, &Shard) -> Result<()>,
    ) -> Result<()> {
        let length = to_usize(self.window_tokens());
        if Some(out.len()) != windows.len().checked_mul(length) {
            let message = format!("{} tokens, expected {} × {length}", out.len(), windows.len());
            return Err(Error::Params { parameter: "out", message });
        }
        for (&window, mut out) in windows.iter().zip(out.chunks_exact_mut(length.max(1))) {
            let Place { pool: number, sample } = self.locate(window)?;
            let mut left = self.window;
            for mut piece in self.pieces(number, sample)? {
                let shard = self.shard(piece.shard)?;
                let (now, later) = out.split_at_mut(to_usize(piece.len));
                T::copy(shard.tokens(), piece.start, now).ok_or_else(|| self.too_wide())?;
                out = later;
                piece.len = piece.len.min(left);
                left -= piece.len;
                if piece.len > 0 {
                    see(number, &piece, &shard)?;
                }
            }
        }
        Ok(())
    }

    /// Where the tokens of window `sample` of a pool lie.
    fn pieces(&self, number: usize, sample: u64) -> Result<Vec<Piece>> {
        match self.groups.packing() {
            Packing::Concat => {
                Ok(self.pools[number].pieces(sample * self.window, self.window_tokens()))
            }
            Packing::BestFit | Packing::Pow2 => self.packed(number, sample),
        }
    }

    /// What must be there before windows are read: the tokens that they or their groups are made of. No shard is opened.
    pub fn needed(&self, windows: &[u64]) -> Result<Vec<Piece>> {
        let mut needed = Vec::new();
        for &window in windows {
            let Place { pool: number, sample } = self.locate(window)?;
            let (pool, first, count) = match self.groups.packing() {
                Packing::Concat => (&self.pools[number], sample, 1),
                Packing::BestFit | Packing::Pow2 => self.group_of(number, sample),
            };
            needed.extend(pool.pieces(first * self.window, count * self.window + self.overlap));
        }
        Ok(needed)
    }

    fn too_wide(&self) -> Error {
        let bits = self.width().bytes() * 8;
        Error::Params {
            parameter: "dtype",
            message: format!(
                "it is too narrow for the ids of these shards, which have {bits} bits"
            ),
        }
    }

    fn parts(&self) -> u64 {
        self.sequence_length / self.window
    }

    /// The paths of the shards, as [`Documents::shards`] counts them.
    pub fn shard_paths(&self) -> impl ExactSizeIterator<Item = &PathBuf> {
        self.files.paths()
    }

    fn shard(&self, number: usize) -> Result<Arc<Shard>> {
        self.files.get(number)
    }
}

impl Pool {
    fn new(pool: &ReaderPool, seed: u64, first_shard: usize) -> Result<Self> {
        let mut tokens = 0;
        let ends = pool.shards.iter().map(|shard| {
            tokens += shard.tokens;
            tokens
        });
        let ends: Vec<u64> = ends.collect();
        if tokens == 0 && pool.samples > 0 {
            let message = format!("pool {}: {} samples of no tokens", pool.name, pool.samples);
            return Err(Error::Params { parameter: "samples", message });
        }
        let stream = Stream::new(&pool.name, seed, tokens);
        let (name, samples) = (pool.name.clone(), pool.samples);
        let start_token = pool.start_token;
        Ok(Self { name, seed, samples, stream, start_token, first_shard, ends })
    }

    /// The key of the order of a group's windows.
    fn group_key(&self, stage: &str, group: u64) -> u64 {
        key::of_group(self.seed, stage, &self.name, group)
    }
}

fn check_packing(packing: Packing, window: u64, overlap: u64) -> Result<()> {
    let wrong = |parameter, message: String| Err(Error::Params { parameter, message });
    match packing {
        Packing::Concat => Ok(()),
        _ if overlap > 0 => {
            wrong("overlap", "no token follows a window that is packed; expected 0".to_owned())
        }
        Packing::Pow2 if !window.is_power_of_two() => {
            wrong("seq_len", format!("{window} is not a power of two, as packing pow2 needs"))
        }
        _ => Ok(()),
    }
}

/// Lengths of windows and of what is mapped fit into memory, and so into a `usize`.
fn to_usize(tokens: u64) -> usize {
    usize::try_from(tokens).unwrap_or(usize::MAX)
}

//! How often training will see each token: the shards of a run, weighed by what each stage reads of them.

mod reads;
mod tally;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use gamayun_bpe::{Place, Spread};
use gamayun_shard::{Shard, Tokens};
use gamayun_text::Monitor;

use crate::error::{Error, Result};
use crate::parallel::{self, Tally};
use reads::Reads;
use tally::Tallied;

/// Tokens that a thread counts at a time, about.
const TOKENS_AT_ONCE: u64 = 1 << 23;

/// A pool that stages read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedPool {
    /// The language of its documents.
    pub language: String,
    /// Its shards in order.
    pub shards: Vec<PathBuf>,
    /// What each stage reads: tokens from a start to an end. They go on over epochs, and may be none.
    pub reads: Vec<Range<u64>>,
}

/// How often each id is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audited {
    /// By stage.
    pub stages: Vec<Vec<u64>>,
    /// By language, in all stages.
    pub languages: BTreeMap<String, Vec<u64>>,
    /// Where they occur in the shards, each document as often as it stands there, whatever stages read.
    pub spread: Spread,
}

/// Counts the tokens of all pools; each has as many reads as there are stages. Holds 8 bytes an id for each stage and language,
/// what a [`Spread`] holds, and for each thread that spread again and the pieces it counts.
pub fn audit(
    pools: &[AuditedPool],
    stages: usize,
    vocab_size: u32,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Audited> {
    let opened = pools.iter().map(Opened::of).collect::<Result<Vec<_>>>()?;
    let pieces: Vec<_> = opened.iter().flat_map(Opened::pieces).collect();
    let size = vocab_size as usize;
    let total = opened.iter().map(|pool| pool.reads.tokens()).sum();
    let (tally, found) = (Tally::of(total), Mutex::new(empty(pools, stages, size)));
    parallel::map(pieces.len(), threads, &tally, monitor, |number| {
        let counted = pieces[number].count(size, &tally)?;
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        pieces[number].add_to(&mut found, &counted);
        Ok(())
    })?;
    Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn empty(pools: &[AuditedPool], stages: usize, size: usize) -> Audited {
    Audited {
        stages: vec![vec![0; size]; stages],
        languages: pools.iter().map(|pool| (pool.language.clone(), vec![0; size])).collect(),
        spread: Spread::default(),
    }
}

/// A pool with its shards mapped.
struct Opened<'p> {
    pool: &'p AuditedPool,
    shards: Vec<Shard>,
    reads: Reads,
}

/// Some documents of a shard.
struct Piece<'o> {
    pool: &'o Opened<'o>,
    shard: &'o Shard,
    /// Where the shard begins in the pool, in tokens.
    base: u64,
    documents: Range<u64>,
}

/// What was counted of a piece.
struct Counted {
    /// By the place of a segment: how often each id occurs.
    segments: BTreeMap<usize, Vec<u32>>,
    spread: Spread,
}

impl<'p> Opened<'p> {
    fn of(pool: &'p AuditedPool) -> Result<Self> {
        let shards =
            pool.shards.iter().map(|path| Ok(Shard::open(path)?)).collect::<Result<Vec<_>>>()?;
        let tokens = shards.iter().map(|shard| shard.tokens().len() as u64).sum();
        let reads = Reads::of(&pool.reads, tokens);
        Ok(Self { pool, shards, reads })
    }

    fn pieces(&self) -> Vec<Piece<'_>> {
        let (mut pieces, mut base) = (Vec::new(), 0);
        for shard in &self.shards {
            let ends = shard.ends();
            let (mut first, mut start) = (0, 0);
            while first < ends.len() {
                let last = ends.partition_point(|&end| end < start + TOKENS_AT_ONCE) + 1;
                let last = last.min(ends.len());
                let documents = first as u64..last as u64;
                pieces.push(Piece { pool: self, shard, base, documents });
                (first, start) = (last, ends[last - 1]);
            }
            base += shard.tokens().len() as u64;
        }
        pieces
    }
}

impl Piece<'_> {
    fn count(&self, size: usize, tally: &Tally) -> Result<Counted> {
        let mut counted = Counted { segments: BTreeMap::new(), spread: Spread::default() };
        let mut scratch = Tallied::new(size);
        let (sources, codes) = (self.shard.source_names(), self.shard.sources());
        let mut facts = codes.zip(self.shard.doc_ids()).skip(self.first());
        for number in self.documents.clone() {
            let range = self.shard.document(number).ok_or_else(|| self.damaged("DOC_END"))?;
            let (source, id) = facts.next().ok_or_else(|| self.damaged("DOC_META"))?;
            let source = sources.get(usize::from(source)).ok_or_else(|| self.damaged("SOURCES"))?;
            self.document(&range, &mut counted, &mut scratch)?;
            let place = Place { language: &self.pool.pool.language, source, document: id.0 };
            counted.spread.add(place, scratch.found());
            if number % 1024 == 0 {
                tally.check()?;
            }
        }
        let (tokens, width) = (self.tokens(), self.shard.width().bytes());
        tally.add(tokens, self.documents.end - self.documents.start, tokens * width);
        Ok(counted)
    }

    /// Counts a document, in parts where a stage begins or ends inside it; the scratch is left with all of it.
    fn document(
        &self,
        range: &Range<u64>,
        counted: &mut Counted,
        scratch: &mut Tallied,
    ) -> Result<()> {
        let place = self.base + range.start..self.base + range.end;
        let parts: Vec<_> = self.pool.reads.parts(&place).collect();
        for (segment, part) in &parts {
            let local = part.start - self.base..part.end - self.base;
            scratch.count(self.ids(local)?).map_err(|id| self.unknown(id))?;
            let sums = counted.segments.entry(*segment).or_insert_with(|| vec![0; scratch.size()]);
            for &(id, count) in scratch.found() {
                sums[id as usize] += count;
            }
        }
        if parts.len() > 1 {
            scratch.count(self.ids(range.clone())?).map_err(|id| self.unknown(id))?;
        }
        Ok(())
    }

    /// Adds what was counted, as often as each stage reads it.
    fn add_to(&self, found: &mut Audited, counted: &Counted) {
        found.spread.merge(&counted.spread);
        let Some(of_language) = found.languages.get_mut(&self.pool.pool.language) else { return };
        for (&segment, counts) in &counted.segments {
            for (stage, sums) in found.stages.iter_mut().enumerate() {
                let times = self.pool.reads.times(segment, stage);
                for ((sum, all), &count) in sums.iter_mut().zip(&mut *of_language).zip(counts) {
                    *sum += u64::from(count) * times;
                    *all += u64::from(count) * times;
                }
            }
        }
    }

    fn first(&self) -> usize {
        usize::try_from(self.documents.start).unwrap_or(usize::MAX)
    }

    fn tokens(&self) -> u64 {
        let start = self.shard.document(self.documents.start).map_or(0, |range| range.start);
        let end = self.shard.document(self.documents.end - 1).map_or(0, |range| range.end);
        end - start
    }

    fn ids(&self, range: Range<u64>) -> Result<Tokens<'_>> {
        let place = |at| usize::try_from(at).unwrap_or(usize::MAX);
        let range = place(range.start)..place(range.end);
        self.shard.tokens().slice(range).ok_or_else(|| self.damaged("DOC_END"))
    }

    fn damaged(&self, section: &str) -> Error {
        Error::damaged(self.shard.gdx_path(), format!("{section} is not whole"))
    }

    fn unknown(&self, id: u32) -> Error {
        let what = format!("id {id} is not below {}", self.shard.vocab_size());
        Error::damaged(self.shard.bin_path(), what)
    }
}

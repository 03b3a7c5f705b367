//! What deduplication needs of texts: of each its band keys, its shingles and the hash of its normalised form.

use gamayun_text::hash::hash128;
use gamayun_text::normalise;
use gamayun_text::shingle::{ShingleScratch, shingles};
use gamayun_text::{Monitor, Progress};
use rayon::prelude::*;

use crate::{DedupParams, Result, Signer};

/// A text that was signed.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) keys: Vec<u64>,
    /// In order, repeated ones repeated: most texts are no candidates, and need no sorting.
    pub(crate) shingles: Vec<u64>,
    pub(crate) content: u128,
}

/// Texts of one task.
const TASK: usize = 64;
/// Texts that are signed between two reports to the monitor.
const WAVE: usize = 4096;

/// Signs texts in waves of at most `bytes` of text, or one text, and gives each wave to `take`, in the order of the texts.
///
/// Texts are normalised as those of a run are, so that both say the same of them.
pub(crate) fn sign_texts(
    texts: &[&str],
    params: &DedupParams,
    threads: usize,
    bytes: u64,
    monitor: &mut dyn Monitor,
    take: &mut dyn FnMut(Vec<Signed>) -> Result<()>,
) -> Result<()> {
    let (pool, signer) = (crate::threads::pool(threads)?, Signer::new(params));
    let mut progress = Progress { total: texts.len() as u64, ..Progress::default() };
    let mut rest = texts;
    while !rest.is_empty() {
        let (wave, later) = rest.split_at(wave(rest, bytes));
        rest = later;
        let work = wave.par_iter().with_min_len(TASK.min(wave.len() / threads.max(1)).max(1));
        let sign = |scratch: &mut Scratch, text: &&str| scratch.sign(text, params, &signer);
        take(pool.install(|| work.map_init(Scratch::default, sign).collect()))?;
        progress.documents += wave.len() as u64;
        progress.bytes += wave.iter().map(|text| text.len() as u64).sum::<u64>();
        monitor.advance(Progress { done: progress.documents, ..progress })?;
    }
    Ok(())
}

/// How many of the first texts make a wave.
fn wave(texts: &[&str], bytes: u64) -> usize {
    let mut size = 0;
    let fits = |text: &&&str| {
        size += text.len() as u64;
        size <= bytes
    };
    texts.iter().take(WAVE).take_while(fits).count().max(1)
}

/// A text as the engines see it, with what splitting it needs.
#[derive(Debug, Default)]
pub(crate) struct Shingler {
    scratch: ShingleScratch,
}

impl Shingler {
    /// Puts the shingles of a text, which is normalised first, into `out`; the hash of the normalised text.
    pub(crate) fn shingle(&mut self, text: &str, n: usize, out: &mut Vec<u64>) -> u128 {
        let (text, _) = normalise(text);
        shingles(&text, n, &mut self.scratch, out);
        hash128(text.as_bytes())
    }
}

impl Signed {
    /// How many shingles there are.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.shingles.len()).unwrap_or(u32::MAX)
    }
}

#[derive(Default)]
struct Scratch {
    shingler: Shingler,
    found: Vec<u64>,
    signature: Vec<u32>,
}

impl Scratch {
    fn sign(&mut self, text: &str, params: &DedupParams, signer: &Signer) -> Signed {
        let content = self.shingler.shingle(text, params.shingle(), &mut self.found);
        self.signature.resize(signer.values(), 0);
        signer.sign(&self.found, &mut self.signature);
        let mut keys = vec![0; params.bands()];
        signer.band_keys(&self.signature, &mut keys);
        Signed { keys, shingles: self.found.clone(), content }
    }
}

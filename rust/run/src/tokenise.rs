//! The selection to sorted runs of tokens, one per partition.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gamayun_bpe::{EncodeScratch, Tokenizer};
use gamayun_shard::{DocumentMeta, RunFile, RunWriter, TokenWidth};
use gamayun_text::Monitor;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::layout::{Layout, remove_file};
use crate::parallel::{self, Tally};
use crate::part::{read_json, write_json};
use crate::selection::{Pool, Selection};
use crate::tables::{Rows, for_each_batch, id_at};

/// How the selection is tokenised.
#[derive(Debug)]
pub struct TokeniseParams {
    /// The tokenizer.
    pub tokenizer: Arc<Tokenizer>,
    /// The id that ends every document.
    pub eos: u32,
    /// Seeds the shuffle.
    pub seed: u64,
    /// What the runs are made from, as a hash: runs of another are made again.
    pub identity: String,
    /// Threads, at least 1.
    pub threads: usize,
}

/// What the runs hold, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TokeniseCounts {
    /// Pools in order.
    pub pools: Vec<PoolCounts>,
    /// Languages that have documents, in the order of their codes in the shards.
    pub languages: Vec<String>,
    /// Sources that have documents, in the order of their codes in the shards.
    pub sources: Vec<String>,
}

/// The documents and tokens of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PoolCounts {
    /// `ru-web`.
    pub name: String,
    /// The language.
    pub language: String,
    /// The domain.
    pub domain: String,
    /// `train` or `validation`.
    pub split: String,
    /// Documents, each as often as it is repeated.
    pub documents: u64,
    /// Tokens of them, the end of each document included.
    pub tokens: u64,
    /// Bytes of text of them.
    pub bytes: u64,
    /// Documents, each once.
    pub unique_documents: u64,
    /// Tokens of them.
    pub unique_tokens: u64,
}

/// The record beside the runs that tells what they are made from.
#[derive(Serialize, Deserialize)]
struct RunsReceipt {
    identity: String,
}

/// Tokenises every partition of the selection; those that an earlier try finished are left as they are.
pub fn tokenise(
    layout: &Layout,
    params: &TokeniseParams,
    monitor: &mut dyn Monitor,
) -> Result<TokeniseCounts> {
    let selection = Selection::open(layout, params.threads, monitor)?;
    if selection.languages.len() > 256 || selection.sources.len() > 1 << 16 {
        return Err(Error::Parameter {
            parameter: "languages, sources".into(),
            found: format!(
                "{} languages and {} sources",
                selection.languages.len(),
                selection.sources.len()
            ),
            expected: "at most 256 and 65536 in one run".into(),
        });
    }
    prepare(layout, &params.identity)?;
    let sizes: Vec<u64> =
        selection.files.iter().map(|file| file.metadata().map_or(0, |m| m.len())).collect();
    let tally = Tally::of(sizes.iter().sum());
    let encoder =
        Encoder { params, selection: &selection, tally: &tally, scratches: Mutex::default() };
    parallel::map(selection.files.len(), params.threads, &tally, monitor, |number| {
        let path = run_path(layout, number);
        if !path.exists() {
            encoder.partition(&selection.files[number], &path)?;
        }
        tally.add(sizes[number], 0, 0);
        Ok(())
    })?;
    counts(layout, selection, params.seed)
}

pub(crate) fn run_path(layout: &Layout, number: usize) -> PathBuf {
    layout.path(format!("tokens/run-{number:05}.tok"))
}

pub(crate) fn open_runs(layout: &Layout) -> Result<Vec<RunFile>> {
    layout.files("tokens", "run-", ".tok")?.iter().map(|path| Ok(RunFile::open(path)?)).collect()
}

/// Keeps the runs of an earlier try only if they are made from the same.
fn prepare(layout: &Layout, identity: &str) -> Result<()> {
    layout.folder("tokens")?;
    let path = layout.path("tokens/receipt.json");
    let before: Option<RunsReceipt> = read_json(&path)?;
    if before.is_none_or(|before| before.identity != identity) {
        for stale in layout.files("tokens", "", "")? {
            remove_file(&stale)?;
        }
        write_json(&path, &RunsReceipt { identity: identity.to_owned() })?;
    }
    Ok(())
}

struct Encoder<'a> {
    params: &'a TokeniseParams,
    selection: &'a Selection,
    tally: &'a Tally,
    /// Those that no thread uses: what was met in one partition is known in the next.
    scratches: Mutex<Vec<EncodeScratch>>,
}

impl Encoder<'_> {
    fn scratches(&self) -> MutexGuard<'_, Vec<EncodeScratch>> {
        self.scratches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn partition(&self, file: &Path, run: &Path) -> Result<()> {
        let width = TokenWidth::for_vocab(self.params.tokenizer.vocab_size());
        let mut writer = RunWriter::new(width);
        let mut scratch = self.scratches().pop().unwrap_or_default();
        let mut tokens = Vec::new();
        for_each_batch(
            file,
            &["doc_id", "source", "language", "domain", "split", "copies", "text"],
            |_, rows| self.batch(rows, &mut writer, &mut scratch, &mut tokens),
        )?;
        self.scratches().push(scratch);
        writer.finish(run)?;
        Ok(())
    }

    fn batch(
        &self,
        rows: &Rows<'_>,
        writer: &mut RunWriter,
        scratch: &mut EncodeScratch,
        tokens: &mut Vec<u32>,
    ) -> Result<()> {
        let (ids, texts, sources) =
            (rows.ids("doc_id")?, rows.strings("text")?, rows.strings("source")?);
        let (languages, domains) = (rows.strings("language")?, rows.strings("domain")?);
        let (splits, copies) = (rows.strings("split")?, rows.u32s("copies")?);
        for row in 0..rows.len() {
            self.tally.check()?;
            let pool = Pool {
                language: languages.value(row).to_owned(),
                domain: domains.value(row).to_owned(),
                split: splits.value(row).to_owned(),
            };
            let id = id_at(ids, row);
            let text = texts.value(row);
            tokens.clear();
            self.params.tokenizer.encode(text, scratch, tokens)?;
            tokens.push(self.params.eos);
            let meta = DocumentMeta {
                id,
                pool: code(&self.selection.pools, &pool),
                language: code(&self.selection.languages, &pool.language),
                source: code(&self.selection.sources, &sources.value(row).to_owned()),
                bytes: text.len() as u64,
                key: id.draw(self.params.seed),
            };
            let copies = copies.value(row);
            let keys = (0..copies).map(|copy| id.copy_draw(self.params.seed, copy, copies));
            writer.push_copies(meta, keys, tokens)?;
            self.tally.add(0, 1, text.len() as u64);
        }
        Ok(())
    }
}

/// The place of a name among the sorted names of the selection; it is one of them, and there are few enough.
fn code<T: Ord, C: TryFrom<usize> + Default>(names: &[T], name: &T) -> C {
    names.binary_search(name).ok().and_then(|place| C::try_from(place).ok()).unwrap_or_default()
}

fn counts(layout: &Layout, selection: Selection, seed: u64) -> Result<TokeniseCounts> {
    let mut pools: Vec<PoolCounts> = selection
        .pools
        .iter()
        .map(|pool| PoolCounts {
            name: pool.name(),
            language: pool.language.clone(),
            domain: pool.domain.clone(),
            split: pool.split.clone(),
            ..PoolCounts::default()
        })
        .collect();
    for run in open_runs(layout)? {
        for found in run.pools() {
            let pool = usize::try_from(found.pool).ok().and_then(|number| pools.get_mut(number));
            let pool =
                pool.ok_or_else(|| Error::damaged(run.path(), format!("no pool {}", found.pool)))?;
            pool.documents += found.documents;
            pool.tokens += found.tokens;
            pool.bytes += found.bytes;
            // The first copy of a document lies where the document would lie if there were no others.
            for first in run.documents(found.pool).filter(|d| d.meta.key == d.meta.id.draw(seed)) {
                pool.unique_documents += 1;
                pool.unique_tokens += first.tokens.len() as u64;
            }
        }
    }
    Ok(TokeniseCounts { pools, languages: selection.languages, sources: selection.sources })
}

//! Documents for the tests of shards, and the slow, obvious twin of what `build_pool` does.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;

use gamayun_shard::{
    DocumentMeta, RunFile, RunWriter, Shard, ShardParams, ShardReceipt, TokenWidth, build_pool,
};
use gamayun_text::DocId;

pub(crate) const EOS: u32 = 0;

/// A document as it goes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doc {
    pub(crate) meta: DocumentMeta,
    pub(crate) tokens: Vec<u32>,
}

impl Doc {
    /// The `n`-th document: its id and key follow from `n`; EOS is added to its tokens.
    pub(crate) fn new(n: u64, pool: u32, mut tokens: Vec<u32>) -> Self {
        let id = DocId::of_name("test", &n.to_string());
        let (language, source) = (u8::try_from(n % 3).unwrap(), u16::try_from(n % 2).unwrap());
        let key = id.draw(7);
        tokens.push(EOS);
        Self { meta: DocumentMeta { id, pool, language, source, bytes: 3 * n, key }, tokens }
    }
}

pub(crate) fn params(vocab_size: u32, max_shard_bytes: u64) -> ShardParams {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let languages = names(&["en", "ru", "日本語"]);
    let params = ShardParams::new(vocab_size, EOS, [9; 32], languages, names(&["web", "books"]));
    ShardParams { max_shard_bytes, ..params.unwrap() }
}

/// Writes the documents as `runs` run files, dealt out in turn.
pub(crate) fn write_runs(
    docs: &[Doc],
    runs: usize,
    width: TokenWidth,
    folder: &Path,
) -> Vec<RunFile> {
    let write = |run: usize| {
        let mut writer = RunWriter::new(width);
        for doc in docs.iter().skip(run).step_by(runs) {
            writer.push(doc.meta, &doc.tokens).unwrap();
        }
        let path = folder.join(format!("{runs}-{run}.run"));
        let counts = writer.finish(&path).unwrap();
        let file = RunFile::open(&path).unwrap();
        assert_eq!(file.pools(), counts);
        file
    };
    (0..runs).map(write).collect()
}

/// The shards of pool 0, and their files' bytes.
pub(crate) fn build(
    runs: &[RunFile],
    params: &ShardParams,
    folder: &Path,
) -> (Vec<ShardReceipt>, Vec<Vec<u8>>) {
    let receipts = build_pool(runs, 0, folder, params, &mut ()).unwrap();
    let names = receipts.iter().flat_map(|receipt| [&receipt.bin, &receipt.gdx]);
    let files = names.map(|name| std::fs::read(folder.join(name)).unwrap()).collect();
    (receipts, files)
}

/// The documents of a shard.
pub(crate) fn read(shard: &Shard) -> Vec<Doc> {
    let (ids, languages, sources) = (shard.doc_ids(), shard.languages(), shard.sources());
    let facts = ids.zip(languages).zip(sources).zip(shard.bytes());
    let document = |(i, (((id, language), source), &bytes))| Doc {
        meta: DocumentMeta {
            id,
            pool: 0,
            language,
            source,
            bytes: u64::from(bytes),
            key: id.draw(7),
        },
        tokens: shard.document_tokens(i as u64).unwrap().to_vec(),
    };
    facts.enumerate().map(document).collect()
}

/// What the shards of pool 0 must hold: all documents sorted, cut at the ends nearest to the equal shares.
pub(crate) fn expected(docs: &[Doc], params: &ShardParams) -> Vec<Vec<Doc>> {
    let mut docs: Vec<_> = docs.iter().filter(|doc| doc.meta.pool == 0).cloned().collect();
    docs.sort_by_key(|doc| (doc.meta.key, doc.meta.id));
    let mut ends = vec![0];
    for doc in &docs {
        ends.push(ends.last().unwrap() + doc.tokens.len() as u64);
    }
    let tokens = *ends.last().unwrap();
    let shards = (tokens * params.width.bytes()).div_ceil(params.max_shard_bytes);
    let mut cuts: Vec<usize> = (1..shards).map(|k| nearest(&ends, k * tokens / shards)).collect();
    cuts.push(docs.len());
    cuts.dedup();
    let starts = std::iter::once(0).chain(cuts.clone());
    let pieces = starts.zip(cuts).map(|(start, end)| docs[start..end].to_vec());
    pieces.filter(|piece| !piece.is_empty()).collect()
}

/// The place of the end nearest to `target`; the last of them if several are.
fn nearest(ends: &[u64], target: u64) -> usize {
    let distance = ends.iter().map(|end| end.abs_diff(target)).min().unwrap();
    ends.iter().rposition(|end| end.abs_diff(target) == distance).unwrap()
}

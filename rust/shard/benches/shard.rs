//! Speed of the shard engine: collecting a run, building a pool, checking a shard; bytes of payload a second.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may panic")]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gamayun_shard::{
    DocumentMeta, Level, Packing, Reader, ReaderParams, ReaderPool, RunFile, RunWriter, Schedule,
    ShardFile, ShardParams, TokenWidth, build_pool, check, positions,
};
use gamayun_text::DocId;
use gamayun_text::hash::mix64;

const DOCUMENTS: u64 = 100_000;
const TOKENS: u64 = 400;
const RUNS: u64 = 16;

/// Writes the run files of a pool with documents of 400 tokens.
fn write_runs(folder: &Path, width: TokenWidth) -> Vec<RunFile> {
    let mut writers: Vec<_> = (0..RUNS).map(|_| RunWriter::new(width)).collect();
    for n in 0..DOCUMENTS {
        let id = DocId::of_name("bench", &n.to_string());
        let meta =
            DocumentMeta { id, pool: 0, language: 0, source: 0, bytes: 1700, key: id.draw(1) };
        writers[usize::try_from(n % RUNS).unwrap()].push(meta, &tokens(n)).unwrap();
    }
    let numbered = writers.into_iter().enumerate();
    let files = numbered.map(|(i, writer)| {
        let path = folder.join(format!("{i}.run"));
        writer.finish(&path).unwrap();
        RunFile::open(&path).unwrap()
    });
    files.collect()
}

fn tokens(n: u64) -> Vec<u32> {
    let ids = (1..TOKENS).map(|i| 1 + u32::try_from(mix64(n * TOKENS + i, 3) % 60_000).unwrap());
    ids.chain([0]).collect()
}

fn shards(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    for (vocab_size, width) in [(65_536, TokenWidth::U16), (131_072, TokenWidth::U32)] {
        let names = vec!["en".to_owned()];
        let params = ShardParams::new(vocab_size, 0, [0; 32], names.clone(), names).unwrap();
        let runs = write_runs(folder.path(), width);
        let pool = folder.path().join("pool");
        let mut group = c.benchmark_group(format!("{width:?}"));
        group.sample_size(10).throughput(Throughput::Bytes(DOCUMENTS * TOKENS * width.bytes()));
        group.bench_function("build_pool", |b| {
            b.iter(|| build_pool(black_box(&runs), 0, &pool, &params, &mut ()).unwrap());
        });
        let shard = pool.join("00000");
        for level in [Level::Structure, Level::Hashes, Level::Tokens] {
            group.bench_function(format!("check/{level:?}"), |b| {
                b.iter(|| check(black_box(&shard), level, vocab_size).unwrap());
            });
        }
    }
}

fn collect(c: &mut Criterion) {
    let documents: Vec<_> = (0..10_000).map(tokens).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut group = c.benchmark_group("run");
    group.sample_size(10).throughput(Throughput::Bytes(10_000 * TOKENS * 2));
    group.bench_function("collect_and_write", |b| {
        b.iter(|| {
            let mut writer = RunWriter::new(TokenWidth::U16);
            for (n, tokens) in (0..).zip(&documents) {
                let id = DocId(u128::from(mix64(n, 5)));
                let meta = DocumentMeta {
                    id,
                    pool: 0,
                    language: 0,
                    source: 0,
                    bytes: 1700,
                    key: id.draw(1),
                };
                writer.push(meta, tokens).unwrap();
            }
            writer.finish(&folder.path().join("a.run")).unwrap()
        });
    });
}

/// The order of a stage of a trillion tokens in windows of 4,096, from 200 pools of very different sizes.
fn order(c: &mut Criterion) {
    let samples: Vec<u64> = (0..200_u64).map(|pool| 244_000_000 / (pool + 1) / 6).collect();
    let mut group = c.benchmark_group("order");
    group.sample_size(10);
    group.bench_function("open", |b| b.iter(|| Schedule::new(black_box(&samples), 1, "").unwrap()));
    let schedule = Schedule::new(&samples, 1, "").unwrap();
    let mut g = 0;
    group.throughput(Throughput::Elements(1));
    group.bench_function("next", |b| {
        b.iter(|| {
            g = (g + 1) % schedule.samples();
            schedule.locate(g)
        });
    });
    group.bench_function("anywhere", |b| {
        b.iter(|| {
            g = mix64(g, 1) % schedule.samples();
            schedule.locate(g)
        });
    });
}

/// Batches of 16 windows of 4,096 tokens of 16 bits.
fn read(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let names = vec!["en".to_owned()];
    let params = ShardParams::new(65_536, 0, [0; 32], names.clone(), names).unwrap();
    let runs = write_runs(folder.path(), TokenWidth::U16);
    let receipts = build_pool(&runs, 0, folder.path(), &params, &mut ()).unwrap();
    let shards: Vec<ShardFile> = receipts
        .into_iter()
        .map(|receipt| ShardFile {
            path: folder.path().join(receipt.bin),
            tokens: receipt.tokens,
            bin_sha256: receipt.bin_sha256,
        })
        .collect();
    let samples = shards.iter().map(|shard| shard.tokens).sum::<u64>() / WINDOW;
    let pool = ReaderPool { name: "en".to_owned(), samples, start_token: 0, shards };
    let params = ReaderParams {
        stage: "one".to_owned(),
        seed: 1,
        sequence_length: WINDOW,
        window: WINDOW,
        overlap: 0,
        packing: Packing::Concat,
        tokenizer_sha256: "00".repeat(32),
        open_shards: 10,
        pools: vec![pool],
    };
    let reader = Reader::open(params).unwrap();
    let (mut narrow, mut wide) = (vec![0_u16; 16 * 4096], vec![0_i64; 16 * 4096]);
    let mut places = vec![0_i32; 16 * 4096];
    let mut next = 0;
    let mut batch = || {
        next = (next + 16) % (samples - 16);
        (next..next + 16).collect::<Vec<u64>>()
    };
    let mut group = c.benchmark_group("read");
    group.throughput(Throughput::Elements(16 * WINDOW));
    group.bench_function("u16", |b| b.iter(|| reader.read(&batch(), &mut narrow).unwrap()));
    group.bench_function("i64", |b| b.iter(|| reader.read(&batch(), &mut wide).unwrap()));
    group.bench_function("documents", |b| {
        b.iter(|| reader.read_documents(&batch(), &mut narrow).unwrap());
    });
    group.bench_function("documents and positions", |b| {
        b.iter(|| {
            let documents = reader.read_documents(&batch(), &mut narrow).unwrap();
            positions(&documents.ends, &mut places).unwrap();
        });
    });
}

const WINDOW: u64 = 4096;

criterion_group!(benches, shards, collect, order, read);
criterion_main!(benches);

//! Megabytes per second of splitting, counting, training and encoding, on the golden text of twelve languages.
//!
//! The text is repeated with numbers strewn in, so that not all pretokens are alike. `cargo bench -p gamayun-bpe`.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark may fail loudly, and criterion writes its main"
)]

use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use gamayun_bpe::{Counts, EncodeScratch, Split, Tokenizer, TrainParams, train};

/// About 5 MB.
const TIMES: u32 = 100;

fn texts() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/bpe/text.json");
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let texts: Vec<String> =
        serde_json::from_value(file["texts"].as_object().unwrap().values().cloned().collect())
            .unwrap();
    let vary = |text: &str, n: u32| {
        text.split_inclusive(' ').enumerate().fold(String::new(), |mut all, (at, word)| {
            all.push_str(word);
            if at % 16 == 0 {
                write!(all, "{}x", at as u64 * 7919 % (u64::from(n) + 3)).unwrap();
            }
            all
        })
    };
    (0..TIMES).flat_map(|n| texts.iter().map(move |text| vary(text, n))).collect()
}

fn counted(split: Split, texts: &[&str]) -> Counts {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let mut counts = Counts::new(split);
    counts.add("xx", texts, &pool).unwrap();
    counts
}

fn trained(split: Split, counts: &Counts) -> Tokenizer {
    train(
        counts,
        &TrainParams { vocab_size: 4096, split: split.into(), ..TrainParams::default() },
        &mut (),
    )
    .unwrap()
}

fn bench(criterion: &mut Criterion) {
    let texts = texts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let bytes = texts.iter().map(|text| text.len() as u64).sum();
    for split in [Split::Gamayun, Split::Gpt2] {
        let mut group = criterion.benchmark_group(split.name());
        group.sample_size(10).throughput(Throughput::Bytes(bytes));
        group.bench_function("split", |bencher| {
            bencher.iter(|| {
                for text in &texts {
                    split.pretokens(text, |pretoken| {
                        black_box(pretoken);
                    });
                }
            });
        });
        group.bench_function("count", |bencher| bencher.iter(|| counted(split, &texts)));
        let counts = counted(split, &texts);
        group.bench_function("train", |bencher| bencher.iter(|| trained(split, &counts)));
        let tokenizer = trained(split, &counts);
        group.bench_function("encode", |bencher| {
            bencher.iter_batched_ref(
                || (EncodeScratch::default(), Vec::new()),
                |(scratch, ids)| {
                    texts.iter().try_for_each(|text| tokenizer.encode(text, scratch, ids))
                },
                BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);

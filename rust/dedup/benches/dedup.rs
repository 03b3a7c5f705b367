//! Bytes a second of one core: shingles, signatures and sets, over golden documents.
#![expect(clippy::unwrap_used, reason = "a bench")]

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gamayun_dedup::{DedupParams, Signer, sorted_set};
use gamayun_text::shingle::{ShingleScratch, shingles};
use serde_json::Value;

/// The golden texts of a language, five times over so that a document is a few kB.
fn texts(language: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/datatrove");
    let lines = fs::read_to_string(folder.join(format!("{language}.jsonl"))).unwrap();
    let text =
        |line| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().to_owned();
    let texts: Vec<String> = lines.lines().map(text).collect();
    (0..texts.len()).map(|i| [&texts[i..], &texts[..i]].concat().join("\n\n")).collect()
}

fn run(criterion: &mut Criterion) {
    let params = DedupParams::default();
    for language in ["en", "de", "ru", "ar", "ko", "zh", "ja"] {
        let texts = texts(language);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut group = criterion.benchmark_group(language);
        group.throughput(Throughput::Bytes(texts.iter().map(|text| text.len() as u64).sum()));
        let (mut scratch, mut out) = (ShingleScratch::default(), Vec::new());
        group.bench_function("shingle", |bench| {
            bench.iter(|| {
                for text in &texts {
                    shingles(black_box(text), params.shingle(), &mut scratch, &mut out);
                }
            });
        });
        let signer = Signer::new(&params);
        let mut signature = vec![0; signer.values()];
        let split = |text: &&str| {
            let mut out = Vec::new();
            shingles(text, params.shingle(), &mut ShingleScratch::default(), &mut out);
            out
        };
        let found: Vec<Vec<u64>> = texts.iter().map(split).collect();
        group.bench_function("sign", |bench| {
            bench.iter(|| {
                for shingles in &found {
                    signer.sign(black_box(shingles), &mut signature);
                }
            });
        });
        group.bench_function("sort", |bench| {
            bench
                .iter(|| found.iter().cloned().map(sorted_set).map(|set| set.len()).sum::<usize>());
        });
        group.finish();
    }
}

criterion_group!(benches, run);
criterion_main!(benches);

//! Bytes a second of one core: words, and measurements, over the golden documents of each language.
#![expect(clippy::unwrap_used, reason = "a bench")]

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gamayun_quality::{Profile, Scratch, Segmenter, judge, measure};
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
    for language in ["en", "ru", "zh", "ja", "ko", "ar"] {
        let texts = texts(language);
        let segmenter = Segmenter::for_language(language);
        let profile = Profile::for_language_or_default(language);
        let mut group = criterion.benchmark_group(language);
        group.throughput(Throughput::Bytes(texts.iter().map(|text| text.len() as u64).sum()));
        let mut words = Vec::new();
        group.bench_function("segment", |bench| {
            bench.iter(|| {
                for text in &texts {
                    segmenter.segment(black_box(text), &mut words);
                }
            });
        });
        let split: Vec<Vec<&str>> = texts
            .iter()
            .map(|text| {
                let mut words = Vec::new();
                segmenter.segment(text, &mut words);
                words
            })
            .collect();
        let mut scratch = Scratch::default();
        group.bench_function("measure", |bench| {
            bench.iter(|| {
                for (text, words) in texts.iter().zip(&split) {
                    black_box(judge(&measure(text, words, profile, &mut scratch).values, profile));
                }
            });
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(std::time::Duration::from_millis(500))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = run
}
criterion_main!(benches);

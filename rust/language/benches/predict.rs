//! Bytes a second of language scoring with lid.176.ftz, one thread, on the texts of the golden cases joined up.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gamayun_language::{Model, Scratch};
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    labels: Vec<String>,
}

fn predict(c: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cases = fs::read_to_string(root.join("tests/golden/lid176.toml")).unwrap_or_default();
    let cases = toml::from_str::<Cases>(&cases).map_or_else(|_| Vec::new(), |cases| cases.case);
    let Ok(model) = Model::open(&root.join("python/gamayun_data/data/lid.176.ftz")) else { return };
    let mut group = c.benchmark_group("predict");
    for language in ["en", "ru", "zh", "ko", "ar"] {
        let text: String = cases
            .iter()
            .filter(|case| case.labels[0] == language && case.text.len() < 500)
            .flat_map(|case| [case.text.as_str(), " "])
            .collect();
        let text = text.repeat(4000 / text.len().max(1) + 1);
        let (mut scratch, mut scores) = (Scratch::default(), Vec::new());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(language, |b| {
            b.iter(|| {
                model.predict(black_box(&text), 3, &mut scratch, &mut scores);
                scores.len()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, predict);
criterion_main!(benches);

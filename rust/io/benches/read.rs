//! How fast records are read, in bytes of the decoded file: `cargo bench -p gamayun-io`.
//!
//! The text is made here: Latin, Cyrillic and Chinese words, documents of about 3 kB.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, LargeStringArray, RecordBatch, StringArray};
use criterion::{Criterion, Throughput};
use gamayun_io::{Batch, Input, ReadParams, TableWriter, find_inputs, open};

const WORDS: [&str; 12] = [
    "the",
    "quick",
    "brown",
    "fox",
    "съешь",
    "ещё",
    "этих",
    "мягких",
    "булок",
    "敏捷",
    "的棕色",
    "狐狸",
];

fn documents() -> Vec<String> {
    let mut seed = 7_u64;
    let mut word = |i: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = WORDS[usize::try_from(seed >> 33).unwrap_or(0) % WORDS.len()];
        format!("{word}{}", if i % 15 == 14 { "\n" } else { " " })
    };
    (0..10_000).map(|_| (0..400).map(&mut word).collect()).collect()
}

fn read_all(inputs: &[Input]) -> gamayun_io::Result<u64> {
    let (params, mut batch, mut bytes) = (ReadParams::default(), Batch::default(), 0);
    for input in inputs {
        let mut reader = open(input, &params)?;
        while reader.read(&mut batch, 4 << 20, 10_000)? {
            bytes += batch.text_bytes;
        }
        bytes += batch.text_bytes;
    }
    Ok(bytes)
}

fn write_files(directory: &Path) -> Result<u64, Box<dyn Error>> {
    let documents = documents();
    let (mut plain, mut escaped) = (String::new(), String::new());
    for (i, text) in documents.iter().enumerate() {
        let line =
            serde_json::json!({"id": i.to_string(), "text": text, "url": null, "lang": "xx"});
        let line = line.to_string();
        let ascii = |unit: u16| match u8::try_from(unit) {
            Ok(byte) if byte < 128 => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        };
        escaped.extend(line.encode_utf16().map(ascii));
        escaped.push('\n');
        plain.push_str(&line);
        plain.push('\n');
    }
    fs::write(directory.join("plain.jsonl"), &plain)?;
    fs::write(directory.join("escaped.jsonl"), &escaped)?;
    fs::write(directory.join("zst.jsonl.zst"), zstd::encode_all(plain.as_bytes(), 3)?)?;
    let ids: StringArray = (0..documents.len()).map(|i| Some(i.to_string())).collect();
    let texts: LargeStringArray = documents.iter().map(|text| Some(text.as_str())).collect();
    let columns: [(&str, ArrayRef); 2] = [("id", Arc::new(ids)), ("text", Arc::new(texts))];
    let batch = RecordBatch::try_from_iter(columns)?;
    let mut table = TableWriter::create(&directory.join("table.parquet"), batch.schema())?;
    table.write(&batch)?;
    table.finish()?;
    Ok(plain.len() as u64)
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let bytes = write_files(directory.path())?;
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("read");
    for name in ["plain.jsonl", "escaped.jsonl", "zst.jsonl.zst", "table.parquet"] {
        let path = directory.path().join(name);
        let inputs = find_inputs(&path.display().to_string(), &ReadParams::default())?;
        group.throughput(Throughput::Bytes(bytes));
        group.bench_function(name, |bencher| bencher.iter(|| black_box(read_all(&inputs))));
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}

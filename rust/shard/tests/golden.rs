//! Shards are, byte for byte, those of `tests/golden/shards.toml`, which were made from `docs/format.md`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use gamayun_shard::{DocumentMeta, Level, RunFile, RunWriter, ShardParams, build_pool, check};
use gamayun_text::DocId;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    vocab_size: u32,
    eos: u32,
    max_shard_bytes: u64,
    languages: Vec<String>,
    sources: Vec<String>,
    tokenizer_sha256: String,
    document: Vec<Document>,
    shard: Vec<Files>,
}

#[derive(Deserialize)]
struct Document {
    id: String,
    key: u64,
    language: u8,
    source: u16,
    bytes: u64,
    tokens: Vec<u32>,
}

#[derive(Deserialize)]
struct Files {
    bin: String,
    gdx: String,
}

fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<char> = digits.chars().filter(|digit| !digit.is_whitespace()).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn run_file(case: &Case, folder: &Path) -> RunFile {
    let width = gamayun_shard::TokenWidth::for_vocab(case.vocab_size);
    let mut writer = RunWriter::new(width);
    for document in &case.document {
        let &Document { key, language, source, bytes, .. } = document;
        let id = DocId::from_hex(&document.id).unwrap();
        let meta = DocumentMeta { id, pool: 4, language, source, bytes, key };
        writer.push(meta, &document.tokens).unwrap();
    }
    let path = folder.join("a.run");
    writer.finish(&path).unwrap();
    RunFile::open(&path).unwrap()
}

fn params(case: &Case) -> ShardParams {
    let sha256 = unhex(&case.tokenizer_sha256).try_into().unwrap();
    let (languages, sources) = (case.languages.clone(), case.sources.clone());
    let params = ShardParams::new(case.vocab_size, case.eos, sha256, languages, sources).unwrap();
    ShardParams { max_shard_bytes: case.max_shard_bytes, ..params }
}

#[test]
fn shards_are_byte_for_byte_what_the_format_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/shards.toml");
    let golden: Golden = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    for case in &golden.case {
        let folder = tempfile::tempdir().unwrap();
        let pool = folder.path().join("pool");
        let runs = [run_file(case, folder.path())];
        let receipts = build_pool(&runs, 4, &pool, &params(case), &mut ()).unwrap();
        assert_eq!(receipts.len(), case.shard.len(), "{}", case.name);
        for (receipt, files) in receipts.iter().zip(&case.shard) {
            assert_eq!(
                fs::read(pool.join(&receipt.bin)).unwrap(),
                unhex(&files.bin),
                "{}",
                case.name
            );
            assert_eq!(
                fs::read(pool.join(&receipt.gdx)).unwrap(),
                unhex(&files.gdx),
                "{}",
                case.name
            );
            let problems = check(&pool.join(&receipt.gdx), Level::Tokens, case.vocab_size).unwrap();
            assert_eq!(problems, [], "{}", case.name);
        }
    }
}

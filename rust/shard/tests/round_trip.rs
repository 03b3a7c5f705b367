//! What goes into shards comes out of them, in the right order, whatever the runs.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use gamayun_shard::{
    Error, Level, RunFile, RunWriter, Shard, TokenWidth, build_pool, check, file_sha256,
};
use gamayun_text::{Interrupted, Monitor, Progress};
use proptest::prelude::*;
use support::{Doc, EOS, build, expected, params, read, write_runs};

/// Documents of pools 0 and 1 with ids from 1 up to the last of the vocabulary, some of one token.
fn documents(vocab_size: u32) -> impl Strategy<Value = Vec<Doc>> {
    let id = prop_oneof![Just(1), Just(vocab_size - 1), 1..vocab_size];
    let tokens = prop_oneof![
        1 => Just(vec![]),
        8 => prop::collection::vec(id, 0..40),
        1 => (1..vocab_size, 200..400_usize).prop_map(|(id, length)| vec![id; length]),
    ];
    prop::collection::vec((0..2_u32, tokens), 1..60).prop_map(|docs| {
        let docs = docs.into_iter().zip(0..);
        docs.map(|((pool, tokens), n)| Doc::new(n, pool, tokens)).collect()
    })
}

fn vocabulary() -> impl Strategy<Value = u32> {
    prop_oneof![Just(2), Just(300), Just(65_536), Just(65_537), Just(1 << 31)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn shards_hold_the_documents_whatever_the_runs(
        (vocab_size, docs) in vocabulary().prop_flat_map(|v| (Just(v), documents(v))),
        runs in 1..6_usize, max_shard_bytes in prop_oneof![Just(4), 4..3000_u64, Just(1 << 31)],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let params = params(vocab_size, max_shard_bytes);
        let one = build(&write_runs(&docs, 1, params.width, folder.path()), &params, &folder.path().join("one"));
        let mut shuffled = docs.clone();
        shuffled.reverse();
        let many = write_runs(&shuffled, runs, params.width, folder.path());
        prop_assert_eq!(&one, &build(&many, &params, &folder.path().join("many")));

        let wanted = expected(&docs, &params);
        prop_assert_eq!(one.0.len(), wanted.len());
        for (receipt, docs) in one.0.iter().zip(wanted) {
            let path = folder.path().join("one").join(&receipt.gdx);
            let shard = Shard::open(&path).unwrap();
            prop_assert_eq!(receipt.documents, docs.len() as u64);
            prop_assert_eq!(receipt.tokens, shard.tokens().len() as u64);
            prop_assert_eq!(receipt.bytes, docs.iter().map(|doc| doc.meta.bytes).sum::<u64>());
            prop_assert_eq!(&receipt.bin_sha256, &file_sha256(shard.bin_path()).unwrap());
            prop_assert_eq!(&receipt.gdx_sha256, &file_sha256(&path).unwrap());
            prop_assert_eq!(receipt.max_id, docs.iter().flat_map(|d| d.tokens.clone()).max().unwrap());
            prop_assert_eq!(read(&shard), docs);
            prop_assert_eq!(check(&path, Level::Tokens, vocab_size).unwrap(), vec![]);
        }
    }

    #[test]
    fn run_files_hold_their_documents_in_order(docs in documents(1000), runs in 1..4_usize) {
        let folder = tempfile::tempdir().unwrap();
        for (i, run) in write_runs(&docs, runs, TokenWidth::U16, folder.path()).iter().enumerate() {
            for pool in 0..3 {
                let part = docs.iter().skip(i).step_by(runs).filter(|doc| doc.meta.pool == pool);
                let mut wanted: Vec<_> = part.cloned().collect();
                wanted.sort_by_key(|doc| (doc.meta.key, doc.meta.id));
                let found = run.documents(pool).map(|d| Doc { meta: d.meta, tokens: d.tokens.to_vec() });
                prop_assert_eq!(found.collect::<Vec<_>>(), wanted);
            }
        }
    }
}

#[test]
fn documents_above_65536_tokens_make_blocks_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let params = params(65_536, 1 << 31);
    let long = |n: u64, length: u32| Doc::new(n, 0, (0..length).map(|i| 1 + i % 65_535).collect());
    let docs =
        [long(0, 70_000), long(1, 2_500_000), long(2, 0), long(3, 1_000_000), long(4, 1_000_000)];
    let runs = write_runs(&docs, 2, params.width, folder.path());
    let (receipts, _) = build(&runs, &params, &folder.path().join("pool"));
    assert_eq!(receipts.len(), 1);
    let shard = Shard::open(&folder.path().join("pool/00000")).unwrap();
    assert_eq!(read(&shard), expected(&docs, &params)[0]);
    assert_eq!(check(shard.gdx_path(), Level::Tokens, 65_536).unwrap(), []);
    let blocks: Vec<_> = shard.blocks().collect();
    assert!(blocks.len() >= 2, "{blocks:?}");
    let (last, others) = blocks.split_last().unwrap();
    assert!(others.iter().all(|block| block.tokens.end - block.tokens.start >= 1 << 20));
    assert_eq!(last.tokens.end, shard.tokens().len() as u64);
    assert_eq!(shard.document_at(last.tokens.start), Some(last.documents.start));
    assert_eq!(shard.document_at(last.tokens.end), None);
    assert_eq!(shard.document(5), None);
}

#[test]
fn a_pool_without_documents_has_no_shards() {
    let folder = tempfile::tempdir().unwrap();
    let params = params(100, 1 << 31);
    let runs = write_runs(&[Doc::new(0, 1, vec![5])], 1, params.width, folder.path());
    assert_eq!(build(&runs, &params, &folder.path().join("pool")).0, []);
    assert_eq!(build(&[], &params, &folder.path().join("pool")).0, []);
}

#[test]
fn building_again_leaves_no_shard_of_before() {
    let folder = tempfile::tempdir().unwrap();
    let pool = folder.path().join("pool");
    let docs: Vec<_> = (0..50).map(|n| Doc::new(n, 0, vec![5; 10])).collect();
    let runs = write_runs(&docs, 1, TokenWidth::U16, folder.path());
    assert!(build(&runs, &params(100, 100), &pool).0.len() > 5);
    std::fs::write(pool.join("notes.bin"), "mine").unwrap();
    std::fs::write(pool.join("00007.bin.tmp"), "half").unwrap();
    assert_eq!(build(&runs, &params(100, 1 << 31), &pool).0.len(), 1);
    let names = std::fs::read_dir(&pool).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["00000.bin", "00000.gdx", "notes.bin"]);
}

/// What `build_pool` says of one document with these tokens, and what it leaves behind.
fn refusal(tokens: &[u32], vocab_size: u32) -> (String, usize) {
    let folder = tempfile::tempdir().unwrap();
    let doc = Doc { tokens: tokens.to_vec(), ..Doc::new(0, 0, vec![]) };
    let runs = write_runs(&[doc], 1, TokenWidth::U16, folder.path());
    let pool = folder.path().join("pool");
    let error = build_pool(&runs, 0, &pool, &params(vocab_size, 1 << 31), &mut ()).unwrap_err();
    (error.to_string(), std::fs::read_dir(pool).unwrap().count())
}

#[test]
fn a_payload_that_breaks_its_promises_is_not_written() {
    let (message, left) = refusal(&[5, 6], 10);
    assert!(
        message.ends_with("its last token is 6, expected the end-of-sequence token 0"),
        "{message}"
    );
    assert_eq!(left, 0);
    let (message, _) = refusal(&[5, EOS, 6, EOS], 10);
    assert!(
        message.ends_with("token 1 of 4 is the end-of-sequence token 0, which may only end it"),
        "{message}"
    );
    let (message, _) = refusal(&[5, 10, EOS], 10);
    assert!(message.ends_with("token 1 is 10, expected an id below 10"), "{message}");
}

#[test]
fn the_writer_of_runs_refuses_what_no_shard_can_hold() {
    let mut writer = RunWriter::new(TokenWidth::U16);
    let meta = Doc::new(0, 0, vec![]).meta;
    assert!(matches!(writer.push(meta, &[]), Err(Error::EmptyDocument { .. })));
    let error = writer.push(meta, &[1, 65_536, 0]).unwrap_err();
    assert!(matches!(error, Error::TokenOutOfRange { position: 1, token: 65_536, .. }), "{error}");
    let long = gamayun_shard::DocumentMeta { bytes: 1 << 32, ..meta };
    assert!(matches!(writer.push(long, &[0]), Err(Error::DocumentTooLong { .. })));
    assert_eq!(writer.documents(), 0);
}

#[test]
fn a_document_may_occur_once() {
    let folder = tempfile::tempdir().unwrap();
    let docs = [Doc::new(0, 0, vec![5]), Doc::new(1, 0, vec![6]), Doc::new(0, 0, vec![5])];
    let runs = write_runs(&docs, 2, TokenWidth::U16, folder.path());
    let error = build_pool(&runs, 0, folder.path(), &params(10, 1 << 31), &mut ()).unwrap_err();
    assert!(
        matches!(&error, Error::DuplicateDocument { id, .. } if *id == docs[0].meta.id),
        "{error}"
    );
}

#[test]
fn codes_without_names_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let runs = write_runs(&[Doc::new(2, 0, vec![])], 1, TokenWidth::U16, folder.path());
    let mut params = params(10, 1 << 31);
    params.languages.pop();
    let error = build_pool(&runs, 0, folder.path(), &params, &mut ()).unwrap_err();
    assert!(error.to_string().ends_with("language 2 is unknown; the table has 2 names"), "{error}");
}

#[test]
fn impossible_parameters_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let good = params(10, 1 << 31);
    let bad = [
        gamayun_shard::ShardParams { eos: 10, ..good.clone() },
        gamayun_shard::ShardParams { width: TokenWidth::U32, ..good.clone() },
        gamayun_shard::ShardParams { max_shard_bytes: 1, ..good.clone() },
        gamayun_shard::ShardParams { vocab_size: 0, ..good.clone() },
        gamayun_shard::ShardParams { languages: vec!["en\nru".to_owned()], ..good.clone() },
        gamayun_shard::ShardParams { sources: vec!["x".to_owned(); 65_537], ..good },
    ];
    for (params, name) in
        bad.iter().zip(["eos", "width", "max_shard_bytes", "vocab_size", "languages", "sources"])
    {
        let error = build_pool(&[], 0, folder.path(), params, &mut ()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{name}: ")), "{error}");
    }
}

#[test]
fn runs_of_another_width_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let runs = write_runs(&[Doc::new(0, 0, vec![])], 1, TokenWidth::U32, folder.path());
    let error = build_pool(&runs, 0, folder.path(), &params(10, 1 << 31), &mut ()).unwrap_err();
    assert!(
        error.to_string().ends_with("found tokens of 4 bytes, expected tokens of 2 bytes"),
        "{error}"
    );
}

/// Stops the work at the first report.
struct Stop;

impl Monitor for Stop {
    fn advance(&mut self, progress: Progress) -> Result<(), Interrupted> {
        assert_eq!(progress.total, 300 * 299 / 2 * 3);
        Err(Interrupted)
    }
}

#[test]
fn an_interrupted_build_leaves_no_half_files() {
    let folder = tempfile::tempdir().unwrap();
    let docs: Vec<_> = (0..300).map(|n| Doc::new(n, 0, vec![5; 10_000])).collect();
    let runs = write_runs(&docs, 3, TokenWidth::U16, folder.path());
    let pool = folder.path().join("pool");
    let result = build_pool(&runs, 0, &pool, &params(10, 1 << 31), &mut Stop);
    assert!(matches!(result, Err(Error::Interrupted)));
    assert_eq!(std::fs::read_dir(pool).unwrap().count(), 0);
}

#[test]
fn an_empty_run_is_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.run");
    assert_eq!(RunWriter::new(TokenWidth::U32).finish(&path).unwrap(), []);
    let run = RunFile::open(&path).unwrap();
    assert_eq!((run.pools(), run.documents(0).count()), (&[][..], 0));
}

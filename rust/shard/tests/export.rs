//! An export links what a stage reads whole, cuts what it reads in part, and refuses what a format cannot say.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use std::ops::Range;
use std::path::Path;

use gamayun_shard::{
    DocumentFormat, Error, ExportParams, ExportedPart, Origin, Shard, ShardFile, export_pool,
};
use gamayun_text::{Interrupted, Monitor, Progress};
use support::{Doc, build, params, write_runs};

/// A pool of documents of so many tokens, EOS included, in shards of at most 4,000 bytes.
fn pool(lengths: &[usize], folder: &Path) -> ExportParams {
    let params = params(300, 4000);
    let doc = |(n, &length): (u64, &usize)| Doc::new(n, 0, vec![7; length - 1]);
    let docs: Vec<Doc> = (0..).zip(lengths).map(doc).collect();
    let runs = write_runs(&docs, 1, params.width, folder);
    let (receipts, _) = build(&runs, &params, &folder.join("pool"));
    let shards = receipts.into_iter().map(|receipt| ShardFile {
        path: folder.join("pool").join(receipt.bin),
        tokens: receipt.tokens,
        bin_sha256: receipt.bin_sha256,
    });
    ExportParams {
        name: "ru-web".to_owned(),
        seed: 3,
        tokens: 0..0,
        shards: shards.collect(),
        tokenizer_sha256: "09".repeat(32),
        folder: folder.join("out"),
        copy: false,
    }
}

fn export(format: &str, params: &ExportParams, tokens: Range<u64>) -> Vec<ExportedPart> {
    let _ = fs::remove_dir_all(&params.folder);
    let params = ExportParams { tokens, ..params.clone() };
    export_pool(DocumentFormat::named(format).unwrap(), &params, &mut ()).unwrap()
}

fn origins(parts: &[ExportedPart]) -> Vec<(&str, Origin)> {
    parts.iter().map(|part| (part.name.as_str(), part.files[0].origin)).collect()
}

#[test]
fn only_shards_that_are_read_in_part_are_cut() {
    let folder = tempfile::tempdir().unwrap();
    let params = pool(&[500; 12], folder.path());
    assert_eq!(params.shards.len(), 3);
    let parts = export("datatrove", &params, 500..5000);
    assert_eq!(
        origins(&parts),
        [("00000", Origin::Cut), ("00001", Origin::Linked), ("00002", Origin::Cut)]
    );
    assert_eq!(parts.iter().map(|part| part.documents).collect::<Vec<_>>(), [3, 4, 2]);
    let parts = export("olmo", &params, 2000..6000 + 1);
    let again =
        [("00000-epoch1", Origin::Cut), ("00001", Origin::Linked), ("00002", Origin::Linked)];
    assert_eq!(origins(&parts), again);
    let parts = export("megatron", &params, 500..6000 * 3);
    assert!(parts.iter().all(|part| part.files[0].origin == Origin::Linked));
    assert_eq!(parts.iter().map(|part| part.documents).collect::<Vec<_>>(), [11, 12, 12]);
    assert_eq!(export("megatron", &params, 1..500), []);
}

#[test]
fn a_cut_has_the_documents_of_the_shard() {
    let folder = tempfile::tempdir().unwrap();
    let params = pool(&[3, 900, 1, 77, 4], folder.path());
    let shard = Shard::open(&params.shards[0].path).unwrap();
    let start = shard.ends()[0];
    let parts = export("datatrove", &params, start..start + 1);
    let payload = fs::read(params.folder.join("00000.ds")).unwrap();
    assert_eq!(payload, shard.document_tokens(1).unwrap().as_bytes());
    let length = payload.len() as u64 / 2;
    assert_eq!((parts[0].documents, parts[0].tokens), (1, length));
    assert_eq!(fs::read(params.folder.join("00000.ds.index")).unwrap(), length.to_le_bytes());
}

#[test]
fn the_index_of_a_whole_shard_is_its_document_ends() {
    let folder = tempfile::tempdir().unwrap();
    let params = pool(&[3, 900, 1, 77, 4], folder.path());
    export("datatrove", &params, 0..985);
    let shard = Shard::open(&params.shards[0].path).unwrap();
    let ends: Vec<u8> = shard.ends().iter().flat_map(|end| end.to_le_bytes()).collect();
    assert_eq!(fs::read(params.folder.join("00000.ds.index")).unwrap(), ends);
}

#[test]
fn a_shard_that_is_not_the_promised_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut params = pool(&[3, 9], folder.path());
    params.shards[0].bin_sha256 = "00".repeat(32);
    params.tokens = 0..12;
    let format = DocumentFormat::named("olmo").unwrap();
    assert!(matches!(export_pool(format, &params, &mut ()), Err(Error::Format { .. })));
    assert!(matches!(DocumentFormat::named("tar"), Err(Error::Params { .. })));
}

#[test]
fn a_monitor_stops_it() {
    struct Stop;
    impl Monitor for Stop {
        fn advance(&mut self, _: Progress) -> Result<(), Interrupted> {
            Err(Interrupted)
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let params = ExportParams { copy: true, tokens: 0..12, ..pool(&[3, 9], folder.path()) };
    let format = DocumentFormat::named("megatron").unwrap();
    assert!(matches!(export_pool(format, &params, &mut Stop), Err(Error::Interrupted)));
}

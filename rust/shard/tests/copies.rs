//! A document that is repeated: its copies lie apart, and a repeat that nobody asked for is refused.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::Path;

use gamayun_shard::{
    DocumentMeta, Error, Level, RunFile, RunWriter, Shard, TokenWidth, build_pool, check,
};
use proptest::prelude::*;
use support::{Doc, build, expected, params, read};

/// Documents of one pool, each with a number of copies, as one run file whose documents lie in the pool's order.
fn copied(weights: &[u32], folder: &Path) -> RunFile {
    let mut writer = RunWriter::new(TokenWidth::U16);
    for (&copies, n) in weights.iter().zip(0..) {
        let doc = Doc::new(n, 0, vec![1; usize::try_from(n % 5).unwrap()]);
        let keys = (0..copies).map(|copy| doc.meta.id.copy_draw(7, copy, copies));
        writer.push_copies(doc.meta, keys, &doc.tokens).unwrap();
    }
    let path = folder.join("copies.run");
    let counts = writer.finish(&path).unwrap();
    let file = RunFile::open(&path).unwrap();
    assert_eq!(file.pools(), counts);
    file
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Between two copies of a document with w copies lie at least ⌊v/w⌋ copies of every other one with v, round the end
    /// of the pool too.
    #[test]
    fn copies_of_a_document_keep_their_distance(weights in prop::collection::vec(1..12_u32, 1..80)) {
        let folder = tempfile::tempdir().unwrap();
        let file = copied(&weights, folder.path());
        let order: Vec<_> = file.documents(0).map(|d| d.meta.id).collect();
        prop_assert_eq!(order.len(), weights.iter().sum::<u32>() as usize);
        for (&copies, n) in weights.iter().zip(0..) {
            let id = Doc::new(n, 0, vec![]).meta.id;
            let mut places: Vec<_> = (0..order.len()).filter(|&place| order[place] == id).collect();
            prop_assert_eq!(places.len(), copies as usize);
            places.push(places[0] + order.len());
            let others = weights.iter().map(|other| other / copies).sum::<u32>() - 1;
            for pair in places.windows(2) {
                prop_assert!(pair[1] - pair[0] > others as usize, "{} of {} others", copies, others);
            }
        }
    }

    #[test]
    fn copies_are_documents_of_the_shards(weights in prop::collection::vec(1..6_u32, 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let params = params(300, 1 << 31);
        let runs = [copied(&weights, folder.path())];
        let (receipts, _) = build(&runs, &params, &folder.path().join("shards"));
        let shard = Shard::open(&folder.path().join("shards").join(&receipts[0].gdx)).unwrap();
        let mut docs: Vec<Doc> = vec![];
        for (&copies, n) in weights.iter().zip(0..) {
            let doc = Doc::new(n, 0, vec![1; usize::try_from(n % 5).unwrap()]);
            for copy in 0..copies {
                let key = doc.meta.id.copy_draw(7, copy, copies);
                docs.push(Doc { meta: DocumentMeta { key, ..doc.meta }, ..doc.clone() });
            }
        }
        prop_assert_eq!(receipts[0].tokens, docs.iter().map(|doc| doc.tokens.len() as u64).sum::<u64>());
        let mut wanted = expected(&docs, &params).remove(0);
        for doc in &mut wanted {
            doc.meta.key = doc.meta.id.draw(7); // shards hold no keys
        }
        prop_assert_eq!(read(&shard), wanted);
        let path = folder.path().join("shards").join(&receipts[0].gdx);
        prop_assert_eq!(check(&path, Level::Tokens, 300).unwrap(), vec![]);
    }
}

#[test]
fn a_document_that_two_runs_copy_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let doc = Doc::new(1, 0, vec![1]);
    let runs = [2, 3].map(|copies| {
        let mut writer = RunWriter::new(TokenWidth::U16);
        let keys = (0..copies).map(|copy| doc.meta.id.copy_draw(7, copy, copies));
        writer.push_copies(doc.meta, keys, &doc.tokens).unwrap();
        let path = folder.path().join(format!("{copies}.run"));
        writer.finish(&path).unwrap();
        RunFile::open(&path).unwrap()
    });
    let params = params(300, 1 << 31);
    let built = build_pool(&runs, 0, &folder.path().join("shards"), &params, &mut ());
    assert!(matches!(built, Err(Error::DuplicateDocument { id, .. }) if id == doc.meta.id));
}

//! A shard without some of its documents is the shard that would have been written had they never been.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;

use gamayun_shard::{Level, Shard, check, without};
use gamayun_text::DocId;
use proptest::prelude::*;
use support::{Doc, build, params, write_runs};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_left_is_what_would_have_been_written(
        lengths in prop::collection::vec(1usize..400, 2..40),
        chosen in prop::collection::vec(any::<bool>(), 40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let docs: Vec<Doc> =
            (0..).zip(&lengths).map(|(n, &length)| Doc::new(n, 0, vec![7; length])).collect();
        let params = params(1000, 1 << 31);
        let (whole, part) = (folder.path().join("whole"), folder.path().join("part"));
        for place in [&whole, &part] {
            fs::create_dir(place).unwrap();
        }
        build(&write_runs(&docs, 2, params.width, &whole), &params, &whole);
        let shard = Shard::open(&whole.join("00000")).unwrap();
        let mut removed: Vec<DocId> =
            shard.doc_ids().zip(&chosen).filter(|(_, gone)| **gone).map(|(id, _)| id).collect();
        removed.sort_unstable();
        let target = folder.path().join("left");
        let receipt = without(&shard, &removed, &target, &mut ()).unwrap();
        let left: Vec<Doc> =
            docs.into_iter().filter(|doc| removed.binary_search(&doc.meta.id).is_err()).collect();
        if left.is_empty() {
            prop_assert!(receipt.is_none());
            return Ok(());
        }
        build(&write_runs(&left, 2, params.width, &part), &params, &part);
        for kind in ["bin", "gdx"] {
            let expected = fs::read(part.join("00000").with_extension(kind)).unwrap();
            prop_assert_eq!(fs::read(target.with_extension(kind)).unwrap(), expected);
        }
        prop_assert_eq!(check(&target, Level::Tokens, 1000).unwrap(), vec![]);
    }
}

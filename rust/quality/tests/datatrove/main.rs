//! `datatrove`'s verdicts on the golden documents are ours, number by number and reason by reason.
#![expect(clippy::unwrap_used, reason = "tests")]

mod compare;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use compare::Comparison;
use gamayun_quality::Scratch;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/datatrove")
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())
}

/// The bad words of each language.
fn bad_words() -> BTreeMap<String, String> {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    files(&folder().join("words"))
        .map(|path| (name(&path), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn the_verdicts_of_datatrove_are_ours() {
    let (lists, mut scratch, mut all) = (bad_words(), Scratch::default(), Comparison::default());
    for path in files(&folder()) {
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            for line in fs::read_to_string(&path).unwrap().lines() {
                let record: Value = serde_json::from_str(line).unwrap();
                let list: Option<Vec<&str>> =
                    lists.get(record["lang"].as_str().unwrap()).map(|list| list.lines().collect());
                all.add(&record, list.as_deref(), &mut scratch);
            }
        }
    }
    assert_eq!(all.differences, [""; 0]);
    assert!(all.given.values().all(|agreement| agreement.same_reason == agreement.documents));
    let same: u64 = all.own.values().map(|agreement| agreement.same_verdict).sum();
    let asked: u64 = all.own.values().map(|agreement| agreement.documents).sum();
    assert!(same * 100 >= asked * 95, "{all:?}");
    assert!(all.documents > 100, "{}", all.documents);
    for reason in ["lorem_ipsum", "curly_bracket", "too_few_sentences", ""] {
        assert!(all.given.contains_key(&("c4_fineweb".into(), reason.into())), "{reason}");
    }
}

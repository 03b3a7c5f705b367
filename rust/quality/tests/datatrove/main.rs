//! `datatrove`'s verdicts on the golden documents are ours, number by number and reason by reason.

mod compare;

use std::fs;
use std::path::Path;

use compare::Comparison;
use gamayun_quality::Scratch;

#[test]
fn the_verdicts_of_datatrove_are_ours() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/datatrove");
    let (mut documents, mut scratch) = (0, Scratch::default());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            let comparison = Comparison::of_file(&path, &mut scratch);
            assert_eq!(comparison.differences, [""; 0]);
            assert!(comparison.same_verdict * 10 >= comparison.documents * 8, "{comparison:?}");
            documents += comparison.documents;
        }
    }
    assert!(documents > 60);
}

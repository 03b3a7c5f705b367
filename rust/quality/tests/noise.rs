//! The profile `short` on good text in sixteen languages, and on the same text broken in many ways.

use gamayun_quality::{Profile, Scratch, Segmenter, judge, measure, measure_junk};
use serde_json::Value;

#[test]
fn junk_is_dropped_and_clean_text_kept() {
    let sample = include_str!("../../../tests/golden/noise/sample.jsonl");
    let profile = Profile::shipped("short").unwrap();
    let mut scratch = Scratch::default();
    let (mut wrong, mut kinds) =
        (Vec::new(), std::collections::BTreeMap::<String, (u32, u32)>::new());
    for line in sample.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let said = |name: &str| record[name].as_str().unwrap();
        let (text, lang, kind) = (said("text"), said("lang"), said("kind"));
        let mut words = Vec::new();
        Segmenter::for_language(lang).segment(text, &mut words);
        let mut measured = measure(text, &words, profile, &mut scratch);
        measure_junk(text, lang, &mut scratch, &mut measured);
        let verdict = judge(&measured.values, profile);
        let (all, passed) = kinds.entry(kind.to_owned()).or_insert((0, 0));
        *all += 1;
        *passed += u32::from(verdict.is_none());
        if kind == "clean" && verdict.is_some() {
            wrong.push(format!("{lang}: {verdict:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(kinds.len() > 10, "{kinds:?}");
    // Of six sentences that do not belong together even the order of words tells little: one of seven may pass.
    for (kind, (all, passed)) in kinds.iter().filter(|(kind, _)| *kind != "clean") {
        assert!(passed * 7 <= *all, "{kind}: {passed} of {all} pass");
    }
}

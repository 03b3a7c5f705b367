//! Compares our measurements and verdicts with those that `rules_parity.py dump` recorded: `parity FOLDER`.
//!
//! Prints one line per language: documents, documents that differ (there should be none), and the share whose verdict
//! is the same when our own segmenter makes the words.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program of the tests"
)]

use std::fs;

use gamayun_quality::rules::Group;
use gamayun_quality::{MEASUREMENTS, Metric, Profile, Scratch, Segmenter, judge, measure};
use serde_json::Value;

fn main() {
    let folder = std::env::args().nth(1).expect("parity FOLDER");
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut scratch = Scratch::default();
    for path in paths {
        let mut counts = Counts::default();
        for line in fs::read_to_string(&path).unwrap().lines() {
            compare(&serde_json::from_str(line).unwrap(), &mut scratch, &mut counts);
        }
        println!("{}: {counts:?}", path.file_stem().unwrap().display());
    }
}

#[derive(Debug, Default)]
struct Counts {
    documents: u64,
    kept: u64,
    differ: u64,
    undefined_there: u64,
    words_there: u64,
    words_here: u64,
    own_agree: u64,
    own_agree_in_reason: u64,
    own_keeps_more: u64,
}

fn compare(record: &Value, scratch: &mut Scratch, counts: &mut Counts) {
    let text = record["text"].as_str().unwrap();
    let words: Vec<&str> =
        record["words"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let language = record["lang"].as_str().unwrap();
    counts.documents += 1;
    let mut differs = false;
    for (settings, said) in record["said"].as_object().unwrap() {
        let profile = Profile::shipped(settings).unwrap();
        let measured = measure(text, &words, profile, scratch);
        differs |= !same_numbers(&record["numbers"], &measured.values, text);
        for group in Group::ALL {
            let theirs = said[group.name()].as_str().unwrap();
            let ours =
                judge(&measured.values, &profile.only(group)).map_or("", |verdict| verdict.reason);
            if theirs == "ZeroDivisionError" {
                counts.undefined_there += 1;
            } else if theirs != ours {
                differs = true;
                println!("  {}: {settings}: {theirs:?} there, {ours:?} here", record["id"]);
            }
        }
        if settings == language {
            drift(said, text, language, profile, scratch, counts, words.len() as u64);
        }
    }
    counts.differ += u64::from(differs);
}

fn drift(
    said: &Value,
    text: &str,
    language: &str,
    profile: &Profile,
    scratch: &mut Scratch,
    counts: &mut Counts,
    words_there: u64,
) {
    let mut own = Vec::new();
    Segmenter::for_language(language).segment(text, &mut own);
    let ours = judge(&measure(text, &own, profile, scratch).values, profile)
        .map_or("", |verdict| verdict.reason);
    let reasons = profile.order().iter().map(|group| said[group.name()].as_str().unwrap());
    let theirs = reasons.into_iter().find(|reason| !reason.is_empty()).unwrap_or("");
    counts.words_there += words_there;
    counts.words_here += own.len() as u64;
    counts.kept += u64::from(theirs.is_empty());
    counts.own_agree += u64::from(theirs.is_empty() == ours.is_empty());
    counts.own_agree_in_reason += u64::from(theirs == ours);
    counts.own_keeps_more += u64::from(ours.is_empty() && !theirs.is_empty());
    if std::env::args().nth(2).is_some() && theirs.is_empty() != ours.is_empty() {
        println!("  drift {language}: {theirs:?} there, {ours:?} here");
    }
}

/// Whether every share that the repetition filters compare is the same f64.
#[expect(
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "equality to the bit is the point"
)]
fn same_numbers(numbers: &Value, values: &[f64], text: &str) -> bool {
    let get = |name: &str, i: usize| numbers[name][i].as_f64();
    let characters = text.chars().count() as f64;
    let inside = text.chars().filter(|&c| c != '\n').count() as f64;
    let mut same = true;
    let mut expect = |metric: Metric, part: Option<f64>, whole: f64| {
        let theirs = part.map_or(f64::NAN, |part| part / whole);
        let ours = values[metric as usize];
        if !(theirs == ours || (theirs.is_nan() && ours.is_nan())) {
            println!("  {}: {theirs} there, {ours} here", MEASUREMENTS[metric as usize].name);
            same = false;
        }
    };
    expect(Metric::DupParaFrac, get("paragraphs", 1), get("paragraphs", 0).unwrap());
    expect(Metric::DupParaCharFrac, get("paragraphs", 2), characters);
    expect(Metric::DupLineFrac, get("lines", 1), get("lines", 0).unwrap());
    expect(Metric::DupLineCharFrac, get("lines", 2), characters);
    expect(Metric::Lines, get("filled", 0), 1.0);
    expect(Metric::CharDup, get("filled", 2), inside);
    let top = [Metric::Top2Gram, Metric::Top3Gram, Metric::Top4Gram];
    top.into_iter().enumerate().for_each(|(i, metric)| expect(metric, get("top", i), characters));
    let metrics = [
        Metric::Dup5Gram,
        Metric::Dup6Gram,
        Metric::Dup7Gram,
        Metric::Dup8Gram,
        Metric::Dup9Gram,
        Metric::Dup10Gram,
    ];
    metrics.into_iter().enumerate().for_each(|(i, m)| expect(m, get("duplicated", i), characters));
    same
}

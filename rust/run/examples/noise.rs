//! The noise table: what repairs, language and a profile make of labelled junk.
//!
//! `noise FILE MODEL PROFILE [JUNK CLEAN]`: FILE holds one JSON object a line: `text`, `kind`, `lang`, and `clean` where the
//! text before it was broken is known; kind `clean` is good text. PROFILE is the name of a shipped one, or `language` for the
//! profile of each language and then `junk`. Prints a table; exits 1 if of a kind of junk less than JUNK is dropped or
//! repaired, or of the clean text of a language less than CLEAN kept.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    reason = "a program of the benches"
)]

use std::collections::{BTreeMap, BTreeSet};

use gamayun_language::Model;
use gamayun_quality::Profile;
use gamayun_quality::clean::Repairs;
use gamayun_run::{Trial, TrialParams, trial};
use serde_json::Value;

/// Outcomes of a kind: of all, dropped, repaired, and languages and texts that passed.
#[derive(Default)]
struct Kind {
    all: usize,
    dropped: usize,
    repaired: usize,
    reasons: BTreeMap<String, usize>,
    passed: BTreeMap<String, usize>,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let file = std::fs::read_to_string(&args[0]).expect("FILE");
    let records: Vec<Value> =
        file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let model = Model::open(args[1].as_ref()).expect("MODEL");
    let bar = |n: usize| args.get(n).map_or(0.0, |bar| bar.parse::<f64>().expect("a share"));
    let said = |record: &Value, name: &str| record[name].as_str().unwrap_or_default().to_owned();
    let clean = |record: &&Value| record["kind"] == "clean";
    let languages: BTreeSet<String> =
        records.iter().filter(clean).map(|record| said(record, "lang")).collect();
    let languages: Vec<String> = languages.into_iter().collect();
    let texts: Vec<&str> = records.iter().map(|record| record["text"].as_str().unwrap()).collect();
    let tried = outcomes(&texts, &model, &languages, &args[2]);
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    let mut kept: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (record, trial) in records.iter().zip(&tried) {
        let kind = kinds.entry(said(record, "kind")).or_default();
        kind.all += 1;
        if let Some(reason) = reason(trial) {
            kind.dropped += 1;
            *kind.reasons.entry(reason).or_default() += 1;
        } else if is_repaired(trial, record["clean"].as_str()) {
            kind.repaired += 1;
        } else {
            *kind.passed.entry(said(record, "lang")).or_default() += 1;
        }
        if clean(&record) {
            let (all, good) = kept.entry(said(record, "lang")).or_default();
            *all += 1;
            *good += usize::from(reason(trial).is_none());
        }
    }
    let failed = print_junk(&kinds, bar(3)) | print_clean(&kept, bar(4));
    let reasons: Vec<String> =
        kinds["clean"].reasons.iter().map(|(r, n)| format!("{r} {n}")).collect();
    println!("\nclean text dropped: {}", reasons.join(", "));
    std::process::exit(i32::from(failed));
}

fn share(part: usize, all: usize) -> f64 {
    part as f64 / all as f64
}

/// Whether a kind is below the bar.
fn print_junk(kinds: &BTreeMap<String, Kind>, bar: f64) -> bool {
    println!("| kind | texts | dropped | repaired | both | first reasons | passed |");
    println!("|---|---|---|---|---|---|---|");
    let mut failed = false;
    for (name, kind) in kinds.iter().filter(|(name, _)| *name != "clean") {
        let mut reasons: Vec<_> = kind.reasons.iter().collect();
        reasons.sort_by_key(|&(reason, n)| (std::cmp::Reverse(n), reason));
        let reasons: Vec<String> =
            reasons.iter().take(3).map(|(r, n)| format!("{r} {n}")).collect();
        let passed: Vec<String> = kind.passed.iter().map(|(l, n)| format!("{l} {n}")).collect();
        let both = share(kind.dropped + kind.repaired, kind.all);
        failed |= both < bar;
        println!(
            "| {name} | {} | {:.3} | {:.3} | {both:.3} | {} | {} |",
            kind.all,
            share(kind.dropped, kind.all),
            share(kind.repaired, kind.all),
            reasons.join(", "),
            passed.join(", "),
        );
    }
    failed
}

/// Whether a language is below the bar.
fn print_clean(kept: &BTreeMap<String, (usize, usize)>, bar: f64) -> bool {
    println!("\n| clean | texts | kept |\n|---|---|---|");
    let mut failed = false;
    for (language, (all, good)) in kept {
        failed |= share(*good, *all) < bar;
        println!("| {language} | {all} | {:.3} |", share(*good, *all));
    }
    failed
}

fn outcomes(texts: &[&str], model: &Model, languages: &[String], name: &str) -> Vec<Trial> {
    let with = |profile: &Profile| {
        let params = TrialParams {
            model,
            languages,
            threshold: 0.3,
            repairs: Repairs::ALL,
            profile,
            threads: 1,
        };
        trial(texts, &params).unwrap()
    };
    if name != "language" {
        return with(Profile::shipped(name).expect("PROFILE"));
    }
    let mut tried = with(Profile::shipped("junk").unwrap());
    for language in languages {
        let own = with(Profile::for_language_or_default(language));
        for (mine, other) in
            tried.iter_mut().zip(own).filter(|(mine, _)| mine.language == *language)
        {
            mine.verdict = other.verdict.or_else(|| mine.verdict.take());
        }
    }
    tried
}

fn reason(trial: &Trial) -> Option<String> {
    if !trial.wanted {
        return Some("language".into());
    }
    trial.verdict.as_ref().map(|verdict| format!("{}/{}", verdict.group, verdict.reason))
}

/// Whether the text after repairs is what it was, or as good: nine of ten neighbouring pairs of characters are the same.
fn is_repaired(trial: &Trial, clean: Option<&str>) -> bool {
    let (Some(text), Some(clean)) = (&trial.repaired, clean) else { return false };
    let pairs = |text: &str| {
        let letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut counts: BTreeMap<(char, char), i64> = BTreeMap::new();
        for pair in letters.windows(2) {
            *counts.entry((pair[0], pair[1])).or_default() += 1;
        }
        counts
    };
    let (ours, theirs) = (pairs(text), pairs(clean));
    let both: i64 =
        ours.iter().map(|(pair, n)| (*n).min(theirs.get(pair).copied().unwrap_or(0))).sum();
    let most = ours.values().sum::<i64>().max(theirs.values().sum());
    both * 10 >= most * 9
}

//! Compares our verdicts with those that `rules_parity_dump.py` recorded: `parity [BAD_WORDS] < RECORDS`.
//!
//! Prints one JSON object; `benches/peers/rules_parity.py` makes the table of it.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program of the benches")]

#[path = "../tests/datatrove/compare.rs"]
mod compare;

use std::collections::BTreeMap;
use std::fs;
use std::io::BufRead;

use compare::{Agreement, Comparison};
use gamayun_quality::Scratch;
use serde_json::{Value, json};

fn main() {
    let list = std::env::args().nth(1).map(|path| fs::read_to_string(path).unwrap());
    let list: Option<Vec<&str>> = list.as_ref().map(|list| list.lines().collect());
    let (mut all, mut scratch) = (Comparison::default(), Scratch::default());
    for line in std::io::stdin().lock().lines() {
        all.add(&serde_json::from_str(&line.unwrap()).unwrap(), list.as_deref(), &mut scratch);
    }
    println!(
        "{}",
        json!({
            "documents": all.documents,
            "undefined": all.undefined,
            "words_there": all.words_there,
            "words_here": all.words_here,
            "given": rows(&all.given),
            "own": rows(&all.own),
            "differences": all.differences,
        })
    );
}

fn rows(agreements: &BTreeMap<(String, String), Agreement>) -> Vec<Value> {
    let row = |((filter, reason), agreement): (&(String, String), &Agreement)| {
        let Agreement { documents, same_verdict, same_reason } = agreement;
        json!([filter, reason, documents, same_verdict, same_reason])
    };
    agreements.iter().map(row).collect()
}

//! Compares our numbers and verdicts with those that `rules_parity.py dump` recorded: `parity FOLDER`.
//!
//! Prints every difference, then one line per language.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program of the benches"
)]

#[path = "../tests/datatrove/compare.rs"]
mod compare;

use std::fs;

use compare::Comparison;
use gamayun_quality::Scratch;

fn main() {
    let folder = std::env::args().nth(1).expect("parity FOLDER");
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let all = Comparison::of_file(&path, &mut Scratch::default());
        all.differences.iter().for_each(|difference| println!("{difference}"));
        println!(
            "{}: documents {}, differ {}, undefined there {}, kept there {}, words there {} here {}; with our own words: same verdict {}, same reason {}",
            path.file_stem().unwrap().display(),
            all.documents,
            all.differences.len(),
            all.undefined,
            all.kept,
            all.words_there,
            all.words_here,
            all.same_verdict,
            all.same_reason,
        );
    }
}

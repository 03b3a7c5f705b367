//! Trains and tries models of fluency: `fluency train LANG OUT PROVENANCE FILES`, `fluency score MODEL` (texts on stdin, one JSON
//! string a line; prints a line of numbers for each).
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program of the benches"
)]

use std::io::BufRead;

use gamayun_quality::fluency::{Model, Scratch, TrainParams, train};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args[0].as_str() {
        "train" => {
            let sources: Vec<String> =
                args[4..].iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
            let params = TrainParams {
                language: args[1].clone(),
                provenance: args[3].clone(),
                ..TrainParams::default()
            };
            std::fs::write(&args[2], train(&sources, &params).unwrap().to_bytes()).unwrap();
        }
        "score" => {
            let model = Model::from_bytes(&std::fs::read(&args[1]).unwrap(), &args[1]).unwrap();
            let mut scratch = Scratch::default();
            for line in std::io::stdin().lock().lines() {
                let text: String = serde_json::from_str(&line.unwrap()).expect("a string");
                match model.score(&text, &mut scratch) {
                    Some(f) => println!(
                        "{} {} {} {} {}",
                        f.perplexity, f.relative, f.garbled, f.word_order, f.strange
                    ),
                    None => println!("nan nan nan nan nan"),
                }
            }
        }
        _ => {
            let model = Model::from_bytes(&std::fs::read(&args[1]).unwrap(), &args[1]).unwrap();
            let text = std::fs::read_to_string(&args[2]).unwrap();
            let mut scratch = Scratch::default();
            let start = std::time::Instant::now();
            let mut bytes = 0;
            let mut sum = 0.0;
            for _ in 0..10 {
                for part in text.as_bytes().chunks(4096) {
                    let part = String::from_utf8_lossy(part);
                    bytes += part.len();
                    sum += model.score(&part, &mut scratch).map_or(0.0, |f| f.perplexity);
                }
            }
            println!("{bytes} bytes, {:?}, {sum}", start.elapsed());
        }
    }
}

//! Times a model on the lines of a file, one thread: `speed MODEL TEXTS [PASSES [whole]]` prints megabytes a CPU second of each pass.

use std::error::Error;
use std::io::{Write, stdout};

use gamayun_language::{Model, Scratch};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, texts, rest @ ..] = &arguments[..] else {
        return Err("usage: speed MODEL TEXTS [PASSES [whole]]".into());
    };
    let passes: usize = rest.first().map_or(Ok(3), |n| n.parse())?;
    let whole = rest.get(1).is_some_and(|word| word == "whole");
    let model = Model::open(model.as_ref())?.reading_whole(whole);
    let texts = std::fs::read_to_string(texts)?;
    let (mut scratch, mut scores) = (Scratch::default(), Vec::new());
    for _ in 0..passes {
        let (start, mut found) = (cpu_seconds()?, 0_u64);
        for text in texts.lines() {
            model.predict(text, 3, &mut scratch, &mut scores);
            found += u64::from(scores.first().map_or(0, |score| score.probability.to_bits()));
        }
        #[expect(clippy::cast_precision_loss, reason = "megabytes")]
        let rate = texts.len() as f64 / 1e6 / (cpu_seconds()? - start);
        writeln!(stdout(), "{rate:.1} MB/s, check {found:x}")?;
    }
    Ok(())
}

/// What the process has computed for, where Linux counts it in nanoseconds.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let counted = std::fs::read_to_string("/proc/self/schedstat")?;
    Ok(counted.split(' ').next().unwrap_or_default().parse::<f64>()? / 1e9)
}

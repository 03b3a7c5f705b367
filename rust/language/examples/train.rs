//! Trains a model on text in fastText's form: `train INPUT OUTPUT DIM EPOCHS LR WORD_NGRAMS MIN_N MAX_N THREADS`.

use std::collections::BTreeMap;
use std::error::Error;

use gamayun_language::supervised::{Example, TrainParams, TrainSettings, train};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output, dim, epochs, rate, word_ngrams, min_n, max_n, threads] = &arguments[..]
    else {
        return Err(
            "usage: train INPUT OUTPUT DIM EPOCHS LR WORD_NGRAMS MIN_N MAX_N THREADS".into()
        );
    };
    let text = std::fs::read_to_string(input)?;
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut lines: Vec<(&str, Vec<u32>)> = Vec::new();
    for line in text.lines() {
        let (label, rest) = line.split_once(' ').unwrap_or((line, ""));
        let next = u32::try_from(numbers.len())?;
        let number = *numbers.entry(label.trim_start_matches("__label__")).or_insert(next);
        lines.push((rest, vec![number]));
    }
    let mut labels = vec![String::new(); numbers.len()];
    for (label, number) in &numbers {
        (*label).clone_into(&mut labels[*number as usize]);
    }
    let examples: Vec<Example<'_>> =
        lines.iter().map(|(text, labels)| Example { text, labels }).collect();
    let params = TrainParams::new(TrainSettings {
        dim: dim.parse()?,
        epochs: epochs.parse()?,
        learning_rate: rate.parse()?,
        word_ngrams: word_ngrams.parse()?,
        min_n: min_n.parse()?,
        max_n: max_n.parse()?,
        threads: threads.parse()?,
        ..TrainSettings::default()
    })?;
    Ok(train(&examples, &labels, &params, &mut ())?.write(output.as_ref())?)
}

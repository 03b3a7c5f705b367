//! Trains a language model of our own: `train_language LEARN.tsv HELD.tsv MODEL [FEATURES EPOCHS RATE BALANCE [FROM]]`; label first, text last.

use std::error::Error;
use std::fs;

use gamayun_language::{TrainParams, TrainText, refine, train};

fn rows(file: &str) -> Vec<TrainText<'_>> {
    file.lines()
        .filter_map(|line| {
            Some(TrainText { label: line.split('\t').next()?, text: line.rsplit('\t').next()? })
        })
        .collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [learn, held, model, rest @ ..] = &arguments[..] else {
        return Err(
            "usage: train_language LEARN.tsv HELD.tsv MODEL [FEATURES EPOCHS RATE BALANCE [FROM]]"
                .into(),
        );
    };
    let given = |n: usize, default: String| rest.get(n).cloned().unwrap_or(default);
    let params = TrainParams::new(
        given(0, TrainParams::FEATURES.to_string()).parse()?,
        given(1, TrainParams::EPOCHS.to_string()).parse()?,
        given(2, TrainParams::RATE.to_string()).parse()?,
        given(3, TrainParams::BALANCE.to_string()).parse()?,
        0,
    )?;
    let (learn, held) = (fs::read_to_string(learn)?, fs::read_to_string(held)?);
    let (learn, held) = (rows(&learn), rows(&held));
    let (_, bytes) = match rest.get(4) {
        Some(from) => refine(&fs::read(from)?, &learn, &held, "", &params, &mut ())?,
        None => train(&learn, &held, "", &params, &mut ())?,
    };
    Ok(fs::write(model, bytes)?)
}

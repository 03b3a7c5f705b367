//! Scores each line of standard input: `score MODEL K [whole] < TEXTS` prints labels and the bits of their probabilities.
//!
//! Each input line is one text in JSON-free form: `\n`, `\t`, `\0` and `\\` stand for these characters.

use std::error::Error;
use std::io::{BufRead, BufWriter, Write, stdin, stdout};

use gamayun_language::{Model, Scratch};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(k)) = (arguments.next(), arguments.next()) else {
        return Err("usage: score MODEL K [whole] < TEXTS".into());
    };
    let whole = arguments.next().is_some_and(|word| word == "whole");
    let (model, k) = (Model::open(path.as_ref())?.reading_whole(whole), k.parse()?);
    let (mut scratch, mut scores) = (Scratch::default(), Vec::new());
    let mut out = BufWriter::new(stdout().lock());
    for line in stdin().lock().lines() {
        model.predict(&unescape(&line?), k, &mut scratch, &mut scores);
        for score in &scores {
            let bits = score.probability.to_bits();
            write!(out, "{} {bits:08x}\t", model.label(score.label))?;
        }
        writeln!(out)?;
    }
    Ok(out.flush()?)
}

fn unescape(line: &str) -> String {
    let mut characters = line.chars();
    let mut text = String::with_capacity(line.len());
    while let Some(c) = characters.next() {
        text.push(match c {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some('0') => '\0',
                _ => '\\',
            },
            c => c,
        });
    }
    text
}

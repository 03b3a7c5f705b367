//! Measurements of junk, one line of numbers for each text: `measure_junk < FILE`, one JSON object a line with `text` and
//! `lang`. The first line names them.
#![expect(clippy::unwrap_used, reason = "a program of the benches")]

use std::io::{BufRead, Write};

use gamayun_quality::{MEASUREMENTS, Profile, Scratch, Segmenter, judge, measure, measure_junk};

fn main() {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut scratch = Scratch::default();
    for measurement in MEASUREMENTS {
        write!(out, "{} ", measurement.name).unwrap();
    }
    writeln!(out, "kept").unwrap();
    for line in std::io::stdin().lock().lines() {
        let record: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let (text, lang) = (record["text"].as_str().unwrap(), record["lang"].as_str().unwrap());
        let mut words = Vec::new();
        Segmenter::for_language(lang).segment(text, &mut words);
        let profile = Profile::for_language_or_default(lang);
        let mut measured = measure(text, &words, profile, &mut scratch);
        measure_junk(text, lang, &mut scratch, &mut measured);
        for value in measured.values {
            write!(out, "{value} ").unwrap();
        }
        writeln!(out, "{}", u8::from(judge(&measured.values, profile).is_none())).unwrap();
    }
}

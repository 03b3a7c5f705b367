//! Nanoseconds a byte of words and of measurements, by language: `… --example speed -- ROUNDS XX.jsonl…`.
//!
//! The stem of a file names the language of its texts. The best of the rounds counts; the sums tell whether two builds
//! measure the same.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use gamayun_quality::{Ordered, Profile, Scratch, Segmenter, measure_in_order};
use gamayun_text::hash::mix64;

/// Texts that are worked on between two looks at the clock.
const BATCH: usize = 64;

fn texts(path: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut texts = Vec::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let record: serde_json::Value = serde_json::from_str(line)?;
        let text = record["text"].as_str().ok_or("a record without text")?;
        texts.push(gamayun_text::normalise(text).0.into_owned());
    }
    Ok(texts)
}

/// What this thread has spent so far.
fn now() -> Duration {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = spent.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

#[derive(Clone, Copy)]
struct Spent {
    words: Duration,
    measures: Duration,
    sum: u64,
}

fn round(language: &str, texts: &[String], scratch: &mut Scratch) -> Spent {
    let segmenter = Segmenter::for_language(language);
    let profile = Profile::for_language_or_default(language);
    let mut spent = Spent { words: Duration::ZERO, measures: Duration::ZERO, sum: 0 };
    let mut words = vec![Vec::new(); BATCH];
    for texts in texts.chunks(BATCH) {
        let start = now();
        for (text, words) in texts.iter().zip(&mut words) {
            segmenter.segment(text, words);
        }
        let middle = now();
        for (text, words) in texts.iter().zip(&words) {
            let ordered = measure_in_order(text, words, profile, &segmenter, 0.5, scratch);
            spent.sum = sum(&ordered, words, spent.sum);
        }
        spent.words += middle.saturating_sub(start);
        spent.measures += now().saturating_sub(middle);
    }
    spent
}

fn sum(ordered: &Ordered, words: &[&str], mut sum: u64) -> u64 {
    for value in ordered.measured.values {
        sum = mix64(value.to_bits(), sum);
    }
    for word in words {
        sum = sum.rotate_left(5) ^ word.len() as u64;
    }
    for edit in ordered.lines.iter().flat_map(|lines| &lines.edits) {
        sum = mix64((edit.start as u64) << 32 | edit.end as u64, sum);
    }
    mix64(ordered.words, sum)
}

#[expect(clippy::cast_precision_loss, reason = "for the eye")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rounds, paths @ ..] = &arguments[..] else {
        return Err("expected ROUNDS FILES…".into());
    };
    let mut scratch = Scratch::default();
    let mut out = std::io::stdout();
    let (mut all_bytes, mut all) = (0.0, [0.0; 2]);
    for path in paths {
        let path = Path::new(path);
        let language = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("und");
        let texts = texts(path)?;
        let bytes = texts.iter().map(String::len).sum::<usize>() as f64;
        let mut best = round(language, &texts, &mut scratch);
        for _ in 1..rounds.parse()? {
            let spent = round(language, &texts, &mut scratch);
            best.words = best.words.min(spent.words);
            best.measures = best.measures.min(spent.measures);
        }
        let [words, measures] = [best.words, best.measures].map(|time| time.as_nanos() as f64);
        writeln!(
            out,
            "{language} {:6.2} MB: words {:6.2}, measures {:6.2} ns a byte; {:016x}",
            bytes / 1e6,
            words / bytes,
            measures / bytes,
            best.sum
        )?;
        all_bytes += bytes;
        all[0] += words;
        all[1] += measures;
    }
    writeln!(
        out,
        "all words {:.2}, measures {:.2} ns a byte",
        all[0] / all_bytes,
        all[1] / all_bytes
    )?;
    Ok(())
}

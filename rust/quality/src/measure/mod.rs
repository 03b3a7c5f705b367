//! A text and its words to measurements: the one place that touches text.

mod duplicated;
mod lines;
mod order;
mod pieces;
mod seen;
mod sieve;
mod symbols;
mod top;
mod words;

use crate::junk;
use crate::measurement::{Measured, Metric, ratio};
use crate::profile::Profile;
use duplicated::Duplicated;
pub use order::{Ordered, measure_in_order};
use pieces::Pieces;
use top::Top;
use words::Words;

/// Tables that are kept between documents, so that measuring allocates nothing.
///
/// About 200 bytes for each word of the longest document so far, and its text once.
#[derive(Debug, Default)]
pub struct Scratch {
    words: Words,
    top: Top,
    duplicated: Duplicated,
    pieces: Pieces,
    junk: junk::Scratch,
}

/// Measures one text.
///
/// `words` are its words for the rules ([`Segmenter`](crate::Segmenter), or those of another tool); `profile` gives
/// the stop words and the length of a short line. Formulas: `datatrove` 0.10.1, filters `gopher_repetition`,
/// `fineweb_quality` and `gopher_quality`. A ratio with a denominator of 0 is NaN.
/// Of more than 2^32 words only the first are looked up in tables.
pub fn measure(text: &str, words: &[&str], profile: &Profile, scratch: &mut Scratch) -> Measured {
    let mut measured = Measured::undefined();
    let characters = text.chars().count() as u64;
    #[expect(clippy::cast_precision_loss, reason = "counts of one document are below 2^53")]
    let mut count = |metric, value: u64| measured.set(metric, value as f64);
    count(Metric::Characters, characters);
    count(Metric::Words, words.len() as u64);
    lines::measure(
        text,
        characters,
        words.len() as u64,
        profile,
        &mut scratch.pieces,
        &mut measured,
    );
    symbols::measure(text, words.len() as u64, &mut measured);
    scratch.words.intern(text, words);
    scratch.words.measure(words, profile, &mut measured);
    scratch.top.measure(words, &scratch.words, characters, &mut measured);
    scratch.duplicated.measure(&scratch.words, characters, &mut measured);
    measured
}

/// Adds the measurements of junk and fluency, which need no words; `language` chooses the bundled model of fluency.
pub fn measure_junk(text: &str, language: &str, scratch: &mut Scratch, measured: &mut Measured) {
    junk::measure(text, language, &mut scratch.junk, measured);
}

/// Sets `metric` to `part / whole`.
fn set_ratio(measured: &mut Measured, metric: Metric, part: u64, whole: u64) {
    measured.set(metric, ratio(part, whole));
}

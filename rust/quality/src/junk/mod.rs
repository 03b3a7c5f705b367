//! Junk: what is measured of texts that are no texts, whatever their language and length.

mod kinds;
mod lines;
mod lorem;
mod lost;
mod markup;
mod repeats;
mod scan;

use crate::fluency::{self, Bucket};
use crate::measurement::{Measured, Metric, ratio};
use lines::LineCounts;
use scan::Counts;

pub(crate) use kinds::Kind;
pub use lost::add_lost_letters;

/// Fewer chunks make no list of key words.
const LIST: u64 = 30;

/// Tables that are kept between documents, so that measuring allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    seen: repeats::Seen,
    fluency: fluency::Scratch,
}

/// Sets the measurements of junk and fluency; `language` chooses the bundled model, if there is one.
pub(crate) fn measure(text: &str, language: &str, scratch: &mut Scratch, measured: &mut Measured) {
    let counts = Counts::of(text);
    characters(&counts, measured);
    words(&counts, text, measured);
    lines(&LineCounts::of(text), measured);
    let (repeated, all) = scratch.seen.repeats(text);
    measured.set(Metric::RepeatedText, ratio(repeated, all));
    if let Some(model) = fluency::shipped(language)
        && let Some(found) = model.score(text, &mut scratch.fluency)
    {
        fluent(&found, measured);
    }
}

fn characters(counts: &Counts, measured: &mut Measured) {
    for (metric, part, whole) in [
        (Metric::BrokenCharacters, counts.broken, counts.visible),
        (Metric::InvisibleCharacters, counts.invisible, counts.visible),
        (Metric::QuestionMarks, counts.questions, counts.visible),
        (Metric::Misread, counts.misread, counts.visible),
        (Metric::Letters, counts.letters, counts.visible),
        (Metric::Uppercase, counts.upper, counts.letters),
        (Metric::ScriptChanges, counts.changes, counts.pairs),
    ] {
        measured.set(metric, ratio(part, whole));
    }
}

fn words(counts: &Counts, text: &str, measured: &mut Measured) {
    let (lorem, all) = lorem::words(text);
    for (metric, part, whole) in [
        (Metric::MixedWords, counts.mixed, counts.words),
        (Metric::SingleLetters, counts.single, counts.chunks),
        (Metric::Commas, counts.commas, if counts.chunks < LIST { 0 } else { counts.chunks }),
        (Metric::Addresses, counts.urls, counts.visible),
        (Metric::LongChunks, counts.long, counts.visible),
        (Metric::Markup, markup::characters(text), counts.visible),
        (Metric::Lorem, lorem, all),
    ] {
        measured.set(metric, ratio(part, whole));
    }
}

fn lines(counts: &LineCounts, measured: &mut Measured) {
    measured.set(Metric::ConsentLines, ratio(counts.consent_bytes(), counts.bytes));
    measured.set(Metric::SplitWords, ratio(counts.split, counts.lines));
    if let Some((list, lines)) = counts.list_lines() {
        measured.set(Metric::ListLines, ratio(list, lines));
    }
}

fn fluent(found: &fluency::Fluency, measured: &mut Measured) {
    measured.set(Metric::Perplexity, found.perplexity);
    measured.set(Metric::RelativePerplexity, found.relative);
    measured.set(Metric::Garbled, found.garbled);
    measured.set(Metric::StrangeLetters, found.strange);
    measured.set(Metric::Direction, found.direction);
    measured.set(Metric::WordOrder, found.word_order);
    let bucket = match found.bucket {
        Bucket::Head => 0.0,
        Bucket::Middle => 1.0,
        Bucket::Tail => 2.0,
    };
    measured.set(Metric::PerplexityBucket, bucket);
}

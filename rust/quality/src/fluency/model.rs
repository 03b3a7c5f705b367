//! A model of a language, and what it says of a text.

use super::characters::{Characters, Letters};
use super::order::{Names, Order, Token};
use serde::{Deserialize, Serialize};

/// Texts of more bytes are judged by samples.
const WHOLE: usize = 8192;
/// Samples of a longer text, evenly spaced.
const SAMPLES: usize = 8;
/// Bytes of a sample.
const SAMPLE: usize = 1024;
/// A small n-gram model of one language. It exists only if it is whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(super) facts: Facts,
    pub(super) characters: Characters,
    pub(super) order: Option<Order>,
}

/// What a model says of itself, and what reference text costs under it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Facts {
    pub(super) language: String,
    /// Sources and licences of the training text, in prose.
    pub(super) provenance: String,
    /// Symbols of a stretch that is judged by itself.
    pub(super) window: u32,
    /// Half bits that a missing n-gram costs, by length.
    pub(super) penalties: Vec<u8>,
    /// Bits a symbol: a third of reference text costs no more; two thirds; and half.
    pub(super) head: f64,
    pub(super) tail: f64,
    pub(super) median: f64,
    /// Bits a symbol that nearly no stretch of reference text exceeds.
    pub(super) limit: f64,
    /// What passages of reference text say of the order of their words, in standard deviations.
    pub(super) typical_order: f64,
    /// Log2 of the buckets of the table of n-grams.
    pub(super) log_buckets: u32,
    /// The language is not written in Latin letters, so ASCII is not judged: code and foreign names.
    pub(super) ascii_is_foreign: bool,
    /// Names of classes of words; none where the language is written without spaces.
    #[serde(default)]
    pub(super) names: Option<Names>,
}

/// Thirds of reference text by what they cost, as `CCNet` divides the web (Wenzek et al. 2020).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// Like the most fluent third of reference text.
    Head,
    /// Between.
    Middle,
    /// Like the least fluent third, or worse.
    Tail,
}

/// What a model says of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fluency {
    /// Perplexity of a character: two to the power of the mean bits.
    pub perplexity: f64,
    /// The same over that of reference text in the middle.
    pub relative: f64,
    /// Share of the text's stretches that cost more than nearly all reference text.
    pub garbled: f64,
    /// Runs of letters beyond ASCII that the language hardly has, over all letters; NaN without letters.
    pub strange: f64,
    /// Bits a symbol that the text costs less than read backwards: about 0 or less in what is no text, whatever it
    /// speaks of. NaN where it is not known.
    pub direction: f64,
    /// How far the order of words is from chance: 0 in shuffled text, 1 in the middle of reference text; NaN where it is
    /// not known.
    pub word_order: f64,
    /// The third of reference text that costs as much.
    pub bucket: Bucket,
}

/// Working memory.
#[derive(Debug, Default)]
pub struct Scratch {
    word: String,
    backwards: String,
    tokens: Vec<Token>,
}

impl Model {
    /// The language (ISO 639-1, where there is one).
    #[must_use]
    pub fn language(&self) -> &str {
        &self.facts.language
    }

    /// What it was trained on, with licences.
    #[must_use]
    pub fn provenance(&self) -> &str {
        &self.facts.provenance
    }

    /// Scores a text; `None` if it is too short to be judged.
    ///
    /// Of a text of more than 8 KiB eight samples of 1 KiB are read, evenly spaced.
    #[must_use]
    pub fn score(&self, text: &str, scratch: &mut Scratch) -> Option<Fluency> {
        let (mut symbols, mut cost, mut windows, mut over) = (0_u32, 0_u32, 0_u32, 0_u32);
        let mut letters = Letters::default();
        scratch.tokens.clear();
        for sample in samples(text) {
            self.windows(sample, &mut letters, |count, half_bits| {
                (symbols, cost, windows) = (symbols + count, cost + half_bits, windows + 1);
                over += u32::from(bits(half_bits, count) > self.facts.limit);
            });
            if let Some(order) = &self.order {
                order.tokens(sample, &mut scratch.word, &mut scratch.tokens);
            }
        }
        // A text of less than five eighths of a stretch is not judged.
        if symbols * 8 < self.facts.window * 5 {
            return None;
        }
        let bits = bits(cost, symbols);
        let order = self.order.as_ref().and_then(|order| order.score(&scratch.tokens));
        Some(Fluency {
            perplexity: bits.exp2(),
            relative: (bits - self.facts.median).exp2(),
            garbled: f64::from(over) / f64::from(windows),
            strange: letters.strange_share(),
            direction: self.direction(text, &mut scratch.backwards),
            word_order: order.map_or(f64::NAN, |order| order / self.facts.typical_order),
            bucket: self.bucket(bits),
        })
    }

    /// What the beginning of the text costs backwards, less what it costs forwards.
    fn direction(&self, text: &str, backwards: &mut String) -> f64 {
        let beginning = &text[..text.floor_char_boundary(text.len().min(SAMPLE))];
        backwards.clear();
        backwards.extend(beginning.chars().rev());
        let mean = |text: &str| {
            let (mut symbols, mut cost) = (0, 0);
            self.windows(text, &mut Letters::default(), |count, half_bits| {
                (symbols, cost) = (symbols + count, cost + half_bits);
            });
            if symbols == 0 { f64::NAN } else { bits(cost, symbols) }
        };
        mean(backwards) - mean(beginning)
    }

    fn bucket(&self, bits: f64) -> Bucket {
        if bits <= self.facts.head {
            Bucket::Head
        } else if bits <= self.facts.tail {
            Bucket::Middle
        } else {
            Bucket::Tail
        }
    }

    /// Bits a symbol of each stretch of a text.
    pub(super) fn stretches(&self, text: &str, out: &mut Vec<f64>) {
        self.windows(text, &mut Letters::default(), |count, half_bits| {
            out.push(bits(half_bits, count));
        });
    }

    fn windows(&self, text: &str, letters: &mut Letters, take: impl FnMut(u32, u32)) {
        let Facts { window, ascii_is_foreign, .. } = self.facts;
        self.characters.windows(text, window, ascii_is_foreign, letters, take);
    }
}

fn bits(half_bits: u32, symbols: u32) -> f64 {
    f64::from(half_bits) / 2.0 / f64::from(symbols)
}

/// The text, or samples of a long one.
fn samples(text: &str) -> impl Iterator<Item = &str> {
    let (count, length) = if text.len() <= WHOLE { (1, text.len()) } else { (SAMPLES, SAMPLE) };
    let gap = if count == 1 { 0 } else { (text.len() - length) / (count - 1) };
    (0..count).map(move |n| {
        let start = text.floor_char_boundary(n * gap);
        &text[start..text.floor_char_boundary(start + length)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_lie_evenly_and_on_characters() {
        let text = "я".repeat(9000);
        let found: Vec<&str> = samples(&text).collect();
        assert_eq!(found.len(), SAMPLES);
        assert!(found.iter().all(|sample| (SAMPLE - 2..=SAMPLE).contains(&sample.len())));
        assert_eq!(samples("short").collect::<Vec<_>>(), ["short"]);
        assert_eq!(samples("").collect::<Vec<_>>(), [""]);
    }
}

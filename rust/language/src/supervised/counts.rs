//! How often each word occurs in the examples, and so the dictionary.

use gamayun_text::hash::hash64;
use hashbrown::HashTable;

use super::examples::{Example, chunks, joined};
use crate::dictionary::{Dictionary, END_OF_LINE, LABEL_PREFIX, Label};
use crate::error::{Error, Result};
use crate::features::separates;

/// Words and labels with their counts, in the order of the file: frequent ones first, of equal counts by their bytes.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) dictionary: Dictionary,
    /// Of each word.
    pub(super) counts: Vec<u64>,
    /// Words and labels of all examples, ends of lines among them.
    pub(super) tokens: u64,
    /// The place of each given label among those of the dictionary.
    pub(super) label_order: Vec<u32>,
}

/// The words of a text, up to one that ends a line; what looks like a label is none.
pub(super) fn words(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes()
        .split(|&byte| separates(byte))
        .take_while(|token| *token != END_OF_LINE)
        .filter(|token| !token.is_empty() && !token.starts_with(LABEL_PREFIX.as_bytes()))
}

#[derive(Default)]
struct Counter<'a> {
    table: HashTable<(&'a [u8], u64)>,
    tokens: u64,
}

impl<'a> Counter<'a> {
    fn add(&mut self, word: &'a [u8], n: u64) {
        let entry = self.table.entry(hash64(word), |e| e.0 == word, |e| hash64(e.0));
        entry.or_insert((word, 0)).into_mut().1 += n;
    }

    fn of(examples: &[Example<'a>]) -> Self {
        let mut counter = Self::default();
        for example in examples {
            let mut n = 1 + example.labels.len() as u64;
            for word in words(example.text) {
                counter.add(word, 1);
                n += 1;
            }
            counter.add(END_OF_LINE, 1);
            counter.tokens += n;
        }
        counter
    }
}

/// Counts the words of all examples on this many threads.
pub(super) fn count(
    examples: &[Example<'_>],
    labels: &[String],
    min_count: u64,
    threads: usize,
) -> Result<Counted> {
    let counters: Vec<Counter<'_>> = std::thread::scope(|scope| {
        let running: Vec<_> =
            chunks(examples, threads).map(|part| scope.spawn(move || Counter::of(part))).collect();
        running.into_iter().map(joined).collect()
    });
    let mut counters = counters.into_iter();
    let mut all = counters.next().unwrap_or_default();
    for other in counters {
        all.tokens += other.tokens;
        for (word, n) in other.table {
            all.add(word, n);
        }
    }
    let mut words: Vec<(&[u8], u64)> =
        all.table.into_iter().filter(|(_, n)| *n >= min_count).collect();
    words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let (label_order, named) = order_labels(examples, labels)?;
    if i32::try_from(words.len() + named.len()).is_err() {
        return Err(Error::TooManyWords { words: words.len() as u64 });
    }
    let counts = words.iter().map(|word| word.1).collect();
    let words: Vec<&[u8]> = words.into_iter().map(|word| word.0).collect();
    let dictionary = Dictionary::of_words(&words, named);
    Ok(Counted { dictionary, counts, tokens: all.tokens, label_order })
}

/// Labels by falling count, then by name; and where each of the given ones went.
fn order_labels(examples: &[Example<'_>], labels: &[String]) -> Result<(Vec<u32>, Vec<Label>)> {
    let mut counts = vec![0_i64; labels.len()];
    for label in examples.iter().flat_map(|example| example.labels) {
        let count = counts.get_mut(*label as usize);
        *count.ok_or(Error::UnknownLabel { label: *label, labels: labels.len() as u64 })? += 1;
    }
    if counts.iter().filter(|n| **n > 0).count() < 2 {
        return Err(Error::TooFewLabels { labels: labels.to_vec() });
    }
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|&a, &b| counts[b].cmp(&counts[a]).then(labels[a].cmp(&labels[b])));
    let mut places = vec![0; labels.len()];
    for (place, &label) in (0_u32..).zip(&order) {
        places[label] = place;
    }
    let named = order.iter().map(|&i| Label { name: labels[i].clone(), count: counts[i] });
    Ok((places, named.collect()))
}

//! Which words most documents of a language hold.

use std::collections::HashMap;

use crate::chars::Class;

/// Documents with fewer words say little of how common a word is.
const MIN_WORDS: usize = 50;
/// A stop word occurs in at least this share of the documents …
const SHARE: f64 = 0.4;
/// … and there are at most so many, the most common first.
const MOST: usize = 25;
/// Distinct words that are counted at once; then those of the fewest documents are forgotten.
const LIMIT: usize = 1 << 20;

/// Counts the documents in which each word occurs. Exact up to 2^20 distinct words; beyond, words are forgotten that came in
/// few documents so far, which none can be that 4 of 10 documents hold.
#[derive(Clone, Debug, Default)]
pub struct StopWordCounter {
    documents: u64,
    words: HashMap<Box<str>, u64>,
}

impl StopWordCounter {
    /// Counts the words of a document: those of letters alone, none of them upper case.
    pub fn add(&mut self, words: &[&str]) {
        if words.len() < MIN_WORDS {
            return;
        }
        let mut words: Vec<&str> =
            words.iter().copied().filter(|word| is_candidate(word)).collect();
        words.sort_unstable();
        words.dedup();
        self.documents += 1;
        for word in words {
            match self.words.get_mut(word) {
                Some(count) => *count += 1,
                None => drop(self.words.insert(word.into(), 1)),
            }
        }
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: Self) {
        self.documents += other.documents;
        for (word, count) in other.words {
            *self.words.entry(word).or_default() += count;
        }
        let mut least = 1;
        while self.words.len() > LIMIT {
            self.words.retain(|_, count| *count > least);
            least *= 2;
        }
    }

    /// The most common words with the share of documents that hold them, the most common first.
    ///
    /// `documents` are those of the reference; shares are of the long ones among them, if any are.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of documents are below 2^53")]
    pub fn most_common(&self, documents: u64) -> Vec<(String, f64)> {
        let whole = if self.documents > 0 { self.documents } else { documents.max(1) } as f64;
        let mut common: Vec<(&str, u64)> = self
            .words
            .iter()
            .map(|(word, &count)| (&**word, count))
            .filter(|(_, count)| *count as f64 >= SHARE * whole)
            .collect();
        common.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        common.truncate(MOST);
        common.into_iter().map(|(word, count)| (word.to_owned(), count as f64 / whole)).collect()
    }
}

fn is_candidate(word: &str) -> bool {
    let letter = |c| Class::of(c).is_letter();
    word.chars().all(letter)
        && word.chars().any(|c| Class::of(c).is_lower())
        && !word.chars().any(char::is_uppercase)
}

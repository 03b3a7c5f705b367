//! The n-grams of all items of all benchmarks, and the items of each.

use gamayun_text::shingle::{ShingleScratch, shingles};
use gamayun_text::{spaced, word_spans};

use super::filter::Filter;
use super::params::ContaminationParams;
use crate::{Error, Result, sorted_set};

/// Every n-gram of the items once, with the items that hold it.
///
/// An n-gram is known by its number: its place among the sorted hashes. About 24 bytes an n-gram, and 4 more for each
/// item that holds it; twice 16 while it is built.
#[derive(Clone, Debug)]
pub struct ItemIndex {
    params: ContaminationParams,
    grams: Vec<u64>,
    /// The first n-gram at or above each value of the top bits, and the end.
    directory: Vec<u32>,
    shift: u32,
    filter: Filter,
    /// Where the items of each n-gram begin among `items_of`, and the end.
    starts: Vec<usize>,
    items_of: Vec<u32>,
    /// n-grams of each item; 0 of one that is too short.
    lengths: Vec<u32>,
    /// Whether the words of each item are single characters.
    by_characters: Vec<bool>,
}

/// Buffers that are kept from one text to the next.
#[derive(Clone, Debug, Default)]
pub struct HitScratch {
    shingles: ShingleScratch,
    hashes: Vec<u64>,
    hits: Vec<u32>,
}

impl ItemIndex {
    /// The index of these items, which are taken to be normalised; an item is known by its place.
    pub fn new(items: &[&str], params: ContaminationParams) -> Result<Self> {
        let mut pairs: Vec<(u64, u32)> = Vec::new();
        let mut lengths = Vec::with_capacity(items.len());
        let by_characters = items.iter().map(|text| is_by_characters(text)).collect();
        let mut scratch = (ShingleScratch::default(), Vec::new());
        for (item, text) in items.iter().enumerate() {
            shingles(text, params.ngram(), &mut scratch.0, &mut scratch.1);
            let is_short = word_count(text, &params, &mut scratch) < params.minimum_words();
            let set = if is_short { Vec::new() } else { sorted_set(scratch.1.clone()) };
            lengths.push(number(set.len(), "n-grams of an item")?);
            let item = number(item, "items")?;
            pairs.extend(set.into_iter().map(|gram| (gram, item)));
        }
        pairs.sort_unstable();
        Self::of_pairs(&pairs, lengths, by_characters, params)
    }

    fn of_pairs(
        pairs: &[(u64, u32)],
        lengths: Vec<u32>,
        by_characters: Vec<bool>,
        params: ContaminationParams,
    ) -> Result<Self> {
        let (mut grams, mut starts) = (Vec::new(), Vec::new());
        for (place, (gram, _)) in pairs.iter().enumerate() {
            if grams.last() != Some(gram) {
                grams.push(*gram);
                starts.push(place);
            }
        }
        starts.push(pairs.len());
        number(grams.len(), "n-grams")?;
        let bits = grams.len().next_power_of_two().max(2).trailing_zeros();
        let shift = 64 - bits;
        let mut directory = Vec::with_capacity((1 << bits) + 1);
        for top in 0..1_u64 << bits {
            let first = grams.partition_point(|gram| gram >> shift < top);
            directory.push(number(first, "n-grams")?);
        }
        directory.push(number(grams.len(), "n-grams")?);
        let filter = Filter::of(&grams);
        let items_of = pairs.iter().map(|(_, item)| *item).collect();
        Ok(Self {
            params,
            grams,
            directory,
            shift,
            filter,
            starts,
            items_of,
            lengths,
            by_characters,
        })
    }

    /// What it was made with.
    #[must_use]
    pub fn params(&self) -> &ContaminationParams {
        &self.params
    }

    /// Different n-grams.
    #[must_use]
    pub fn grams(&self) -> usize {
        self.grams.len()
    }

    /// Items, those that are too short included.
    #[must_use]
    pub fn items(&self) -> usize {
        self.lengths.len()
    }

    /// Different n-grams of an item; 0 if it is too short.
    #[must_use]
    pub fn item_grams(&self, item: u32) -> u32 {
        self.lengths[item as usize]
    }

    /// True for an item of fewer words than the least.
    #[must_use]
    pub fn is_too_short(&self, item: usize) -> bool {
        self.lengths[item] == 0
    }

    /// True for an item whose words are single characters, as those of Chinese and Japanese are.
    #[must_use]
    pub fn is_by_characters(&self, item: u32) -> bool {
        self.by_characters[item as usize]
    }

    /// Bytes that the index holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.grams.len() * 8
            + self.starts.len() * 8
            + (self.directory.len() + self.items_of.len() + self.lengths.len()) * 4
            + self.by_characters.len()
            + self.filter.bytes()
    }

    /// Numbers of the n-grams of this index that a normalised text has: ascending, each once.
    ///
    /// Of a text by characters those by words too, of what has words: an English item stands in a Chinese page as well.
    pub fn hits<'s>(&self, text: &str, scratch: &'s mut HitScratch) -> &'s [u32] {
        let HitScratch { shingles: words, hashes, hits } = scratch;
        let by_words = spaced(text);
        hits.clear();
        for text in std::iter::once(text).chain(by_words.as_deref()) {
            shingles(text, self.params.ngram(), words, hashes);
            hits.extend(
                hashes
                    .iter()
                    .filter(|hash| self.filter.may_hold(**hash))
                    .filter_map(|hash| self.number(*hash)),
            );
        }
        hits.sort_unstable();
        hits.dedup();
        hits
    }

    /// The n-grams of this index that a text has as it is, in order: the first word of each, and its number.
    #[must_use]
    pub fn places(&self, text: &str) -> Vec<(usize, u32)> {
        let mut hashes = Vec::new();
        shingles(text, self.params.ngram(), &mut ShingleScratch::default(), &mut hashes);
        let found = hashes.iter().map(|hash| self.number(*hash)).enumerate();
        found.filter_map(|(word, gram)| gram.map(|gram| (word, gram))).collect()
    }

    /// True if the item holds the n-gram.
    #[must_use]
    pub fn holds(&self, item: u32, gram: u32) -> bool {
        self.items_of(gram).binary_search(&item).is_ok()
    }

    /// The items that hold an n-gram, ascending.
    #[inline]
    pub(crate) fn items_of(&self, gram: u32) -> &[u32] {
        let gram = gram as usize;
        &self.items_of[self.starts[gram]..self.starts[gram + 1]]
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "below the number of n-grams, a u32")]
    fn number(&self, hash: u64) -> Option<u32> {
        let top = (hash >> self.shift) as usize;
        let first = self.directory[top];
        let range = first as usize..self.directory[top + 1] as usize;
        self.grams[range].iter().position(|gram| *gram == hash).map(|place| first + place as u32)
    }
}

fn is_by_characters(text: &str) -> bool {
    word_spans(text).into_iter().all(|word| text[word].chars().nth(1).is_none())
}

/// The words of a text whose shingles are in `scratch`: n words and fewer give one shingle, each further word one more.
fn word_count(
    text: &str,
    params: &ContaminationParams,
    scratch: &mut (ShingleScratch, Vec<u64>),
) -> usize {
    if scratch.1.len() != 1 {
        let shingles = scratch.1.len();
        return if shingles == 0 { 0 } else { shingles - 1 + params.ngram() };
    }
    let mut words = Vec::new();
    shingles(text, 1, &mut scratch.0, &mut words);
    words.len()
}

fn number(value: usize, what: &'static str) -> Result<u32> {
    u32::try_from(value).map_err(|_| Error::Parameter {
        parameter: what,
        found: value.to_string(),
        expected: "fewer than 2^32",
    })
}

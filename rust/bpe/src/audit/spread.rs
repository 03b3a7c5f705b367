//! Where tokens occur: in how many documents, in which one most, and how often in each source.

use std::collections::BTreeMap;

/// The occurrences of each id over documents of several sources and languages. Holds 48 bytes an id, and 8 for each source
/// and each language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    documents: Vec<u64>,
    /// The most occurrences in one document, and its identity: of equal ones the least.
    most: Vec<(u64, u128)>,
    sources: BTreeMap<String, Vec<u64>>,
    languages: BTreeMap<String, Vec<u64>>,
    /// Tokens of each language in each source.
    tokens: BTreeMap<(String, String), u64>,
}

/// The document that a spread hears of.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its language.
    pub language: &'a str,
    /// Its source.
    pub source: &'a str,
    /// Its identity.
    pub document: u128,
}

/// A token most of whose occurrences come from one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Concentrated {
    /// The token.
    pub id: u32,
    /// How often it occurs.
    pub count: u64,
    /// Documents that have it.
    pub documents: u64,
    /// The source that has most of it.
    pub source: String,
    /// That source's share of its occurrences.
    pub source_share: f64,
    /// The share that the source would have by its share of all tokens of the token's languages.
    pub expected_share: f64,
    /// The document that has most of it.
    pub document: u128,
    /// That document's share of its occurrences.
    pub document_share: f64,
}

impl Spread {
    /// Hears of a document: how often each id occurs in it.
    pub fn add(&mut self, place: Place<'_>, counts: &[(u32, u32)]) {
        let end = counts.iter().map(|&(id, _)| id as usize + 1).max().unwrap_or(0);
        if end > self.documents.len() {
            self.documents.resize(end, 0);
            self.most.resize(end, (0, 0));
        }
        let source = named(&mut self.sources, place.source, end);
        let language = named(&mut self.languages, place.language, end);
        let mut tokens = 0;
        for &(id, count) in counts {
            let (at, count) = (id as usize, u64::from(count));
            self.documents[at] += 1;
            self.most[at] = more(self.most[at], (count, place.document));
            source[at] += count;
            language[at] += count;
            tokens += count;
        }
        let pair = (place.language.to_owned(), place.source.to_owned());
        *self.tokens.entry(pair).or_default() += tokens;
    }

    /// Adds what another spread heard of other documents.
    pub fn merge(&mut self, other: &Self) {
        let end = other.documents.len();
        if end > self.documents.len() {
            self.documents.resize(end, 0);
            self.most.resize(end, (0, 0));
        }
        sum(&mut self.documents, &other.documents);
        for (mine, &theirs) in self.most.iter_mut().zip(&other.most) {
            *mine = more(*mine, theirs);
        }
        for (name, counts) in &other.sources {
            sum(named(&mut self.sources, name, counts.len()), counts);
        }
        for (name, counts) in &other.languages {
            sum(named(&mut self.languages, name, counts.len()), counts);
        }
        for (pair, tokens) in &other.tokens {
            *self.tokens.entry(pair.clone()).or_default() += tokens;
        }
    }

    /// Where each id that occurs does, by rising id.
    pub fn places(&self) -> impl Iterator<Item = Concentrated> {
        let shares = self.shares();
        (0..).take(self.documents.len()).filter_map(move |id| self.place(id, &shares))
    }

    /// The ids that occur at least `least` times, of which one document has at least `share`, or one source that would have
    /// less than half by its share of the token's languages. The most frequent first.
    #[must_use]
    pub fn concentrated(&self, least: u64, share: f64) -> Vec<Concentrated> {
        let mut found: Vec<_> =
            self.places().filter(|one| one.count >= least && one.is_concentrated(share)).collect();
        found.sort_by_key(|one| (std::cmp::Reverse(one.count), one.id));
        found
    }

    /// Of each source: its share of each language, in the order of `languages`.
    fn shares(&self) -> BTreeMap<&str, Vec<f64>> {
        let mut totals: BTreeMap<&str, u64> = BTreeMap::new();
        for ((language, _), tokens) in &self.tokens {
            *totals.entry(language).or_default() += tokens;
        }
        let share = |language: &String, source: &String| {
            let tokens = self.tokens.get(&(language.clone(), source.clone()));
            ratio(tokens.copied().unwrap_or(0), totals.get(&**language).copied().unwrap_or(0))
        };
        let of = |source| self.languages.keys().map(|language| share(language, source)).collect();
        self.sources.keys().map(|source| (&**source, of(source))).collect()
    }

    fn place(&self, id: u32, shares: &BTreeMap<&str, Vec<f64>>) -> Option<Concentrated> {
        let at = id as usize;
        let count_in = |counts: &Vec<u64>| counts.get(at).copied().unwrap_or(0);
        let mut best: Option<(&str, u64)> = None;
        for (name, counts) in &self.sources {
            let count = count_in(counts);
            if count > best.map_or(0, |(_, most)| most) {
                best = Some((name, count));
            }
        }
        let (source, most) = best?;
        let count = self.languages.values().map(count_in).sum();
        let expected = self.languages.values().zip(&shares[source]);
        let (in_document, document) = self.most[at];
        Some(Concentrated {
            id,
            count,
            documents: self.documents[at],
            source: source.to_owned(),
            source_share: ratio(most, count),
            expected_share: expected.map(|(mine, of)| ratio(count_in(mine), count) * of).sum(),
            document,
            document_share: ratio(in_document, count),
        })
    }
}

impl Concentrated {
    fn is_concentrated(&self, share: f64) -> bool {
        let by_source = self.source_share >= share && self.expected_share < 0.5;
        by_source || self.document_share >= share
    }
}

/// The greater count; of equal ones that of the lesser document.
fn more(one: (u64, u128), other: (u64, u128)) -> (u64, u128) {
    let other_wins = other.0 > one.0 || (other.0 == one.0 && other.1 < one.1);
    if other_wins { other } else { one }
}

fn named<'m>(map: &'m mut BTreeMap<String, Vec<u64>>, name: &str, end: usize) -> &'m mut Vec<u64> {
    let counts = map.entry(name.to_owned()).or_default();
    if counts.len() < end {
        counts.resize(end, 0);
    }
    counts
}

fn sum(mine: &mut [u64], theirs: &[u64]) {
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        *mine += theirs;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share is shown with a few digits")]
fn ratio(of: u64, to: u64) -> f64 {
    if to == 0 { 0.0 } else { of as f64 / to as f64 }
}

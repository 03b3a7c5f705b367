//! Exact substrings: which bytes of a text repeat a long enough stretch of text that stays elsewhere.
//!
//! A window is any `n` consecutive bytes. The first of equal windows, by document and offset, is the source of the others. To find
//! equal windows without a record for each, [`anchors`] samples positions by a local rule (winnowing: Schleimer, Wilkerson and
//! Aiken 2003): equal windows hold an equal anchor at the same place, so only the windows around anchors that
//! occur twice, [`windows_around`], have to be compared. [`Repeats`] takes documents in order and decides what goes; what a
//! removal rests on is never removed.

use std::ops::Range;

/// Odd, so that no byte is lost; of splitmix64.
const BASE: u64 = 0xBF58_476D_1CE4_E5B9;

/// Bytes of an anchor for windows of `n` bytes.
fn anchor_bytes(n: usize) -> usize {
    (n / 2).max(1)
}

/// The anchors of a text for windows of `n` bytes: hash and place of the least k-gram of each window, k = n / 2.
///
/// About 4 in `n` positions of text are anchors.
#[must_use]
pub fn anchors(text: &[u8], n: usize) -> Vec<(u64, usize)> {
    let k = anchor_bytes(n);
    let mut found: Vec<(u64, usize)> = Vec::new();
    if n == 0 || text.len() < n {
        return found;
    }
    let width = n - k + 1; // k-grams of a window
    let mut grams = Grams::new(text, k);
    let mut values = Vec::with_capacity(width + BLOCK);
    grams.next(width, &mut values);
    let mut first = 0; // the place of the first of the values
    let mut least = last_least(&values, 0);
    found.push(least);
    loop {
        // The windows of the values that are left are behind.
        let behind = values.len() - width + 1;
        values.drain(..behind);
        first += behind;
        let known = values.len();
        grams.next(BLOCK, &mut values);
        if values.len() == known {
            return found;
        }
        for (at, &value) in values.iter().enumerate().skip(known) {
            let place = first + at;
            // Of equal values the last stays: the choice depends on the window alone.
            if value <= least.0 {
                least = (value, place);
            } else if least.1 + width <= place {
                least = last_least(&values[at + 1 - width..=at], place + 1 - width);
            } else {
                continue;
            }
            found.push(least);
        }
    }
}

/// k-grams whose values are held beside those of a window.
const BLOCK: usize = 4096;

/// The least of the values, which begin at a place, and where the last one of it is.
fn last_least(values: &[u64], place: usize) -> (u64, usize) {
    let least = values.iter().fold(u64::MAX, |least, value| least.min(*value));
    let at = values.iter().rposition(|value| *value == least).unwrap_or_default();
    (least, place + at)
}

/// The values of the k-grams of a text, in order: a rolling hash, mixed.
struct Grams<'a> {
    text: &'a [u8],
    k: usize,
    /// What a byte weighs when it leaves.
    last: u64,
    hash: u64,
    at: usize,
}

impl<'a> Grams<'a> {
    fn new(text: &'a [u8], k: usize) -> Self {
        let push =
            |hash: u64, byte: &u8| hash.wrapping_mul(BASE).wrapping_add(u64::from(*byte) + 1);
        let hash = text.iter().take(k - 1).fold(0, push);
        let last = (0..k).fold(1u64, |power, _| power.wrapping_mul(BASE));
        Self { text, k, last, hash, at: 0 }
    }

    /// Appends the values of as many k-grams, or of those that are left.
    fn next(&mut self, count: usize, out: &mut Vec<u64>) {
        let end = (self.text.len() + 1).saturating_sub(self.k).min(self.at + count);
        let entering = &self.text[self.at + self.k - 1..end + self.k - 1];
        for (place, &byte) in (self.at..end).zip(entering) {
            let leaving = place.checked_sub(1).map_or(0, |before| u64::from(self.text[before]) + 1);
            // What enters and leaves is put together first: the hash itself waits for one product.
            let change = (u64::from(byte) + 1).wrapping_sub(leaving.wrapping_mul(self.last));
            self.hash = self.hash.wrapping_mul(BASE).wrapping_add(change);
            out.push(gamayun_text::hash::mix64(self.hash, 0));
        }
        self.at = end;
    }
}

/// Where the windows of `n` bytes begin that hold one of these anchors, given in order; disjoint and ascending.
#[must_use]
pub fn windows_around(places: &[usize], length: usize, n: usize) -> Vec<Range<usize>> {
    let reach = n - anchor_bytes(n);
    let mut found: Vec<Range<usize>> = Vec::new();
    for &place in places {
        let end = (place + 1).min((length + 1).saturating_sub(n));
        let start = place.saturating_sub(reach);
        match found.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ if start < end => found.push(start..end),
            _ => {}
        }
    }
    found
}

/// A window of the document at hand that equals a window before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// Where it begins.
    pub at: u64,
    /// The document of the first equal window, by its place in the order.
    pub source: u64,
    /// Where that window begins.
    pub source_at: u64,
}

/// Bytes that go, and where the same bytes stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The bytes.
    pub bytes: Range<u64>,
    /// The document that keeps them.
    pub source: u64,
    /// Where they begin in it.
    pub source_at: u64,
}

/// Decides what goes, document by document in their order.
///
/// Memory: 16 bytes a removal and 16 a document that loses some.
#[derive(Debug, Default)]
pub struct Repeats {
    n: u64,
    documents: Vec<(u64, usize)>,
    removed: Vec<Range<u64>>,
}

/// Windows whose sources lie side by side too: bytes `start..end`, and where the same bytes begin in the source.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    start: u64,
    end: u64,
    source: u64,
    source_at: u64,
}

impl Repeats {
    /// For windows of `n` bytes.
    #[must_use]
    pub fn new(n: u64) -> Self {
        Self { n, ..Self::default() }
    }

    /// Bytes of memory that are held.
    #[must_use]
    pub fn memory(&self) -> u64 {
        16 * (self.documents.capacity() + self.removed.capacity()) as u64
    }

    /// What goes of the next document that has repeats, which come in ascending order; the removals are in order, without overlaps.
    ///
    /// Only what is whole in its source goes. Sources within the document itself stay, whatever else repeats them.
    pub fn decide(
        &mut self,
        document: u64,
        repeats: impl IntoIterator<Item = Repeat>,
    ) -> Vec<Removal> {
        let stretches = self.stretches(repeats);
        let mut own: Vec<Range<u64>> = stretches
            .iter()
            .filter(|stretch| stretch.source == document)
            .map(|s| s.source_at..s.source_at + (s.end - s.start))
            .collect();
        own.sort_unstable_by_key(|range| range.start);
        let mut whole: Vec<Stretch> = Vec::new();
        for stretch in stretches {
            if stretch.source == document {
                whole.push(stretch);
            } else {
                self.whole_in_source(stretch, &mut whole);
            }
        }
        whole.sort_unstable_by_key(|s| (s.start, std::cmp::Reverse(s.end), s.source, s.source_at));
        let removals = cover(&whole, &own);
        if !removals.is_empty() {
            self.documents.push((document, self.removed.len()));
            self.removed.extend(removals.iter().map(|removal| removal.bytes.clone()));
        }
        removals
    }

    fn stretches(&self, repeats: impl IntoIterator<Item = Repeat>) -> Vec<Stretch> {
        let mut found: Vec<Stretch> = Vec::new();
        for Repeat { at, source, source_at } in repeats {
            match found.last_mut() {
                Some(last)
                    if last.source == source
                        && at + self.n == last.end + 1
                        && source_at + last.start == last.source_at + at =>
                {
                    last.end += 1;
                }
                _ => found.push(Stretch { start: at, end: at + self.n, source, source_at }),
            }
        }
        found
    }

    /// What was removed of an earlier document.
    fn removed(&self, document: u64) -> &[Range<u64>] {
        let place = self.documents.partition_point(|&(other, _)| other < document);
        match self.documents.get(place) {
            Some(&(other, from)) if other == document => {
                let to = self.documents.get(place + 1).map_or(self.removed.len(), |next| next.1);
                &self.removed[from..to]
            }
            _ => &[],
        }
    }

    /// The pieces of a stretch, of a window at least, that its source still has in one piece.
    fn whole_in_source(&self, stretch: Stretch, out: &mut Vec<Stretch>) {
        let end = stretch.source_at + (stretch.end - stretch.start);
        let removed = self.removed(stretch.source);
        let first = removed.partition_point(|range| range.end <= stretch.source_at);
        let gaps = removed[first..].iter().take_while(|range| range.start < end);
        let mut from = stretch.source_at;
        for gap in gaps.chain([&(end..end)]) {
            if gap.start >= from + self.n {
                let start = stretch.start + (from - stretch.source_at);
                out.push(Stretch {
                    start,
                    end: start + (gap.start - from),
                    source: stretch.source,
                    source_at: from,
                });
            }
            from = from.max(gap.end);
        }
    }
}

/// Removals that cover what the stretches cover, sorted by start, but for what is kept; each within one stretch, as few as can be.
fn cover(stretches: &[Stretch], kept: &[Range<u64>]) -> Vec<Removal> {
    let mut removals = Vec::new();
    let (mut at, mut next, mut keep, mut best) = (0, 0, 0, None::<Stretch>);
    loop {
        while let Some(stretch) = stretches.get(next).filter(|stretch| stretch.start <= at) {
            if best.is_none_or(|best| stretch.end > best.end) {
                best = Some(*stretch);
            }
            next += 1;
        }
        let Some(stretch) = best.filter(|best| best.end > at) else {
            let Some(stretch) = stretches.get(next) else { return removals };
            at = stretch.start;
            continue;
        };
        while kept.get(keep).is_some_and(|range| range.end <= at) {
            keep += 1;
        }
        let wall = kept.get(keep).filter(|range| range.start < stretch.end);
        if let Some(wall) = wall.filter(|range| range.start <= at) {
            at = wall.end;
            continue;
        }
        let end = wall.map_or(stretch.end, |range| range.start);
        removals.push(Removal {
            bytes: at..end,
            source: stretch.source,
            source_at: stretch.source_at + (at - stretch.start),
        });
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// (document, offset) of every window and of the first equal one, by looking at all windows.
    fn naive(texts: &[String], n: usize) -> Vec<(u64, Repeat)> {
        let mut first: BTreeMap<&[u8], (u64, u64)> = BTreeMap::new();
        let mut found = Vec::new();
        for (document, text) in (0..).zip(texts) {
            for (at, window) in (0..).zip(text.as_bytes().windows(n)) {
                match first.get(window) {
                    Some(&(source, source_at)) => {
                        found.push((document, Repeat { at, source, source_at }));
                    }
                    None => {
                        first.insert(window, (document, at));
                    }
                }
            }
        }
        found
    }

    /// The same through anchors.
    fn sampled(texts: &[String], n: usize) -> Vec<(u64, Repeat)> {
        let mut seen: BTreeMap<u64, u64> = BTreeMap::new();
        for text in texts {
            for (hash, _) in anchors(text.as_bytes(), n) {
                *seen.entry(hash).or_default() += 1;
            }
        }
        let mut windows: Vec<(&[u8], u64, usize)> = Vec::new();
        for (document, text) in (0..).zip(texts) {
            let text = text.as_bytes();
            let places: Vec<usize> = anchors(text, n)
                .into_iter()
                .filter(|(hash, _)| seen[hash] > 1)
                .map(|(_, place)| place)
                .collect();
            for at in windows_around(&places, text.len(), n).into_iter().flatten() {
                windows.push((&text[at..at + n], document, at));
            }
        }
        windows.sort_unstable();
        let mut found = Vec::new();
        for same in windows.chunk_by(|a, b| a.0 == b.0) {
            let (_, source, source_at) = same[0];
            found.extend(same[1..].iter().map(|&(_, document, at)| {
                (document, Repeat { at: at as u64, source, source_at: source_at as u64 })
            }));
        }
        found.sort_unstable_by_key(|&(document, repeat)| (document, repeat.at));
        found
    }

    fn decide(texts: &[String], n: usize) -> Vec<Vec<Removal>> {
        let links = sampled(texts, n);
        let mut repeats = Repeats::new(n as u64);
        (0..texts.len() as u64)
            .map(|document| {
                let own = links.iter().filter(|link| link.0 == document).map(|link| link.1);
                repeats.decide(document, own)
            })
            .collect()
    }

    /// Which bytes go, byte by byte.
    fn twin(texts: &[String], n: usize) -> Vec<Vec<bool>> {
        let links = naive(texts, n);
        let mut gone: Vec<Vec<bool>> = texts.iter().map(|text| vec![false; text.len()]).collect();
        for document in 0..texts.len() {
            let own: Vec<Repeat> =
                links.iter().filter(|l| l.0 == document as u64).map(|l| l.1).collect();
            let mut kept = vec![false; texts[document].len()];
            let place = |at: u64| usize::try_from(at).unwrap();
            for repeat in own.iter().filter(|repeat| repeat.source == document as u64) {
                kept[place(repeat.source_at)..][..n].fill(true);
            }
            let mut goes = vec![false; texts[document].len()];
            for repeat in &own {
                let source = &gone[place(repeat.source)][place(repeat.source_at)..][..n];
                if repeat.source == document as u64 || !source.contains(&true) {
                    goes[place(repeat.at)..][..n].fill(true);
                }
            }
            gone[document] = goes.iter().zip(&kept).map(|(goes, kept)| *goes && !*kept).collect();
        }
        gone
    }

    fn check(texts: &[String], n: usize) {
        assert_eq!(sampled(texts, n), naive(texts, n), "{texts:?}");
        let removals = decide(texts, n);
        let twin = twin(texts, n);
        for ((text, removals), gone) in texts.iter().zip(&removals).zip(&twin) {
            let mut found = vec![false; text.len()];
            let mut last = 0;
            for removal in removals {
                assert!(removal.bytes.start >= last && removal.bytes.end > removal.bytes.start);
                last = removal.bytes.end;
                let range = |start: u64, length: u64| {
                    usize::try_from(start).unwrap()..usize::try_from(start + length).unwrap()
                };
                let length = removal.bytes.end - removal.bytes.start;
                found[range(removal.bytes.start, length)].fill(true);
                let source = usize::try_from(removal.source).unwrap();
                let stays = range(removal.source_at, length);
                assert!(!twin[source][stays.clone()].contains(&true), "the source is whole");
                assert_eq!(
                    texts[source].as_bytes()[stays],
                    text.as_bytes()[range(removal.bytes.start, length)]
                );
            }
            assert_eq!(&found, gone, "{texts:?}");
        }
    }

    #[test]
    fn a_run_of_one_byte_keeps_one_window() {
        let texts = ["a".repeat(1000), format!("b{}", "a".repeat(500))];
        check(&texts, 20);
        let removals = decide(&texts, 20);
        assert_eq!(removals[0][0].bytes, 20..40);
        assert_eq!(removals[0].iter().map(|r| r.bytes.end - r.bytes.start).sum::<u64>(), 980);
        assert_eq!(removals[1].iter().map(|r| r.bytes.end - r.bytes.start).sum::<u64>(), 500);
    }

    #[test]
    fn anchors_are_few() {
        let text: Vec<u8> =
            (0..20_000u64).map(|n| gamayun_text::hash::mix64(n, 1).to_le_bytes()[0]).collect();
        let places: BTreeSet<usize> = anchors(&text, 200).into_iter().map(|a| a.1).collect();
        assert!((250..600).contains(&places.len()), "{}", places.len());
    }

    /// The last least k-gram of each window, by hashing each again.
    fn slow_anchors(text: &[u8], n: usize) -> Vec<(u64, usize)> {
        let k = anchor_bytes(n);
        let value = |gram: &[u8]| {
            let push = |hash: u64, b: &u8| hash.wrapping_mul(BASE).wrapping_add(u64::from(*b) + 1);
            gamayun_text::hash::mix64(gram.iter().fold(0, push), 0)
        };
        let mut found: Vec<(u64, usize)> = Vec::new();
        for (start, window) in text.windows(n).enumerate() {
            let grams = window.windows(k).map(value).enumerate();
            let least = grams.min_by_key(|&(at, v)| (v, std::cmp::Reverse(at))).unwrap();
            let least = (least.1, start + least.0);
            if found.last() != Some(&least) {
                found.push(least);
            }
        }
        found
    }

    #[test]
    fn anchors_are_those_of_the_definition_over_blocks() {
        let text: Vec<u8> = (0..20_000u64)
            .map(|n| gamayun_text::hash::mix64(n / 7, 1).to_le_bytes()[0] % 3 + b'a')
            .collect();
        for n in [1, 2, 30, 200] {
            assert_eq!(anchors(&text, n), slow_anchors(&text, n), "{n}");
        }
        assert_eq!(anchors(&text[..4296], 200), slow_anchors(&text[..4296], 200));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn anchors_are_those_of_the_definition(text in "[ab]{0,60}", n in 1usize..20) {
            prop_assert_eq!(anchors(text.as_bytes(), n), slow_anchors(text.as_bytes(), n));
        }

        #[test]
        fn repeats_are_those_of_the_twin(
            texts in prop::collection::vec("[ab]{0,60}", 1..5),
            n in 1usize..12,
        ) {
            check(&texts, n);
        }

        #[test]
        fn pieces_of_text_are_found(
            pieces in prop::collection::vec("[a-d]{0,12}", 3),
            order in prop::collection::vec(prop::collection::vec(0usize..3, 0..7), 1..5),
            n in 1usize..16,
        ) {
            let text = |order: &Vec<usize>| order.iter().map(|&n| pieces[n].as_str()).collect();
            let texts: Vec<String> = order.iter().map(text).collect();
            check(&texts, n);
        }
    }
}

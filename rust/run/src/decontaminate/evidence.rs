//! A match as people check it: where in the document, and both texts.

use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, Float64Builder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use gamayun_dedup::contamination::{ItemIndex, ItemMatch};
use gamayun_io::TableWriter;
use gamayun_text::{DocId, spaced, word_spans};

use super::Benchmarks;
use crate::error::Result;
use crate::tables::{self, ID_BYTES};

/// Bytes of the document that are shown before and after the span, about.
const AROUND: usize = 100;
/// Bytes of the span itself that are shown.
const SHOWN: usize = 2000;
/// Rows in a batch of the table.
const BATCH_ROWS: usize = 4096;

/// An item in a document, with its place.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    pub doc_id: DocId,
    /// Orders documents that share an id.
    pub tie: DocId,
    pub id: Option<String>,
    pub source: String,
    pub found: ItemMatch,
    pub span: Range<usize>,
    pub excerpt: String,
}

impl Evidence {
    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> u64 {
        let strings =
            self.id.as_ref().map_or(0, String::len) + self.source.len() + self.excerpt.len();
        (strings + size_of::<Self>()) as u64
    }
}

/// Where the items lie in a text, which is gone through once for all of them.
pub(crate) struct Places<'a> {
    text: &'a str,
    index: &'a ItemIndex,
    /// The words of the text as it is, and by words if it goes by characters.
    as_is: View,
    by_words: Option<View>,
}

/// The words of a text, and the n-grams that items have.
struct View {
    spans: Vec<Range<usize>>,
    grams: Vec<(usize, u32)>,
}

impl View {
    fn new(text: &str, index: &ItemIndex) -> Self {
        Self { spans: word_spans(text), grams: index.places(text) }
    }
}

impl<'a> Places<'a> {
    pub(crate) fn new(text: &'a str, index: &'a ItemIndex) -> Self {
        let by_words = spaced(text).map(|text| View::new(&text, index));
        Self { text, index, as_is: View::new(text, index), by_words }
    }

    /// The words among which an item is found.
    fn view(&self, item: u32) -> &View {
        let by_words = self.by_words.as_ref().filter(|_| !self.index.is_by_characters(item));
        by_words.unwrap_or(&self.as_is)
    }

    /// Where most of an item's n-grams lie within one and a half times its length: the shortest such place, the first of
    /// these.
    pub(crate) fn span(&self, item: u32) -> Range<usize> {
        let ngram = self.index.params().ngram();
        let length = self.index.item_grams(item) as usize * 3 / 2 + ngram;
        let View { spans, grams } = self.view(item);
        let grams = grams.iter().filter(|(_, gram)| self.index.holds(item, *gram));
        let mut window: VecDeque<(usize, u32)> = VecDeque::new();
        let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
        let mut best = (0, Reverse(usize::MAX), 0..0);
        for &(word, gram) in grams {
            window.push_back((word, gram));
            *seen.entry(gram).or_default() += 1;
            // What is too far back goes, and what comes again later.
            while let Some(&(first, gram)) = window.front()
                && (first + length < word || seen.get(&gram) > Some(&1))
            {
                window.pop_front();
                if let Entry::Occupied(mut count) = seen.entry(gram) {
                    *count.get_mut() -= 1;
                    if *count.get() == 0 {
                        count.remove();
                    }
                }
            }
            let first = window.front().map_or(word, |(first, _)| *first);
            if (seen.len(), Reverse(word - first)) > (best.0, best.1) {
                best = (seen.len(), Reverse(word - first), first..word + ngram);
            }
        }
        let words = best.2;
        let start = spans.get(words.start).map_or(0, |span| span.start);
        let end = spans.get(words.end.saturating_sub(1)).map_or(start, |span| span.end);
        start..end
    }

    /// The span and a little around it.
    pub(crate) fn excerpt(&self, span: &Range<usize>) -> String {
        let start = self.text.floor_char_boundary(span.start.saturating_sub(AROUND));
        let end = span.end.min(span.start + SHOWN) + AROUND;
        let end = self.text.ceil_char_boundary(end.min(self.text.len()));
        self.text[start..end].to_owned()
    }
}

/// Writes `contamination/matches.parquet`: by document, then best first.
pub(crate) fn write(path: &Path, matches: &mut [Evidence], benchmarks: &Benchmarks) -> Result<()> {
    matches.sort_by(|a, b| {
        let best = b.found.score.total_cmp(&a.found.score);
        (a.doc_id, a.tie).cmp(&(b.doc_id, b.tie)).then(best).then(a.found.item.cmp(&b.found.item))
    });
    let mut writer = TableWriter::create(path, tables::matches())?;
    for rows in matches.chunks(BATCH_ROWS) {
        writer.write(&batch(rows, benchmarks)?)?;
    }
    writer.finish()?;
    Ok(())
}

fn batch(rows: &[Evidence], benchmarks: &Benchmarks) -> Result<RecordBatch> {
    let mut doc_id = FixedSizeBinaryBuilder::with_capacity(rows.len(), ID_BYTES);
    let (mut id, mut score) = (StringBuilder::new(), Float64Builder::new());
    let mut strings: [StringBuilder; 5] = std::array::from_fn(|_| StringBuilder::new());
    let mut numbers: [UInt64Builder; 4] = std::array::from_fn(|_| UInt64Builder::new());
    for row in rows {
        let item = row.found.item;
        let (benchmark, asked) = benchmarks.item(item);
        // The width is a constant of the schema, so this cannot fail.
        let _ = doc_id.append_value(row.doc_id.to_bytes());
        id.append_option(row.id.as_ref());
        score.append_value(row.found.score);
        let values = [&row.source, benchmark, &asked.id, &row.excerpt, &asked.text];
        strings.iter_mut().zip(values).for_each(|(builder, value)| builder.append_value(value));
        let all = benchmarks.index.item_grams(item);
        let values = [
            u64::from(row.found.grams),
            u64::from(all),
            row.span.start as u64,
            row.span.end as u64,
        ];
        numbers.iter_mut().zip(values).for_each(|(builder, value)| builder.append_value(value));
    }
    let [mut source, mut benchmark, mut item, mut excerpt, mut text] = strings;
    let [mut ngrams, mut item_ngrams, mut start, mut end] = numbers;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(doc_id.finish()),
        Arc::new(id.finish()),
        Arc::new(source.finish()),
        Arc::new(benchmark.finish()),
        Arc::new(item.finish()),
        Arc::new(score.finish()),
        Arc::new(ngrams.finish()),
        Arc::new(item_ngrams.finish()),
        Arc::new(start.finish()),
        Arc::new(end.finish()),
        Arc::new(excerpt.finish()),
        Arc::new(text.finish()),
    ];
    tables::batch(tables::matches(), columns)
}

#[cfg(test)]
mod tests {
    use gamayun_dedup::ContaminationParams;

    use super::*;

    #[test]
    fn the_span_is_where_most_of_the_item_lies() {
        let item = "one two three four five six seven eight nine";
        let index = ItemIndex::new(&[item], ContaminationParams::default()).unwrap();
        let far = "é ".repeat(60);
        let text = format!("one two three four five. {far}{item}! {far}");
        let places = Places::new(&text, &index);
        let span = places.span(0);
        assert_eq!(&text[span.clone()], item);
        let excerpt = places.excerpt(&span);
        let twice = format!("{item} {item}");
        assert_eq!(Places::new(&twice, &index).span(0), 0..item.len());
        assert!(excerpt.contains(item) && excerpt.len() < item.len() + 2 * AROUND + 8);
    }
}

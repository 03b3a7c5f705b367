//! One partition of the selection against the places of its documents in the shards.

use std::path::Path;

use arrow_array::{FixedSizeBinaryArray, StringArray, UInt32Array, UInt64Array};
use gamayun_bpe::EncodeScratch;
use gamayun_shard::{Problem, Shard};
use gamayun_text::DocId;

use super::held::{Held, Place, partition};
use super::sampled::Sampled;
use super::{ContentsParams, MOST};
use crate::error::Result;
use crate::parallel::Tally;
use crate::tables::{Rows, for_each_batch, id_at};

/// A document that stands more than once: the key that belongs to this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Repeat {
    pub shard: u32,
    pub document: u64,
    pub key: u64,
}

/// What was found in a piece of the work.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub encoded: u64,
    pub problems: Vec<Problem>,
    pub untold: u64,
    pub repeated: Vec<Repeat>,
}

impl Found {
    pub(super) fn wrong(&mut self, problem: Problem) {
        if self.problems.len() < MOST {
            self.problems.push(problem);
        } else {
            self.untold += 1;
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.encoded += other.encoded;
        self.problems.extend(other.problems);
        self.untold += other.untold;
        self.repeated.extend(other.repeated);
    }
}

pub(super) struct Matcher<'a> {
    params: &'a ContentsParams,
    held: &'a Held<'a>,
    sampled: &'a Sampled,
    file: &'a Path,
    tally: &'a Tally,
    found: Found,
    scratch: EncodeScratch,
    tokens: Vec<u32>,
}

/// The columns of a batch of the selection; `texts` where documents of it are to be encoded.
struct Columns<'a> {
    ids: &'a FixedSizeBinaryArray,
    names: [&'a StringArray; 4],
    copies: &'a UInt32Array,
    bytes: &'a UInt64Array,
    texts: Option<&'a StringArray>,
}

impl<'a> Columns<'a> {
    const NAMES: [&'static str; 4] = ["language", "domain", "split", "source"];

    fn of(rows: &'a Rows<'_>, texts: bool) -> Result<Self> {
        let [language, domain, split, source] = Self::NAMES.map(|name| rows.strings(name));
        Ok(Self {
            ids: rows.ids("doc_id")?,
            names: [language?, domain?, split?, source?],
            copies: rows.u32s("copies")?,
            bytes: rows.u64s("bytes")?,
            texts: if texts { Some(rows.strings("text")?) } else { None },
        })
    }

    fn row(&self, row: usize) -> Row<'a> {
        let [language, domain, split, source] = self.names.map(|names| names.value(row));
        Row {
            id: id_at(self.ids, row),
            language,
            domain,
            split,
            source,
            copies: self.copies.value(row),
            bytes: self.bytes.value(row),
            text: self.texts.map(|texts| texts.value(row)),
        }
    }
}

/// A document of the selection.
#[derive(Clone, Copy)]
struct Row<'a> {
    id: DocId,
    language: &'a str,
    domain: &'a str,
    split: &'a str,
    source: &'a str,
    copies: u32,
    bytes: u64,
    text: Option<&'a str>,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(
        params: &'a ContentsParams,
        held: &'a Held<'a>,
        sampled: &'a Sampled,
        file: &'a Path,
        tally: &'a Tally,
    ) -> Self {
        let (found, scratch) = (Found::default(), EncodeScratch::default());
        Self { params, held, sampled, file, tally, found, scratch, tokens: Vec::new() }
    }

    /// Reads partition `number` of the selection beside the sorted places of its documents.
    pub(super) fn partition(
        mut self,
        number: usize,
        partitions: usize,
        places: &[Place],
    ) -> Result<Found> {
        let texts = self.sampled.reaches(number, partitions);
        let mut columns = vec!["doc_id", "copies", "bytes"];
        columns.extend(Columns::NAMES);
        columns.extend(texts.then_some("text"));
        let (mut rest, mut last, file) = (places, None, self.file);
        for_each_batch(file, &columns, |_, rows| {
            let columns = Columns::of(rows, texts)?;
            for row in 0..rows.len() {
                self.tally.check()?;
                let row = columns.row(row);
                if last.is_some_and(|last| last >= row.id)
                    || partition(row.id, partitions) != number
                {
                    self.in_selection(row.id, "is not in its place by id");
                }
                last = Some(row.id);
                let before = rest.partition_point(|place| place.id < row.id);
                let (unknown, after) = rest.split_at(before);
                for place in unknown {
                    self.unknown(*place);
                }
                let (mine, after) = after.split_at(after.partition_point(|p| p.id == row.id));
                rest = after;
                self.document(&row, mine)?;
            }
            Ok(())
        })?;
        for place in rest {
            self.unknown(*place);
        }
        Ok(self.found)
    }

    fn document(&mut self, row: &Row<'_>, places: &[Place]) -> Result<()> {
        if places.len() as u64 != u64::from(row.copies) {
            let (times, copies) = (places.len(), row.copies);
            let what = format!("stands in the shards {times} times, and {copies} are right");
            match places.last() {
                Some(place) => self.wrong(*place, &what),
                None => self.in_selection(row.id, &what),
            }
        }
        for place in places {
            self.place(row, *place);
        }
        if places.len() > 1 {
            self.repeats(row, places);
        }
        if let Some(text) = row.text.filter(|_| self.sampled.has(row.id)) {
            if text.len() as u64 != row.bytes {
                self.in_selection(row.id, "has a text of other bytes than it says");
            }
            self.encode(text, places)?;
        }
        self.tally.add(places.len() as u64, 1, row.bytes);
        Ok(())
    }

    /// Pool, language, source and size of a document where it stands.
    fn place(&mut self, row: &Row<'_>, place: Place) {
        let (pool, shard) = self.shard(place);
        let pool = &self.held.pools[pool];
        let language = shard.language(place.document).unwrap_or_default();
        let source = shard.source(place.document).unwrap_or_default();
        let bytes = shard.bytes().get(index(place)).copied().map(u64::from);
        let pairs = [
            ("language of the pool", pool.language.as_str(), row.language),
            ("domain of the pool", pool.domain.as_str(), row.domain),
            ("split of the pool", pool.split.as_str(), row.split),
            ("language", language, row.language),
            ("source", source, row.source),
        ];
        let wrong: Vec<String> = pairs
            .into_iter()
            .filter(|(_, found, right)| found != right)
            .map(|(what, found, right)| format!("has the {what} `{found}`, and `{right}` is right"))
            .collect();
        for what in wrong {
            self.wrong(place, &what);
        }
        if bytes != Some(row.bytes) {
            let what = format!("has {} bytes of text, not {}", row.bytes, bytes.unwrap_or(0));
            self.wrong(place, &what);
        }
    }

    /// The keys of a document's copies, in the order in which they stand.
    fn repeats(&mut self, row: &Row<'_>, places: &[Place]) {
        let mut keys: Vec<u64> = (0..row.copies)
            .map(|copy| row.id.copy_draw(self.params.seed, copy, row.copies))
            .collect();
        keys.sort_unstable();
        let repeats = places.iter().zip(keys).map(|(place, key)| Repeat {
            shard: place.shard,
            document: place.document,
            key,
        });
        self.found.repeated.extend(repeats);
    }

    fn encode(&mut self, text: &str, places: &[Place]) -> Result<()> {
        self.tokens.clear();
        self.params.tokenizer.encode(text, &mut self.scratch, &mut self.tokens)?;
        self.tokens.push(self.params.eos);
        self.found.encoded += 1;
        for place in places {
            let (_, shard) = self.shard(*place);
            let held = shard.document_tokens(place.document);
            if held.is_none_or(|held| held.to_vec() != self.tokens) {
                self.wrong(*place, "encodes to other tokens");
            }
        }
        Ok(())
    }

    fn unknown(&mut self, place: Place) {
        self.wrong(place, "is not in the selection");
    }

    fn shard(&self, place: Place) -> (usize, &'a Shard) {
        let (pool, shard) = &self.held.shards[place.shard as usize];
        (*pool, shard)
    }

    fn wrong(&mut self, place: Place, what: &str) {
        let (_, shard) = self.shard(place);
        let start = shard.document(place.document).map_or(0, |tokens| tokens.start);
        let offset = start * shard.width().bytes();
        let what = format!("document {} (the {}th from 0) {what}", place.id, place.document);
        self.found.wrong(Problem { file: shard.bin_path().to_owned(), offset, what });
    }

    fn in_selection(&mut self, id: DocId, what: &str) {
        let what = format!("document {id} {what}");
        self.found.wrong(Problem { file: self.file.to_owned(), offset: 0, what });
    }
}

fn index(place: Place) -> usize {
    usize::try_from(place.document).unwrap_or(usize::MAX)
}

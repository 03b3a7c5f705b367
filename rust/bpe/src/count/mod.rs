//! How often each pretoken occurs in each language: all that training needs of a corpus.

pub(crate) mod file;
pub(crate) mod gather;
pub(crate) mod merge;
pub(crate) mod source;
pub(crate) mod stored;
pub(crate) mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::count::file::{Reader, Writer, verify, write_tables};
use crate::count::gather::WordList;
use crate::count::table::{AT_ONCE, Table};
use crate::{Pattern, Result};

/// Texts that one thread takes at a time.
const TEXTS_AT_ONCE: usize = 16;

/// Bytes of text for each different pretoken that a new table is made for: a little less than 100 MB of text in many
/// languages have, and far more than a batch of text has, since a table that grows takes the memory of both.
const BYTES_PER_PRETOKEN: usize = 128;
/// The most pretokens that a new table is made for: the more text, the fewer of them are new.
const MOST_EXPECTED: usize = 1 << 20;

/// Pretokens of one language; each thread has a table of its own, their sum counts.
#[derive(Clone, Default)]
pub(crate) struct Language {
    pub(crate) tables: Vec<Table>,
    pub(crate) documents: u64,
    pub(crate) bytes: u64,
}

impl Language {
    /// One table of all counts.
    pub(crate) fn total(&self) -> Table {
        let mut tables = self.tables.iter();
        let mut total = tables.next().cloned().unwrap_or_default();
        for table in tables {
            total.merge(table);
        }
        total
    }

    fn add(&mut self, split: &Pattern, texts: &[&str], pool: &rayon::ThreadPool) -> Result<()> {
        let threads = pool.current_num_threads().max(1);
        if self.tables.len() < threads {
            self.tables.resize_with(threads, Table::default);
        }
        let bytes = texts.iter().map(|text| text.len()).sum::<usize>();
        self.documents += texts.len() as u64;
        self.bytes += bytes as u64;
        for table in self.tables[..threads].iter_mut().filter(|table| table.len() == 0) {
            table.reserve((bytes / threads / BYTES_PER_PRETOKEN).min(MOST_EXPECTED));
        }
        if threads == 1 || texts.len() <= TEXTS_AT_ONCE {
            return texts.iter().try_for_each(|text| count(split, text, &mut self.tables[0]));
        }
        let next = AtomicUsize::new(0);
        pool.install(|| {
            self.tables[..threads].par_iter_mut().with_max_len(1).try_for_each(|table| {
                loop {
                    let start = next.fetch_add(TEXTS_AT_ONCE, Ordering::Relaxed).min(texts.len());
                    let end = (start + TEXTS_AT_ONCE).min(texts.len());
                    if start == end {
                        return Ok(());
                    }
                    texts[start..end].iter().try_for_each(|text| count(split, text, table))?;
                }
            })
        })
    }
}

/// Counts the pretokens of a text, some at a time, so that their loads from memory overlap.
fn count(split: &Pattern, text: &str, table: &mut Table) -> Result<()> {
    let (mut spans, mut len) = ([(0, 0); AT_ONCE], 0);
    split.spans(text, |start, end| {
        spans[len] = (start, end - start);
        len += 1;
        if len == AT_ONCE {
            table.add_spans(text.as_bytes(), &spans);
            len = 0;
        }
    })?;
    table.add_spans(text.as_bytes(), &spans[..len]);
    Ok(())
}

/// Pretokens with their counts, per language. Equal for equal texts, however they were cut, ordered and threaded.
#[derive(Clone)]
pub struct Counts {
    pub(crate) split: Pattern,
    pub(crate) languages: BTreeMap<String, Language>,
}

impl Counts {
    /// No counts yet.
    #[must_use]
    pub fn new(split: impl Into<Pattern>) -> Self {
        Self { split: split.into(), languages: BTreeMap::new() }
    }

    /// The pattern that cuts the texts.
    #[must_use]
    pub fn split(&self) -> &Pattern {
        &self.split
    }

    /// Counts the pretokens of texts of one language, on all threads of the pool. An error if the engine of a regex gives
    /// up on one; some of the texts are counted then.
    pub fn add(&mut self, language: &str, texts: &[&str], pool: &rayon::ThreadPool) -> Result<()> {
        let split = self.split.clone();
        self.language(language).add(&split, texts, pool)
    }

    /// Counts a pretoken `count` times more, as it is: it is not split again. The text seen grows by its bytes.
    pub fn add_pretoken(&mut self, language: &str, pretoken: &str, count: u64) {
        let entry = self.language(language);
        if entry.tables.is_empty() {
            entry.tables.push(Table::default());
        }
        entry.tables[0].add(pretoken.as_bytes(), count);
        entry.bytes = entry.bytes.saturating_add(count.saturating_mul(pretoken.len() as u64));
    }

    fn language(&mut self, language: &str) -> &mut Language {
        if !self.languages.contains_key(language) {
            self.languages.insert(language.to_owned(), Language::default());
        }
        self.languages.entry(language.to_owned()).or_default()
    }

    /// Adds all counts of another table, made with the same split; an error otherwise.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        if self.split != other.split {
            return Err(crate::Error::SplitMismatch {
                counts: other.split,
                asked: self.split.clone(),
            });
        }
        for (name, language) in other.languages {
            let mine = self.language(&name);
            mine.documents += language.documents;
            mine.bytes = mine.bytes.saturating_add(language.bytes);
            if mine.tables.is_empty() {
                mine.tables = language.tables;
                continue;
            }
            for table in &language.tables {
                mine.tables[0].merge(table);
            }
        }
        Ok(())
    }

    /// The languages, in the order of their names.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }

    /// Bytes of text counted for a language; 0 for an unknown one.
    #[must_use]
    pub fn bytes(&self, language: &str) -> u64 {
        self.languages.get(language).map_or(0, |language| language.bytes)
    }

    /// Documents counted for a language; 0 for an unknown one.
    #[must_use]
    pub fn documents(&self, language: &str) -> u64 {
        self.languages.get(language).map_or(0, |language| language.documents)
    }

    /// Bytes of memory that the tables hold now.
    #[must_use]
    pub fn memory(&self) -> u64 {
        self.languages.values().flat_map(|language| &language.tables).map(Table::memory).sum()
    }

    /// Different pretokens in all languages together.
    #[must_use]
    pub fn unique(&self) -> u64 {
        let tables: Vec<_> = self.weighted_tables(|_| 1);
        WordList::gather(&tables).map_or(u64::MAX, |list| list.words().len() as u64)
    }

    /// Different pretokens of one language; 0 for an unknown one.
    #[must_use]
    pub fn unique_in(&self, language: &str) -> u64 {
        self.languages.get(language).map_or(0, |language| match &*language.tables {
            [table] => table.len() as u64,
            _ => language.total().len() as u64,
        })
    }

    /// All tables with the factors of their languages.
    pub(crate) fn weighted_tables(&self, factor: impl Fn(&str) -> u64) -> Vec<(&Table, u64)> {
        let languages = self.languages.iter();
        let tables = languages.flat_map(|(name, language)| {
            let factor = factor(name);
            language.tables.iter().map(move |table| (table, factor))
        });
        tables.collect()
    }

    /// Writes the counts: the same bytes for the same counts.
    pub fn write(&self, to: &mut dyn Write) -> Result<()> {
        let mut writer = Writer::new(to, &self.split);
        for (name, language) in &self.languages {
            writer.language(name);
            write_tables(&mut writer, &language.tables)?;
            writer.totals(language.documents, language.bytes);
        }
        writer.finish()
    }

    /// Writes the counts and forgets them, so that counting goes on with empty tables. [`crate::merge_counts`] adds up
    /// what was written.
    pub fn spill(&mut self, to: &mut dyn Write) -> Result<()> {
        self.write(to)?;
        self.languages.clear();
        Ok(())
    }

    /// Reads what [`Counts::write`] wrote.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        verify(bytes)?;
        let (mut reader, split) = Reader::open(bytes)?;
        let mut counts = Self::new(split);
        while let Some(name) = reader.language()? {
            let mut table = Table::default();
            while let Some(count) = reader.next()? {
                table.add(reader.pretoken(), count);
            }
            let (documents, bytes) = reader.totals()?;
            counts.languages.insert(name, Language { tables: vec![table], documents, bytes });
        }
        Ok(counts)
    }
}

impl fmt::Debug for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counts")
            .field("split", &self.split)
            .field("languages", &self.languages.keys())
            .finish_non_exhaustive()
    }
}

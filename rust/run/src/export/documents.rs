//! A row for each document that a stage begins.

use std::fs;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use gamayun_io::TableWriter;
use gamayun_shard::{Begun, ExportParams, ExportedPart, Shard, TokenWidth, begun};
use gamayun_text::{Monitor, Progress};

use super::tokens::{TokenLists, kind};
use super::{BATCH_TOKENS, advance, exported};
use crate::error::{Error, Result};
use crate::tables;

/// Writes a file for each shard of a pool: the documents whose first token lies in the stage's stretch, whole, once an
/// epoch. Columns: `id`, `language`, `source`, `epoch`, `tokens`.
pub(super) fn export(
    params: &ExportParams,
    monitor: &mut dyn Monitor,
) -> Result<Vec<ExportedPart>> {
    fs::create_dir_all(&params.folder).map_err(Error::file(&params.folder))?;
    let total = params.shards.len() as u64;
    let mut parts = Vec::new();
    for begun in begun(params)? {
        let begun = begun?;
        let done = begun.number as u64;
        parts.push(export_shard(params, &begun, &mut |documents| {
            advance(monitor, Progress { done, total, documents, bytes: 0 })
        })?);
    }
    advance(monitor, Progress { done: total, total, ..Progress::default() })?;
    Ok(parts)
}

fn schema(width: TokenWidth) -> SchemaRef {
    let words = ["id", "language", "source"].map(|name| Field::new(name, DataType::Utf8, false));
    let epoch = Field::new("epoch", DataType::UInt64, false);
    let tokens = Field::new("tokens", kind(width), false);
    Arc::new(Schema::new([words.to_vec(), vec![epoch, tokens]].concat()))
}

fn export_shard(
    params: &ExportParams,
    begun: &Begun,
    tell: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<ExportedPart> {
    let path = params.folder.join(&begun.stem).with_added_extension("parquet");
    let mut writer = TableWriter::create(&path, schema(begun.shard.width()))?;
    let (mut documents, mut tokens) = (0, 0);
    for (epoch, ranges) in &begun.epochs {
        for range in ranges {
            let mut next = range.start;
            while next < range.end {
                let rows = Rows::read(&begun.shard, next..range.end);
                next += rows.len();
                documents += rows.len();
                tokens += rows.tokens;
                writer.write(&rows.into_batch(*epoch)?)?;
                tell(documents)?;
            }
        }
    }
    let files = vec![exported(&path, writer.finish()?)?];
    Ok(ExportedPart { name: begun.stem.clone(), documents, tokens, files })
}

/// Documents that follow one another in a shard.
struct Rows<'a> {
    shard: &'a Shard,
    places: Range<u64>,
    lists: TokenLists,
    tokens: u64,
}

impl<'a> Rows<'a> {
    /// The first of these documents, until they have as many tokens as a batch.
    fn read(shard: &'a Shard, places: Range<u64>) -> Self {
        let start = places.start;
        let mut rows =
            Self { shard, places: start..start, lists: TokenLists::new(shard.width()), tokens: 0 };
        for (place, tokens) in places.map_while(|i| Some((i, shard.document_tokens(i)?))) {
            rows.lists.push(tokens);
            rows.tokens += tokens.len() as u64;
            rows.places.end = place + 1;
            if rows.tokens >= BATCH_TOKENS {
                break;
            }
        }
        rows
    }

    fn len(&self) -> u64 {
        self.places.end - self.places.start
    }

    fn into_batch(self, epoch: u64) -> Result<RecordBatch> {
        let rows = to_usize(self.places.start)..to_usize(self.places.end);
        let (skip, take) = (rows.start, rows.len());
        let ids = self.shard.doc_ids().skip(skip).take(take).map(|id| id.to_string());
        let named = |codes: Vec<usize>, names: &[String]| {
            let name = |code: usize| names.get(code).map_or("", String::as_str);
            Arc::new(StringArray::from_iter_values(codes.into_iter().map(name)))
        };
        let languages = self.shard.languages().skip(skip).take(take).map(usize::from).collect();
        let sources = self.shard.sources().skip(skip).take(take).map(usize::from).collect();
        tables::batch(
            schema(self.shard.width()),
            vec![
                Arc::new(StringArray::from_iter_values(ids)),
                named(languages, self.shard.language_names()),
                named(sources, self.shard.source_names()),
                Arc::new(UInt64Array::from(vec![epoch; take])),
                self.lists.finish(),
            ],
        )
    }
}

/// A mapped file fits into memory, and so its documents into a `usize`.
fn to_usize(place: u64) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

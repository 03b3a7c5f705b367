//! A row for each sample of a stage, in its order.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use gamayun_io::TableWriter;
use gamayun_shard::{Documents, Reader, SampleFile, TokenWidth, Tokens};
use gamayun_text::{DocId, Monitor, Progress};

use super::tokens::{TokenLists, kind, list, names, of};
use super::{BATCH_TOKENS, advance, exported};
use crate::error::{Error, Result};
use crate::tables;

/// Bytes of the tokens of a file before compression, at most, unless a sample has more.
const FILE_BYTES: u64 = 1 << 28;

/// Writes all samples of a stage, in files of a folder. `pools` are the names of the stage's pools.
///
/// Columns: `sample`, `pool`, `tokens`, and an item for each stretch of `starts` (in the sample), `ids`, `languages`
/// and `sources`.
pub(super) fn export(
    reader: &Reader,
    pools: &[String],
    folder: &Path,
    file_bytes: Option<u64>,
    monitor: &mut dyn Monitor,
) -> Result<Vec<SampleFile>> {
    fs::create_dir_all(folder).map_err(Error::file(folder))?;
    let bytes = reader.window_tokens() * reader.width().bytes();
    let each = (file_bytes.unwrap_or(FILE_BYTES) / bytes.max(1)).max(1);
    let count = reader.windows();
    let starts = (0..count.div_ceil(each)).map(|n| n * each);
    let write = |(number, start): (usize, u64)| {
        let path = folder.join(format!("{number:05}.parquet"));
        let range = start..count.min(start + each);
        let samples = range.end - range.start;
        let file = write_file(reader, pools, range, &path, monitor)?;
        Ok(SampleFile { file: exported(&path, file)?, samples })
    };
    starts.enumerate().map(write).collect()
}

fn schema(width: TokenWidth) -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("sample", DataType::UInt64, false),
        Field::new("pool", DataType::Utf8, false),
        Field::new("tokens", kind(width), false),
        Field::new("starts", of(DataType::UInt32), false),
        Field::new("ids", of(DataType::Utf8), false),
        Field::new("languages", of(DataType::Utf8), false),
        Field::new("sources", of(DataType::Utf8), false),
    ]))
}

fn write_file(
    reader: &Reader,
    pools: &[String],
    range: Range<u64>,
    path: &Path,
    monitor: &mut dyn Monitor,
) -> Result<u64> {
    let mut writer = TableWriter::create(path, schema(reader.width()))?;
    let step = (BATCH_TOKENS / reader.window_tokens().max(1)).max(1);
    let total = reader.windows();
    let mut start = range.start;
    while start < range.end {
        let windows: Vec<u64> = (start..range.end.min(start + step)).collect();
        writer.write(&batch(reader, pools, windows)?)?;
        start = range.end.min(start + step);
        advance(monitor, Progress { done: start, total, ..Progress::default() })?;
    }
    Ok(writer.finish()?)
}

fn batch(reader: &Reader, pools: &[String], windows: Vec<u64>) -> Result<RecordBatch> {
    let (tokens, documents) = read(reader, &windows)?;
    let length = reader.window_tokens();
    let stretches = Stretches::of(&documents, length);
    let pool = windows.iter().map(|&window| {
        let number = reader.locate(window)?.pool;
        Ok(pools.get(number).map_or("", String::as_str))
    });
    let pool: Vec<&str> = pool.collect::<Result<_>>()?;
    let languages = documents.languages.iter().map(|&code| usize::from(code));
    let sources = documents.sources.iter().map(|&code| usize::from(code));
    let ids: Vec<String> =
        documents.ids.iter().map(|&id| DocId::from_bytes(id).to_string()).collect();
    let lengths = || stretches.lengths.iter().copied();
    tables::batch(
        schema(reader.width()),
        vec![
            Arc::new(UInt64Array::from(windows)),
            Arc::new(StringArray::from(pool)),
            tokens,
            list(DataType::UInt32, Arc::new(UInt32Array::from(stretches.starts)), lengths()),
            names(ids.iter().map(String::as_str), lengths()),
            names(languages.map(|code| name(reader.language_names(), code)), lengths()),
            names(sources.map(|code| name(reader.source_names(), code)), lengths()),
        ],
    )
}

fn name(names: &[String], code: usize) -> &str {
    names.get(code).map_or("", String::as_str)
}

/// The tokens of windows as a column, and their documents.
fn read(reader: &Reader, windows: &[u64]) -> Result<(ArrayRef, Documents)> {
    let length = usize::try_from(reader.window_tokens()).unwrap_or(usize::MAX);
    let size = length.saturating_mul(windows.len());
    let mut lists = TokenLists::new(reader.width());
    let documents = match reader.width() {
        TokenWidth::U16 => {
            let mut ids = vec![0_u16; size];
            let documents = reader.read_documents(windows, &mut ids)?;
            ids.chunks(length.max(1)).for_each(|row| lists.push(Tokens::U16(row)));
            documents
        }
        TokenWidth::U32 => {
            let mut ids = vec![0_u32; size];
            let documents = reader.read_documents(windows, &mut ids)?;
            ids.chunks(length.max(1)).for_each(|row| lists.push(Tokens::U32(row)));
            documents
        }
    };
    Ok((lists.finish(), documents))
}

/// Where the stretches of a batch begin in their samples, and how many each sample has.
struct Stretches {
    starts: Vec<u32>,
    lengths: Vec<usize>,
}

impl Stretches {
    fn of(documents: &Documents, length: u64) -> Self {
        let (mut starts, mut lengths) = (Vec::new(), Vec::new());
        for &start in documents.ends.iter().take(documents.pools.len()) {
            let within = u64::try_from(start).unwrap_or_default() % length.max(1);
            starts.push(u32::try_from(within).unwrap_or_default());
            match lengths.last_mut() {
                Some(last) if within > 0 => *last += 1,
                _ => lengths.push(1),
            }
        }
        Self { starts, lengths }
    }
}

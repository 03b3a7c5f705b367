//! Scores of the documents of files as a table, by their ids.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use gamayun_io::{Batch, Record, TableWriter, find_inputs, open};
use gamayun_text::{Monitor, Progress, normalise};
use rayon::prelude::*;
use serde::Serialize;

use crate::batchwise::batch_pool;
use crate::buckets::limits;
use crate::error::{Error, Result};
use crate::scorer::runner::{Scorer, ScorerScratch};
use crate::source::Source;

/// Bytes of text that are scored at once.
const BATCH_BYTES: usize = 16 << 20;
/// Records that are scored at once.
const BATCH_RECORDS: usize = 1 << 16;

/// What is scored, and where the scores go.
#[derive(Debug)]
pub struct ScoreFilesParams {
    /// Where the documents come from.
    pub sources: Vec<Source>,
    /// The name of the column of scores.
    pub name: String,
    /// A Parquet file, written whole or not at all; none: only what is counted.
    pub output: Option<PathBuf>,
    /// Threads, at least 1.
    pub threads: usize,
}

/// What was scored.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ScoredFiles {
    /// Documents.
    pub documents: u64,
    /// Documents without a score: nothing of their texts is known to the model.
    pub without: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// Of all texts.
    pub bytes: u64,
    /// Least scores of the 2nd to the 20th part of equal bytes.
    pub vigintiles: Vec<f64>,
}

/// Scores every document; progress is in bytes of the files.
pub fn score_files(
    scorer: &Scorer,
    params: &ScoreFilesParams,
    monitor: &mut dyn Monitor,
) -> Result<ScoredFiles> {
    let mut inputs = Vec::new();
    for source in &params.sources {
        for path in &source.paths {
            let found = find_inputs(path, &source.read)?.into_iter();
            inputs.extend(found.map(|input| (source, input)));
        }
    }
    let total = inputs.iter().map(|(_, input)| input.bytes).sum();
    let mut progress = Progress { total, ..Progress::default() };
    let table = Table::new(params)?;
    let mut writer = params.output.as_deref().map(|path| table.writer(path)).transpose()?;
    let pool = batch_pool(params.threads)?;
    let (mut counts, mut found) = (ScoredFiles::default(), Vec::new());
    for (source, input) in &inputs {
        let (mut reader, mut batch) = (open(input, &source.read)?, Batch::default());
        let before = progress.done;
        let mut more = true;
        while more {
            more = reader.read(&mut batch, BATCH_BYTES, BATCH_RECORDS)?;
            let rows: Vec<(Option<f32>, u64)> = pool.install(|| {
                let one = |scratch: &mut _, record: &Record| scored(scorer, record, scratch);
                batch.records.par_iter().map_init(ScorerScratch::default, one).collect()
            });
            if let Some(writer) = &mut writer {
                writer.write(&table.batch(&source.name, &input.name, &batch.records, &rows)?)?;
            }
            counts.rejected += batch.rejected.len() as u64;
            found.extend(rows.into_iter().map(|(score, bytes)| (score.map(f64::from), bytes)));
            progress.done = (before + reader.position()).min(total);
            progress.documents += batch.records.len() as u64;
            progress.bytes += batch.text_bytes;
            monitor.advance(progress).map_err(|_| Error::Interrupted)?;
        }
    }
    if let Some(writer) = writer {
        writer.finish()?;
    }
    counts.documents = found.len() as u64;
    counts.without = found.iter().filter(|one| one.0.is_none()).count() as u64;
    counts.bytes = found.iter().map(|one| one.1).sum();
    let known = found.into_iter().filter_map(|(score, bytes)| Some((score?, bytes)));
    counts.vigintiles = limits(known.collect(), 20);
    Ok(counts)
}

fn scored(scorer: &Scorer, record: &Record, scratch: &mut ScorerScratch) -> (Option<f32>, u64) {
    let (text, _) = normalise(&record.text);
    (scorer.score(&text, scratch), text.len() as u64)
}

/// The columns: the place and the id of a document, the bytes of its text, and the score.
struct Table {
    schema: SchemaRef,
}

impl Table {
    fn new(params: &ScoreFilesParams) -> Result<Self> {
        let known = ["id", "source", "input", "record", "text_bytes"];
        if params.name.is_empty() || known.contains(&params.name.as_str()) {
            return Err(Error::Parameter {
                parameter: "name".into(),
                found: format!("{:?}", params.name),
                expected: format!("a name of a column other than {}", known.join(", ")),
            });
        }
        let schema = Arc::new(Schema::new(vec![
            Field::new("id", DataType::Utf8, true),
            Field::new("source", DataType::Utf8, false),
            Field::new("input", DataType::Utf8, false),
            Field::new("record", DataType::UInt64, false),
            Field::new("text_bytes", DataType::UInt64, false),
            Field::new(&params.name, DataType::Float32, true),
        ]));
        Ok(Self { schema })
    }

    fn writer(&self, path: &Path) -> Result<TableWriter> {
        Ok(TableWriter::create(path, self.schema.clone())?)
    }

    fn batch(
        &self,
        source: &str,
        input: &str,
        records: &[Record],
        rows: &[(Option<f32>, u64)],
    ) -> Result<arrow_array::RecordBatch> {
        let ids: StringArray = records.iter().map(|record| record.id.as_deref()).collect();
        let same = |text: &str| StringArray::from_iter_values(records.iter().map(|_| text));
        let numbers = UInt64Array::from_iter_values(records.iter().map(|record| record.number));
        let bytes = UInt64Array::from_iter_values(rows.iter().map(|row| row.1));
        let scores: Float32Array = rows.iter().map(|row| row.0).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(ids),
            Arc::new(same(source)),
            Arc::new(same(input)),
            Arc::new(numbers),
            Arc::new(bytes),
            Arc::new(scores),
        ];
        crate::tables::batch(self.schema.clone(), columns)
    }
}

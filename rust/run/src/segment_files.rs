//! The documents of files to the languages of their paragraphs: counts by language, and a table if one is asked for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use gamayun_io::{Batch, Input, ReadParams, Record, TableWriter, open};
use gamayun_language::Model;
use gamayun_text::{Monitor, Progress, normalise};
use rayon::prelude::*;
use serde::Serialize;

use crate::batchwise::batch_pool;
use crate::clean_files::inputs_apart;
use crate::error::{Error, Result};
use crate::on_bad_record::OnBadRecord;
use crate::paragraphs::{Languages, ParagraphParams, languages};
use crate::rejects::Rejects;
use crate::segment_texts::{Looked, look_at, names, schema, table};
use crate::tables;

/// Bytes of text that are looked at between two looks at the monitor.
const BATCH_BYTES: usize = 4 << 20;
/// Records likewise.
const BATCH_RECORDS: usize = 1 << 14;

/// What is looked at, how, and where the rows go.
#[derive(Debug)]
pub struct SegmentFilesParams<'p> {
    /// Files, folders, globs, or `-`.
    pub paths: &'p [String],
    /// How they are read.
    pub read: ReadParams,
    /// The language of all documents; without, the best label of each.
    pub language: Option<&'p str>,
    /// How paragraphs are looked at.
    pub paragraphs: ParagraphParams,
    /// What becomes of bad records.
    pub on_bad_record: OnBadRecord,
    /// A Parquet file with a row for each document; written whole or not at all.
    pub output: Option<PathBuf>,
    /// Threads, at least 1.
    pub threads: usize,
}

/// What was found. `records` are `documents` and those rejected.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SegmentedFiles {
    /// Records read.
    pub records: u64,
    /// Documents looked at.
    pub documents: u64,
    /// Records that could not be read.
    #[serde(flatten)]
    pub rejects: Rejects,
    /// The documents by their languages.
    pub languages: BTreeMap<String, SegmentedLanguage>,
}

/// The documents of a language. `bytes` of normalised text are `unknown_bytes` and those of `paragraphs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SegmentedLanguage {
    /// Documents.
    pub documents: u64,
    /// Of them those with a paragraph of another language.
    pub with_foreign: u64,
    /// Of them those that are mixed.
    pub mixed: u64,
    /// Bytes.
    pub bytes: u64,
    /// Bytes of paragraphs whose language was not told.
    pub unknown_bytes: u64,
    /// Bytes of the others by their languages.
    pub paragraphs: BTreeMap<String, u64>,
}

impl SegmentedLanguage {
    fn add(&mut self, found: &Languages) {
        self.documents += 1;
        self.with_foreign += u64::from(found.foreign_share.is_some_and(|share| share > 0.0));
        self.mixed += u64::from(found.mixed);
        self.unknown_bytes += found.unknown_bytes;
        self.bytes += found.unknown_bytes + found.bytes.values().sum::<u64>();
        for (language, bytes) in &found.bytes {
            *self.paragraphs.entry(language.clone()).or_default() += bytes;
        }
    }
}

/// Tells the languages of the paragraphs of every document; progress is in bytes of the files.
///
/// Places of paragraphs are those in the normalised text. Nothing depends on threads.
pub fn segment_files(
    model: &Model,
    params: &SegmentFilesParams<'_>,
    monitor: &mut dyn Monitor,
) -> Result<SegmentedFiles> {
    let inputs = inputs_apart(params.paths, &params.read, &[params.output.as_ref()])?;
    let total = inputs.iter().map(|input| input.bytes).sum();
    let mut progress = Progress { total, ..Progress::default() };
    let table = |path: &PathBuf| TableWriter::create(path, rows_schema());
    let mut output = params.output.as_ref().map(table).transpose()?;
    let (mut found, names) = (SegmentedFiles::default(), names(model));
    let pool = batch_pool(params.threads)?;
    for input in &inputs {
        let (mut reader, mut batch) = (open(input, &params.read)?, Batch::default());
        let (before, mut more) = (progress.done, true);
        while more {
            more = reader.read(&mut batch, BATCH_BYTES, BATCH_RECORDS)?;
            found.rejects.note(&batch, params.on_bad_record)?;
            let looked = pool.install(|| looked(model, &names, &batch.records, params));
            found.add(&looked, &names, &params.paragraphs);
            if let Some(output) = output.as_mut().filter(|_| !looked.is_empty()) {
                output.write(&rows(input, &batch.records, &looked, &names, &params.paragraphs)?)?;
            }
            progress.done = (before + reader.position()).min(total);
            progress.documents = found.documents;
            progress.bytes += batch.text_bytes;
            monitor.advance(progress).map_err(|_| Error::Interrupted)?;
        }
    }
    found.records = found.documents + found.rejects.records();
    output.map(TableWriter::finish).transpose()?;
    Ok(found)
}

impl SegmentedFiles {
    fn add(&mut self, looked: &[Looked], names: &[String], params: &ParagraphParams) {
        for (home, paragraphs) in looked {
            self.documents += 1;
            let told = languages(paragraphs, home, names, params);
            self.languages.entry(home.clone()).or_default().add(&told);
        }
    }
}

fn looked(
    model: &Model,
    names: &[String],
    records: &[Record],
    params: &SegmentFilesParams<'_>,
) -> Vec<Looked> {
    let texts: Vec<_> = records.par_iter().map(|record| normalise(&record.text).0).collect();
    look_at(model, names, &texts, params.language, &params.paragraphs)
}

/// The place and the id of a record, and what was found.
fn rows_schema() -> SchemaRef {
    let mut fields = vec![
        Arc::new(Field::new("id", DataType::Utf8, true)),
        Arc::new(Field::new("input", DataType::Utf8, false)),
        Arc::new(Field::new("record", DataType::UInt64, false)),
    ];
    fields.extend(schema().fields().iter().cloned());
    Arc::new(Schema::new(fields))
}

fn rows(
    input: &Input,
    records: &[Record],
    looked: &[Looked],
    names: &[String],
    params: &ParagraphParams,
) -> Result<RecordBatch> {
    let ids: StringArray = records.iter().map(|record| record.id.as_deref()).collect();
    let inputs = StringArray::from_iter_values(records.iter().map(|_| &input.name));
    let numbers = UInt64Array::from_iter_values(records.iter().map(|record| record.number));
    let mut columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(inputs), Arc::new(numbers)];
    columns.extend(table(looked, names, params)?.columns().iter().cloned());
    tables::batch(rows_schema(), columns)
}

//! Tokenizers on the documents of files: each record says its language, or the user does for all of a file.

use std::sync::Arc;

use gamayun_bpe::Tokenizer;
use gamayun_io::{Batch, Input, ReadParams, Record, find_inputs, open};
use gamayun_text::{DocId, Monitor, Progress};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::evaluate::evaluator::{Document, Evaluator};
use crate::evaluate::outcome::Outcome;

/// Bytes of text that are measured at once.
const BATCH_BYTES: usize = 4 << 20;
/// Records that are measured at once.
const BATCH_RECORDS: usize = 1 << 16;
/// Fields that may hold a record's language.
const LANGUAGE_FIELDS: [&str; 2] = ["language", "lang"];
/// The longest document, in bytes: the limit of a run, unless it is told otherwise.
const LONGEST: u64 = 64 << 20;

/// What is read: a file, folder or glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluatedFile {
    /// The path.
    pub path: String,
    /// The language of all of it; without, each record has a field `language` or `lang`.
    pub language: Option<String>,
}

/// Measures tokenizers on the documents of files; one outcome each. A record that cannot be measured ends the work. The
/// source of a document is its field `source`, or else the name of its file.
pub fn evaluate_files(
    files: &[EvaluatedFile],
    tokenizers: &[Arc<Tokenizer>],
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Outcome>> {
    let params = ReadParams { max_document_bytes: LONGEST, ..ReadParams::default() };
    let mut inputs = Vec::new();
    for file in files {
        inputs.extend(find_inputs(&file.path, &params)?.into_iter().map(|input| (file, input)));
    }
    let mut evaluator = Evaluator::new(tokenizers, threads)?;
    let total = inputs.iter().map(|(_, input)| input.bytes).sum();
    let mut progress = Progress { total, ..Progress::default() };
    for (file, input) in &inputs {
        let (mut reader, mut batch) = (open(input, &params)?, Batch::default());
        let before = progress.done;
        let mut more = true;
        while more {
            more = reader.read(&mut batch, BATCH_BYTES, BATCH_RECORDS)?;
            add(&mut evaluator, file, input, &batch)?;
            progress.done = before + reader.position();
            progress.documents += batch.records.len() as u64;
            progress.bytes += batch.text_bytes;
            monitor.advance(progress).map_err(|_| Error::Interrupted)?;
        }
    }
    Ok(evaluator.finish())
}

fn add(
    evaluator: &mut Evaluator<'_>,
    file: &EvaluatedFile,
    input: &Input,
    batch: &Batch,
) -> Result<()> {
    if let Some(bad) = batch.rejected.first() {
        return Err(bad_record(&bad.path, bad.record, bad.detail.clone()));
    }
    let names: Vec<_> =
        batch.records.iter().map(|one| names(file, input, one)).collect::<Result<_>>()?;
    let texts: Vec<_> = batch
        .records
        .iter()
        .zip(&names)
        .map(|(record, (language, source))| Document {
            language,
            source,
            id: record
                .id
                .as_deref()
                .map_or_else(
                    || DocId::of_text(source, &record.text),
                    |id| DocId::of_name(source, id),
                )
                .0,
            text: &record.text,
        })
        .collect();
    evaluator.add(&texts)
}

/// The language and the source of a record.
fn names(file: &EvaluatedFile, input: &Input, record: &Record) -> Result<(String, String)> {
    let fields: Value = serde_json::from_str(&record.metadata)
        .map_err(|error| bad_record(&input.name, Some(record.number), error.to_string()))?;
    let field = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let language = file.language.clone().or_else(|| LANGUAGE_FIELDS.into_iter().find_map(field));
    let language = language.ok_or_else(|| {
        let detail = "language is missing: expected a field language or lang, or LANG=FILE";
        bad_record(&input.name, Some(record.number), detail.to_owned())
    })?;
    Ok((language, field("source").unwrap_or_else(|| input.name.clone())))
}

fn bad_record(path: &str, record: Option<u64>, detail: String) -> Error {
    Error::BadRecord { path: path.to_owned(), record, detail }
}

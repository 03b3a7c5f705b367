//! Texts of files cleaned, as lines of one file, with all that is counted about them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gamayun_io::{Batch, Columns, Input, ReadParams, Record, find_inputs, json_line, open};
use gamayun_quality::clean::{Cleaner, Edit};
use gamayun_text::{Monitor, Progress, normalise};
use rayon::prelude::*;
use serde::Serialize;

use crate::batchwise::batch_pool;
use crate::cleaned_rows::{CleanedSink, Sides};
use crate::cleaning::KindCount;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::on_bad_record::OnBadRecord;
use crate::rejects::Rejects;

/// Bytes of text that are cleaned at once.
const BATCH_BYTES: usize = 4 << 20;
/// Records that are cleaned at once.
const BATCH_RECORDS: usize = 1 << 14;

/// What is cleaned, how, and where it goes.
#[derive(Debug)]
pub struct CleanFilesParams {
    /// Files, folders, globs, or `-`.
    pub paths: Vec<String>,
    /// How they are read. The id is a field like others; the table of changes names records by it.
    pub read: ReadParams,
    /// The language of all texts, for what only lines of a language are taken out by; `und`: not known.
    pub language: String,
    /// What becomes of bad records.
    pub on_bad_record: OnBadRecord,
    /// JSON Lines, compressed if its name ends in `.zst`; written whole or not at all.
    pub output: PathBuf,
    /// A line for each record that was set aside; none: they are only counted.
    pub rejected: Option<PathBuf>,
    /// A Parquet file of the changes of each text, if there is to be one.
    pub changes: Option<PathBuf>,
    /// Threads, at least 1.
    pub threads: usize,
}

/// What was cleaned. `records` are `documents` and those `rejected`; `bytes_before`, less those removed, with those added,
/// are `bytes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CleanedFiles {
    /// Records read.
    pub records: u64,
    /// Documents written.
    pub documents: u64,
    /// Records that could not be read.
    #[serde(flatten)]
    pub rejects: Rejects,
    /// Documents that were changed.
    pub changed: u64,
    /// Of texts as they were read.
    pub bytes_read: u64,
    /// Of texts as their changes lead back to: normalised, but for what was repaired.
    pub bytes_before: u64,
    /// Taken out of them.
    pub removed_bytes: u64,
    /// Put in.
    pub added_bytes: u64,
    /// Of texts as they were written.
    pub bytes: u64,
    /// What was changed, by kind.
    pub kinds: BTreeMap<String, KindCount>,
}

impl CleanedFiles {
    /// Refuses counts that do not add up.
    fn check(&self, output: &Path) -> Result<()> {
        let rejected = self.rejects.records();
        if self.records != self.documents + rejected {
            let (read, written) = (self.records, self.documents);
            let what =
                format!("{read} records were read, {written} written and {rejected} rejected");
            return Err(Error::damaged(output, what));
        }
        if self.bytes_before + self.added_bytes != self.bytes + self.removed_bytes {
            let Self { bytes_before, removed_bytes, added_bytes, bytes, .. } = self;
            let what = format!(
                "{bytes_before} bytes of text, less {removed_bytes}, with {added_bytes} added, are not {bytes}"
            );
            return Err(Error::damaged(output, what));
        }
        Ok(())
    }
}

/// Cleans the text of every record and keeps its other fields; progress is in bytes of the files.
///
/// The bytes that are written do not depend on threads. Output, rejected records and changes exist whole or not at all.
pub fn clean_files(
    cleaner: &Cleaner,
    params: &CleanFilesParams,
    monitor: &mut dyn Monitor,
) -> Result<CleanedFiles> {
    check_output(&params.output)?;
    let written = [Some(&params.output), params.rejected.as_ref(), params.changes.as_ref()];
    let inputs = inputs_apart(&params.paths, &params.read, &written)?;
    let total = inputs.iter().map(|input| input.bytes).sum();
    let mut progress = Progress { total, ..Progress::default() };
    // Ids stay what they are, numbers or strings, among the other fields.
    let columns = Columns { id: None, ..params.read.columns.clone() };
    let read = ReadParams { columns, metadata: true, ..params.read.clone() };
    let mut sink = CleanedSink::create(&params.output, &params.sides())?;
    let mut counts = CleanedFiles::default();
    let pool = batch_pool(params.threads)?;
    let (mut waiting, mut records) = (Vec::new(), 0);
    for input in &inputs {
        let (mut reader, mut batch) = (open(input, &read)?, Batch::default());
        let (before, mut more) = (progress.done, true);
        while more {
            more = reader.read(&mut batch, BATCH_BYTES, BATCH_RECORDS)?;
            counts.rejects.note(&batch, params.on_bad_record)?;
            counts.bytes_read += batch.text_bytes;
            sink.reject(&batch.rejected)?;
            // While texts are cleaned, those before them are compressed and written.
            let clean = || cleaned(cleaner, params, input, &batch.records);
            let (rows, written) = pool.install(|| rayon::join(clean, || sink.write(&waiting)));
            written?;
            waiting = rows;
            progress.done = (before + reader.position()).min(total);
            records += batch.records.len() as u64;
            progress.documents = records;
            progress.bytes += batch.text_bytes;
            monitor.advance(progress).map_err(|_| Error::Interrupted)?;
        }
    }
    sink.write(&waiting)?;
    sink.count(&mut counts);
    counts.records = records + counts.rejects.records();
    counts.check(&params.output)?;
    sink.finish()?;
    Ok(counts)
}

impl CleanFilesParams {
    fn sides(&self) -> Sides<'_> {
        Sides { rejected: self.rejected.as_deref(), changes: self.changes.as_deref() }
    }
}

fn check_output(path: &Path) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if [".jsonl", ".jsonl.zst"].iter().any(|ending| name.ends_with(ending)) {
        return Ok(());
    }
    Err(Error::Parameter {
        parameter: "output".into(),
        found: path.display().to_string(),
        expected: "a name that ends in .jsonl or .jsonl.zst".into(),
    })
}

/// The files that are read; refused if one would be written over.
pub(crate) fn inputs_apart(
    paths: &[String],
    read: &ReadParams,
    written: &[Option<&PathBuf>],
) -> Result<Vec<Input>> {
    let mut found = Vec::new();
    for path in paths {
        found.extend(find_inputs(path, read)?);
    }
    let written: Vec<PathBuf> =
        written.iter().flatten().filter_map(|path| path.canonicalize().ok()).collect();
    let over = |input: &&Input| input.path.canonicalize().is_ok_and(|path| written.contains(&path));
    match found.iter().find(over) {
        None => Ok(found),
        Some(input) => Err(Error::Parameter {
            parameter: "output".into(),
            found: format!("{}, which is among the files that are read", input.name),
            expected: "another place".into(),
        }),
    }
}

/// A cleaned record on its way to be written.
pub(crate) struct CleanedRow {
    pub input: String,
    pub number: u64,
    pub id: Option<String>,
    pub line: String,
    pub edits: Vec<Edit>,
    pub bytes_before: u64,
    pub bytes: u64,
}

fn cleaned(
    cleaner: &Cleaner,
    params: &CleanFilesParams,
    input: &Input,
    records: &[Record],
) -> Vec<CleanedRow> {
    let columns = &params.read.columns;
    let id = columns.id.as_deref().filter(|_| params.changes.is_some());
    let one = |record: &Record| {
        let mut draft = Draft::of(normalise(&record.text).0, &record.text, Some(cleaner));
        draft.filter_lines(Some(cleaner), &params.language);
        CleanedRow {
            input: input.name.clone(),
            number: record.number,
            id: id.and_then(|name| id_of(&record.metadata, name)),
            line: json_line(&record.metadata, &columns.text, &draft.text),
            bytes: draft.text.len() as u64,
            edits: draft.edits,
            bytes_before: draft.bytes_before,
        }
    };
    records.par_iter().map(one).collect()
}

/// The id among the fields of a record: a string, or a number as it is written.
fn id_of(metadata: &str, name: &str) -> Option<String> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(metadata).ok()?;
    match fields.get(name)? {
        serde_json::Value::String(id) => Some(id.clone()),
        serde_json::Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_that_do_not_add_up_are_refused() {
        let whole = CleanedFiles {
            records: 3,
            documents: 2,
            rejects: Rejects {
                rejected: BTreeMap::from([("corrupt".to_owned(), 1)]),
                ..Rejects::default()
            },
            bytes_before: 20,
            removed_bytes: 6,
            added_bytes: 2,
            bytes: 16,
            ..CleanedFiles::default()
        };
        let check = |counts: &CleanedFiles| counts.check(Path::new("out.jsonl"));
        assert!(check(&whole).is_ok());
        let lost = CleanedFiles { documents: 1, ..whole.clone() };
        let told = check(&lost).unwrap_err().to_string();
        assert_eq!(told, "out.jsonl: 3 records were read, 1 written and 1 rejected");
        let more = CleanedFiles { bytes: 17, ..whole };
        let told = check(&more).unwrap_err().to_string();
        assert_eq!(told, "out.jsonl: 20 bytes of text, less 6, with 2 added, are not 17");
    }

    #[test]
    fn an_id_is_a_string_or_a_number() {
        let of = |metadata| id_of(metadata, "id");
        assert_eq!(of(r#"{"id":"a"}"#).as_deref(), Some("a"));
        assert_eq!(of(r#"{"id":18446744073709551615}"#).as_deref(), Some("18446744073709551615"));
        assert_eq!((of(r#"{"id":["a"]}"#), of("{}")), (None, None));
    }
}

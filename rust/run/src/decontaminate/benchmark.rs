//! The items of benchmarks, from JSON Lines, Parquet and lines of text.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use gamayun_io::{Batch, Format, Input, ReadParams, TextUnit, find_inputs, open};
use gamayun_text::normalise;
use serde_json::Value;

use crate::error::{Error, Result};

/// The fields that ask: an item's text is what these hold, in this order.
///
/// Passages are not among them: a passage is taken from somewhere, and training on that place is no cheating.
pub const FIELDS: [&str; 10] = [
    "question",
    "problem",
    "prompt",
    "query",
    "instruction",
    "input",
    "text",
    "sentence",
    "premise",
    "goal",
];
/// Bytes and records of a batch.
const BATCH: (usize, usize) = (8 << 20, 1 << 14);

/// A file of a benchmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchmarkFile {
    /// The benchmark: the stem of the file, or the name of the folder that it was found in.
    pub benchmark: String,
    /// The file.
    pub path: PathBuf,
}

/// An item of a benchmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// Its `id`, or the number of its record, from 1.
    pub id: String,
    /// Its text, normalised; empty if none of the fields holds any.
    pub text: String,
}

/// The files that files, folders and globs name, by benchmark and path.
///
/// A folder is one benchmark, any other file is one of its own; of two files with the same stem, each is called by its
/// folder too.
pub fn find_benchmarks(specs: &[String]) -> Result<Vec<BenchmarkFile>> {
    let mut found = Vec::new();
    for spec in specs {
        let folder = Path::new(spec).is_dir().then(|| name(Path::new(spec)));
        let inputs = find_inputs(spec, &ReadParams::default())?;
        found.extend(inputs.into_iter().map(|input| BenchmarkFile {
            benchmark: folder.clone().unwrap_or_else(|| stem(&input.path)),
            path: input.path,
        }));
    }
    found.sort_by(|a, b| (&a.path, &a.benchmark).cmp(&(&b.path, &b.benchmark)));
    found.dedup_by(|a, b| a.path == b.path);
    let plain: Vec<BenchmarkFile> = found.clone();
    for file in &mut found {
        let is_stem = file.benchmark == stem(&file.path);
        let clashes = |other: &BenchmarkFile| {
            other.benchmark == file.benchmark && other.path.parent() != file.path.parent()
        };
        if is_stem && plain.iter().any(clashes) {
            let parent = file.path.parent().map(name).unwrap_or_default();
            file.benchmark = format!("{parent}/{}", file.benchmark);
        }
    }
    found.sort_by(|a, b| (&a.benchmark, &a.path).cmp(&(&b.benchmark, &b.path)));
    Ok(found)
}

fn name(path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    whole.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The name of a file without the endings of its format and compression.
fn stem(path: &Path) -> String {
    let name = name(path);
    let mut stem = name.as_str();
    for endings in [
        &["gz", "gzip", "zst", "zstd"][..],
        &["jsonl", "ndjson", "jsonlines", "json", "parquet", "pq", "txt", "text"],
    ] {
        if let Some((start, ending)) = stem.rsplit_once('.')
            && !start.is_empty()
            && endings.contains(&ending.to_ascii_lowercase().as_str())
        {
            stem = start;
        }
    }
    stem.to_owned()
}

/// The items of a file, in its order; an error if the file is not whole or no record has any of the fields.
pub(crate) fn read_items(path: &Path, fields: &[String]) -> Result<Vec<Item>> {
    let records = if is_parquet(path)? { parquet(path, fields)? } else { lines(path, fields)? };
    let names = match records {
        Records::Items(items) => return Ok(items),
        Records::WithoutFields(names) => names,
    };
    Err(Error::Parameter {
        parameter: "decontaminate-fields".into(),
        found: format!("{} has {}", path.display(), names.join(", ")),
        expected: format!("a record with text in {}", fields.join(", ")),
    })
}

enum Records {
    Items(Vec<Item>),
    /// No record has any of the fields; those of the first.
    WithoutFields(Vec<String>),
}

fn item(id: Option<String>, number: u64, text: &str) -> Item {
    Item { id: id.unwrap_or_else(|| number.to_string()), text: normalise(text).0.into_owned() }
}

fn is_parquet(path: &Path) -> Result<bool> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(4).read_to_end(&mut head))
        .map_err(Error::file(path))?;
    Ok(head == b"PAR1")
}

/// JSON objects, one a line, if the first line is one; else each line is an item.
fn lines(path: &Path, fields: &[String]) -> Result<Records> {
    let params = ReadParams {
        format: Some(Format::Text),
        text_unit: TextUnit::Line,
        max_document_bytes: 64 << 20,
        ..ReadParams::default()
    };
    let mut reader = open(&Input::file(path.to_owned()), &params)?;
    let (mut batch, mut items, mut first, mut more) = (Batch::default(), Vec::new(), None, true);
    while more {
        more = reader.read(&mut batch, BATCH.0, BATCH.1)?;
        if let Some(bad) = batch.rejected.first() {
            return Err(bad_record(path, bad.record, bad.detail.clone()));
        }
        for record in &batch.records {
            if items.is_empty() {
                first = object(&record.text).ok();
            }
            let Some(first) = &first else {
                items.push(item(None, record.number, &record.text));
                continue;
            };
            let parsed = if items.is_empty() { Ok(first.clone()) } else { object(&record.text) };
            let object = parsed.map_err(|what| bad_record(path, Some(record.number), what))?;
            items.push(item(id(&object), record.number, &text(&object, fields)));
        }
    }
    if let Some(Value::Object(first)) = first
        && items.iter().all(|item| item.text.is_empty())
    {
        return Ok(Records::WithoutFields(first.keys().cloned().collect()));
    }
    Ok(Records::Items(items))
}

fn bad_record(path: &Path, record: Option<u64>, detail: String) -> Error {
    Error::BadRecord { path: path.display().to_string(), record, detail }
}

fn object(line: &str) -> std::result::Result<Value, String> {
    match serde_json::from_str(line.trim_start_matches('\u{feff}')) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("not a JSON object".into()),
        Err(error) => Err(format!("not a JSON object: {error}")),
    }
}

fn id(object: &Value) -> Option<String> {
    match &object["id"] {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// What the fields hold, joined by line ends; `a.b` is the field b of the object a.
fn text(object: &Value, fields: &[String]) -> String {
    let mut found = Vec::new();
    for field in fields {
        let value =
            object.get(field).or_else(|| object.pointer(&format!("/{}", field.replace('.', "/"))));
        strings(value.unwrap_or(&Value::Null), &mut found);
    }
    found.join("\n")
}

fn strings<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) if !text.is_empty() => found.push(text),
        Value::Array(values) => values.iter().for_each(|value| strings(value, found)),
        _ => {}
    }
}

fn parquet(path: &Path, fields: &[String]) -> Result<Records> {
    let table = gamayun_io::read_table(path, None)?;
    let names: Vec<String> = table.schema().fields().iter().map(|f| f.name().clone()).collect();
    let mut items = Vec::new();
    for batch in table {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            let number = items.len() as u64 + 1;
            let text = fields.iter().filter_map(|field| cell(&batch, field, row));
            let text: Vec<String> = text.filter(|text| !text.is_empty()).collect();
            items.push(item(cell(&batch, "id", row), number, &text.join("\n")));
        }
    }
    if !items.is_empty() && items.iter().all(|item| item.text.is_empty()) {
        return Ok(Records::WithoutFields(names));
    }
    Ok(Records::Items(items))
}

fn cell(batch: &RecordBatch, name: &str, row: usize) -> Option<String> {
    value(batch.column_by_name(name)?, row)
}

/// A string, an integer, or a list of strings joined by line ends.
fn value(column: &ArrayRef, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Some(column.as_string::<i64>().value(row).to_owned()),
        DataType::Utf8View => Some(column.as_string_view().value(row).to_owned()),
        DataType::Int64 => Some(column.as_primitive::<Int64Type>().value(row).to_string()),
        DataType::List(_) => {
            let list = column.as_list::<i32>().value(row);
            let values = (0..list.len()).filter_map(|place| value(&list, place));
            Some(values.collect::<Vec<_>>().join("\n"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Vec<String> {
        FIELDS.map(str::to_owned).to_vec()
    }

    fn written(name: &str, content: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        (folder, path)
    }

    fn pairs(items: &[Item]) -> Vec<(&str, &str)> {
        items.iter().map(|item| (item.id.as_str(), item.text.as_str())).collect()
    }

    #[test]
    fn objects_give_their_fields_in_the_order_of_the_fields() {
        let (_folder, path) = written(
            "x.jsonl",
            "{\"input\": \"two\", \"question\": \"one\", \"id\": 7}\n\n{\"prompt\": [\"a\", \"b\"], \"question\": null}\n{\"answer\": \"c\"}\n",
        );
        let items = read_items(&path, &fields()).unwrap();
        assert_eq!(pairs(&items), [("7", "one\ntwo"), ("3", "a\nb"), ("4", "")]);
        let nested = read_items(&path, &["answer".into(), "prompt.0".into()]).unwrap();
        assert_eq!(pairs(&nested), [("7", ""), ("3", "a"), ("4", "c")]);
    }

    #[test]
    fn lines_that_are_no_objects_are_items() {
        let (_folder, path) = written("x.txt", "What is it?\n\nAnd where?\r\n");
        let items = read_items(&path, &fields()).unwrap();
        assert_eq!(pairs(&items), [("1", "What is it?"), ("3", "And where?")]);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let (_folder, path) = written("x.jsonl", "{\"stem\": \"one\", \"n\": 1}\n");
        let error = read_items(&path, &fields()).unwrap_err().to_string();
        assert!(error.contains("x.jsonl has ") && error.contains("stem"), "{error}");
        let (_folder, path) = written("y.jsonl", "{\"text\": \"one\"}\n{\"text\": \n");
        let error = read_items(&path, &fields()).unwrap_err().to_string();
        assert!(error.contains("y.jsonl: record 2: not a JSON object"), "{error}");
    }

    #[test]
    fn benchmarks_are_files_or_folders() {
        let folder = tempfile::tempdir().unwrap();
        let mut specs = Vec::new();
        for name in
            ["a/test.jsonl", "b/test.jsonl", "b/more.jsonl.gz", "c/one.jsonl", "c/d/two.txt"]
        {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "{\"text\": \"x\"}\n").unwrap();
            if !name.starts_with('c') {
                specs.push(path.display().to_string());
            }
        }
        specs.push(folder.path().join("c").display().to_string());
        let found = find_benchmarks(&specs).unwrap();
        let names: Vec<&str> = found.iter().map(|file| file.benchmark.as_str()).collect();
        assert_eq!(names, ["a/test", "b/test", "c", "c", "more"]);
    }
}

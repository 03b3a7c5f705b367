//! The same documents in each format and compression give the same records.

mod common;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
    Int64Array, LargeStringArray, ListArray, RecordBatch, StringArray, StringViewArray,
    StructArray, TimestampMillisecondArray, UInt8Array,
};
use arrow_schema::{DataType, Field, Schema};
use common::{Files, Outcome, Read, gzip, read, read_in_batches, zstd};
use gamayun_io::{
    Error, Format, Input, ReadParams, Record, RejectReason, TableWriter, TextUnit, find_inputs,
    open,
};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;

/// A document to write: text, id, and two fields of metadata.
type Doc = (String, Option<String>, Option<String>, i64);

fn doc() -> impl Strategy<Value = Doc> {
    let text = prop_oneof![".{0,40}", "[a-z \n\t\"\\\\\\x00é猫💡]{0,200}", Just("x".repeat(5000))];
    (text, prop::option::of("[a-z0-9\"é]{1,8}"), prop::option::of(".{0,10}"), any::<i64>())
}

fn json_line((text, id, url, n): &Doc) -> String {
    let object = serde_json::json!({ "url": url, "text": text, "id": id, "n": n });
    format!("{object}\n")
}

fn parquet_columns(docs: &[Doc], kind: usize) -> Vec<(&'static str, ArrayRef, bool)> {
    let texts = docs.iter().map(|doc| Some(doc.0.as_str()));
    let text: ArrayRef = match kind {
        0 => Arc::new(texts.collect::<StringArray>()),
        1 => Arc::new(texts.collect::<LargeStringArray>()),
        2 => Arc::new(texts.collect::<StringViewArray>()),
        3 => Arc::new(docs.iter().map(|doc| Some(doc.0.as_bytes())).collect::<BinaryArray>()),
        _ => {
            let mut builder = StringDictionaryBuilder::<Int32Type>::new();
            for doc in docs {
                builder.append_value(&doc.0);
            }
            Arc::new(builder.finish())
        }
    };
    let ids: StringArray = docs.iter().map(|doc| doc.1.clone()).collect();
    let urls: StringArray = docs.iter().map(|doc| doc.2.clone()).collect();
    let ns: Int64Array = docs.iter().map(|doc| Some(doc.3)).collect();
    vec![
        ("url", Arc::new(urls), true),
        ("text", text, true),
        ("n", Arc::new(ns), true),
        ("id", Arc::new(ids), true),
    ]
}

/// Parquet as others write it, in row groups of two.
fn parquet_bytes(docs: &[Doc], kind: usize) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let batch = RecordBatch::try_from_iter_with_nullable(parquet_columns(docs, kind))?;
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(2)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?)
}

fn frames(content: &str, at: usize) -> Result<Vec<Vec<u8>>, Box<dyn std::error::Error>> {
    let (head, tail) = content.as_bytes().split_at(at.min(content.len()));
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    let named = {
        let mut builder = flate2::GzBuilder::new()
            .filename("a")
            .comment("b")
            .extra(b"cd".to_vec())
            .write(Vec::new(), flate2::Compression::fast());
        builder.write_all(content.as_bytes())?;
        builder.finish()?
    };
    Ok(vec![
        content.as_bytes().to_vec(),
        content.replace('\n', "\r\n").into_bytes(),
        ["\u{feff}", content].concat().into_bytes(),
        gzip(content.as_bytes())?,
        [gzip(head)?, gzip(b"")?, gzip(tail)?].concat(),
        named,
        zstd(content.as_bytes())?,
        [skippable.clone(), zstd(head)?, skippable.clone(), zstd(tail)?, skippable].concat(),
    ])
}

fn expected(docs: &[Doc]) -> Vec<Record> {
    let record = |(i, (text, id, url, n)): (usize, &Doc)| Record {
        number: i as u64 + 1,
        id: id.clone(),
        text: text.clone(),
        metadata: serde_json::json!({ "n": n, "url": url }).to_string(),
    };
    docs.iter().enumerate().map(record).collect()
}

fn read_parquet(files: &Files, name: &str, params: &ReadParams) -> gamayun_io::Result<Read> {
    let mut all = Read::default();
    for input in find_inputs(&files.spec(name), params)? {
        let mut group = read(&input, params)?;
        all.records.append(&mut group.records);
        all.rejected.append(&mut group.rejected);
    }
    Ok(all)
}

fn formats_agree(docs: &[Doc], at: usize, batch: usize) -> Outcome {
    let (files, params) = (Files::new()?, ReadParams::default());
    let content: String = docs.iter().map(json_line).collect();
    for bytes in frames(&content, at)? {
        // Names lie; the content tells.
        for name in ["in.jsonl", "in.jsonl.gz", "in.zst", "in.parquet", "in"] {
            let all = read_in_batches(&files.add(name, &bytes)?, &params, batch, batch)?;
            assert_eq!(all.records, expected(docs), "{name}");
            assert!(all.rejected.is_empty());
            assert_eq!(all.fingerprint, Some(gamayun_text::hash::hash128(&bytes)));
        }
    }
    for kind in 0..5 {
        for name in ["in.parquet", "in.jsonl", "in"] {
            files.add(name, parquet_bytes(docs, kind)?)?;
            let all = read_parquet(&files, name, &params)?;
            assert_eq!((all.records, all.rejected), (expected(docs), vec![]), "{name}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn formats_and_compressions_agree(
        docs in prop::collection::vec(doc(), 1..7),
        at in 0..9000_usize,
        batch in 1..5000_usize,
    ) {
        formats_agree(&docs, at, batch).map_err(|e| TestCaseError::fail(e.to_string()))?;
    }
}

#[test]
fn lines_longer_than_the_buffer_are_read() -> Outcome {
    let texts: Vec<String> =
        [3 << 20, 10, 1 << 20, (1 << 20) - 11, 0].map(|n| "y".repeat(n)).into();
    let lines: Vec<String> = texts.iter().map(|t| format!("{{\"text\":\"{t}\"}}\n")).collect();
    let content = lines.concat();
    let files = Files::new()?;
    for bytes in [content.clone().into_bytes(), gzip(content.as_bytes())?] {
        let all = read_in_batches(&files.add("in.jsonl", bytes)?, &ReadParams::default(), 1, 9)?;
        assert_eq!(all.texts(), texts);
    }
    Ok(())
}

#[test]
fn a_batch_is_full_at_its_bytes() -> Outcome {
    let files = Files::new()?;
    let input = files.add("in.jsonl", "{\"text\":\"12345\"}\n".repeat(7))?;
    let mut reader = open(&input, &ReadParams::default())?;
    let (mut batch, mut sizes) = (gamayun_io::Batch::default(), Vec::new());
    while reader.read(&mut batch, 10, 100)? {
        sizes.push(batch.records.len());
        assert!(reader.position() <= input.bytes);
    }
    sizes.push(batch.records.len());
    assert_eq!(sizes, [2, 2, 2, 1]);
    assert_eq!(reader.position(), input.bytes);
    assert!(!reader.read(&mut batch, 10, 100)?);
    assert!(batch.records.is_empty());
    Ok(())
}

#[test]
fn columns_are_mapped_and_the_rest_is_canonical_metadata() -> Outcome {
    let files = Files::new()?;
    let mut params = ReadParams::default();
    params.columns.text = "body".to_owned();
    params.columns.id = Some("key".to_owned());
    let line = r#"{"z":{"b":[1,2.50,{"d":1,"c":"\u0041\/"}],"a":null},"key":17,"body":"t","text":"x","z2":1,"z2":2,"id":"i"}"#;
    let all = read(&files.add("in.jsonl", line)?, &params)?;
    let record = &all.records[0];
    assert_eq!((record.id.as_deref(), record.text.as_str()), (Some("17"), "t"));
    assert_eq!(
        record.metadata,
        r#"{"id":"i","text":"x","z":{"a":null,"b":[1,2.5,{"c":"A/","d":1}]},"z2":2}"#
    );
    params.columns.id = None;
    let all = read(&files.add("in.jsonl", line)?, &params)?;
    assert_eq!(all.records[0].id, None);
    assert!(all.records[0].metadata.contains("\"key\":17"));
    Ok(())
}

#[test]
fn the_last_of_equal_keys_wins() -> Outcome {
    let files = Files::new()?;
    let input = files.add("in.jsonl", r#"{"text":"a","id":"1","text":"b","id":null}"#)?;
    let all = read(&input, &ReadParams::default())?;
    assert_eq!((all.texts(), all.records[0].id.as_deref()), (vec!["b"], None));
    Ok(())
}

#[test]
fn an_empty_id_is_none() -> Outcome {
    let files = Files::new()?;
    let all = read(&files.add("in.jsonl", r#"{"text":"a","id":""}"#)?, &ReadParams::default())?;
    assert_eq!(all.records[0].id, None);
    Ok(())
}

#[test]
fn text_is_a_file_a_document() -> Outcome {
    let files = Files::new()?;
    let content = "one\r\n\n{two}\n";
    for (name, bytes) in [
        ("a b.txt", content.as_bytes().to_vec()),
        ("a b.txt.gz", gzip(content.as_bytes())?),
        ("a b.txt.zst", zstd(content.as_bytes())?),
    ] {
        let all = read(&files.add(name, &bytes)?, &ReadParams::default())?;
        let record = Record {
            number: 1,
            id: None,
            text: content.to_owned(),
            metadata: r#"{"file":"a b.txt"}"#.to_owned(),
        };
        assert_eq!(all.records, [record], "{name}");
        assert_eq!(all.fingerprint, Some(gamayun_text::hash::hash128(&bytes)));
        let cut = read(&files.add("cut.txt", &bytes[..bytes.len() - 5])?, &ReadParams::default())?;
        if name != "a b.txt" {
            assert_eq!(
                (cut.texts(), cut.reasons()),
                (vec![], vec![(Some(1), RejectReason::Truncated)])
            );
        }
    }
    let bad = read(&files.add("bad.txt", b"abc\xff")?, &ReadParams::default())?;
    assert_eq!(bad.reasons(), [(Some(1), RejectReason::InvalidUtf8)]);
    Ok(())
}

#[test]
fn text_is_a_line_a_document() -> Outcome {
    let files = Files::new()?;
    let params = ReadParams { text_unit: TextUnit::Line, ..ReadParams::default() };
    let content = "\u{feff}one\r\n\n \ntwo\0\n\nthree";
    let bytes = content.as_bytes();
    for bytes in [bytes.to_vec(), gzip(bytes)?, zstd(bytes)?] {
        let all = read(&files.add("in.txt", bytes)?, &params)?;
        assert_eq!(all.texts().join("|"), "one|two\0|three");
        assert_eq!(all.records.iter().map(|r| r.number).collect::<Vec<_>>(), [1, 4, 6]);
        assert_eq!((all.records[0].id.as_deref(), all.records[0].metadata.as_str()), (None, "{}"));
    }
    let all = read(&files.add("in.txt", b"a\n\xff\nb\n")?, &params)?;
    assert_eq!(
        (all.texts(), all.reasons()),
        (vec!["a", "b"], vec![(Some(2), RejectReason::InvalidUtf8)])
    );
    let whole = gzip(b"first\nsecond\n")?;
    let all = read(&files.add("in.txt", &whole[..whole.len() - 9])?, &params)?;
    assert_eq!(all.reasons(), [(Some(all.records.len() as u64 + 1), RejectReason::Truncated)]);
    Ok(())
}

#[test]
fn json_is_known_behind_an_ending_that_lies_and_text_is_left_alone() -> Outcome {
    let files = Files::new()?;
    let line = "{\"text\":\"a\"}\n";
    let all = read(&files.add("in.txt", line)?, &ReadParams::default())?;
    assert_eq!(all.texts(), ["a"]);
    let all = read(&files.add("in.txt", "{not json}\n")?, &ReadParams::default())?;
    assert_eq!(all.texts(), ["{not json}\n"]);
    let given = ReadParams { format: Some(Format::Text), ..ReadParams::default() };
    assert_eq!(read(&files.add("in.jsonl", line)?, &given)?.texts(), [line]);
    let given = ReadParams { format: Some(Format::Jsonl), ..ReadParams::default() };
    assert_eq!(read(&files.add("in.txt", line)?, &given)?.texts(), ["a"]);
    Ok(())
}

#[test]
fn values_of_parquet_columns_are_json() -> Outcome {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None]);
    let inner = StructArray::from(vec![
        (
            Arc::new(Field::new("y", DataType::Boolean, true)),
            Arc::new(BooleanArray::from(vec![true, false])) as ArrayRef,
        ),
        (
            Arc::new(Field::new("x", DataType::Utf8, true)),
            Arc::new(StringArray::from(vec![Some("\""), None])) as ArrayRef,
        ),
    ]);
    let decimals = Decimal128Array::from(vec![12345, -5]).with_precision_and_scale(9, 2)?;
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("text", Arc::new(StringArray::from(vec![Some("a"), None])), true),
        ("id", Arc::new(UInt8Array::from(vec![Some(7), None])), true),
        ("list", Arc::new(list), true),
        ("inner", Arc::new(inner), true),
        ("decimal", Arc::new(decimals), true),
        (
            "when",
            Arc::new(
                TimestampMillisecondArray::from(vec![1_700_000_000_123, 0]).with_timezone("UTC"),
            ),
            true,
        ),
        ("day", Arc::new(Date32Array::from(vec![19_000, 0])), true),
        ("f32", Arc::new(Float32Array::from(vec![0.1, f32::NAN])), true),
        ("f64", Arc::new(Float64Array::from(vec![1e300, 0.25])), true),
        ("bytes", Arc::new(BinaryArray::from_vec(vec![b"\x00\xff", b""])), true),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
    let files = Files::new()?;
    let path = files.path("in.parquet");
    let mut table = TableWriter::create(&path, batch.schema())?;
    table.write(&batch)?;
    table.finish()?;
    let all = read(&Input::file(path), &ReadParams::default())?;
    assert_eq!(all.records[0].id.as_deref(), Some("7"));
    assert_eq!(
        all.records[0].metadata,
        concat!(
            r#"{"bytes":"00ff","day":"2022-01-08","decimal":"123.45","f32":0.1,"f64":1e+300,"#,
            r#""inner":{"x":"\"","y":true},"list":[1,null],"when":"2023-11-14T22:13:20.123"}"#
        )
    );
    assert_eq!(all.reasons(), [(Some(2), RejectReason::MissingText)]);
    Ok(())
}

#[test]
fn a_parquet_column_that_is_missing_or_no_string_is_named() -> Outcome {
    let files = Files::new()?;
    let docs = vec![("t".to_owned(), None, None, 1)];
    let input = files.add("in.parquet", parquet_bytes(&docs, 0)?)?;
    let mut params = ReadParams::default();
    params.columns.text = "texts".to_owned();
    let error = open(&input, &params).err().ok_or("opened")?.to_string();
    assert!(error.ends_with(r#"in.parquet: no column "texts"; its columns are url, text, n, id (did you mean "text"?)"#), "{error}");
    params.columns.text = "n".to_owned();
    let error = open(&input, &params).err().ok_or("opened")?;
    assert!(matches!(error, Error::ColumnType { .. }));
    assert!(error.to_string().ends_with(r#"column "n" holds Int64, expected strings"#), "{error}");
    Ok(())
}

/// Parquet with strings that are not UTF-8, as careless writers make it.
fn bad_strings(files: &Files, column: &str) -> Result<Input, Box<dyn std::error::Error>> {
    let strings = |row: usize| if row % 700 == 350 { b"\xff".to_vec() } else { b"ok".to_vec() };
    let values: BinaryArray = (0..3000).map(|row| Some(strings(row))).collect();
    let texts = StringArray::from(vec!["t"; 3000]);
    let schema = Schema::new(vec![
        Field::new("text", DataType::Utf8, true),
        Field::new("other", DataType::Utf8, true),
    ]);
    let (bad, good): (ArrayRef, ArrayRef) = (Arc::new(values), Arc::new(texts));
    let columns = if column == "text" { [bad, good] } else { [good, bad] };
    // The Parquet schema says strings, the arrays do not.
    let parquet = parquet::arrow::ArrowSchemaConverter::new().convert(&schema)?;
    let arrow = Schema::new(
        columns
            .iter()
            .zip(schema.fields())
            .map(|(c, f)| Field::new(f.name(), c.data_type().clone(), true))
            .collect::<Vec<_>>(),
    );
    let options = parquet::arrow::arrow_writer::ArrowWriterOptions::new()
        .with_parquet_schema(parquet)
        .with_skip_arrow_metadata(true);
    let batch = RecordBatch::try_new(Arc::new(arrow), columns.to_vec())?;
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options)?;
    writer.write(&batch)?;
    files.add("in.parquet", writer.into_inner()?)
}

#[test]
fn strings_of_parquet_that_are_not_utf8_reject_their_rows_alone() -> Outcome {
    let files = Files::new()?;
    for column in ["text", "other"] {
        let all = read(&bad_strings(&files, column)?, &ReadParams::default())?;
        let bad = [351, 1051, 1751, 2451].map(|row| (Some(row), RejectReason::InvalidUtf8));
        assert_eq!(all.reasons(), bad, "{column}");
        assert_eq!(all.records.len(), 2996);
        assert!(all.records.windows(2).all(|pair| pair[0].number < pair[1].number));
    }
    Ok(())
}

#[test]
fn a_parquet_page_that_is_broken_loses_the_rest_of_its_row_group() -> Outcome {
    let docs: Vec<Doc> = (0..6).map(|i| (format!("{i}-").repeat(300), None, None, i)).collect();
    let mut bytes = parquet_bytes(&docs, 0)?;
    let at = bytes.windows(4).position(|window| window == b"2-2-").ok_or("not there")?;
    bytes[at - 12..at].fill(0xff);
    let files = Files::new()?;
    files.add("in.parquet", bytes)?;
    let all = read_parquet(&files, "in.parquet", &ReadParams::default())?;
    assert_eq!(all.records.iter().map(|r| r.number).collect::<Vec<_>>(), [1, 2, 5, 6]);
    assert_eq!(all.reasons(), [(Some(3), RejectReason::Corrupt)]);
    assert!(all.rejected[0].tail_unknown);
    assert!(
        all.rejected[0].detail.starts_with("this and the 2 rows from here on"),
        "{}",
        all.rejected[0]
    );
    Ok(())
}

#[test]
fn a_truncated_parquet_file_is_named() -> Outcome {
    let bytes = parquet_bytes(&[("t".to_owned(), None, None, 1)], 0)?;
    let files = Files::new()?;
    files.add("in.parquet", &bytes[..bytes.len() - 20])?;
    let inputs = find_inputs(&files.spec("in.parquet"), &ReadParams::default())?;
    let error = open(&inputs[0], &ReadParams::default()).err().ok_or("opened")?;
    assert!(error.to_string().contains("in.parquet: corrupt: "), "{error}");
    Ok(())
}

#[test]
fn readers_go_from_thread_to_thread() {
    fn assert_send<T: Send>() {}
    assert_send::<gamayun_io::Reader>();
}

/// The marker of the process that `stdin_is_read` starts.
const CHILD: &str = "GAMAYUN_TEST_READS_STDIN";

#[test]
fn stdin_is_read() -> Outcome {
    let content = "{\"text\":\"one\"}\n{\"text\":\"two\"}\n{\"text\":";
    for bytes in [content.as_bytes().to_vec(), gzip(content.as_bytes())?, zstd(content.as_bytes())?]
    {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--exact", "the_child_reads_stdin"])
            .env(CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        let mut stdin = child.stdin.take().ok_or("no stdin")?;
        stdin.write_all(&bytes[..3])?;
        stdin.write_all(&bytes[3..])?;
        drop(stdin);
        assert!(child.wait()?.success());
    }
    Ok(())
}

#[test]
fn the_child_reads_stdin() -> Outcome {
    if std::env::var_os(CHILD).is_none() {
        return Ok(());
    }
    let inputs = find_inputs("-", &ReadParams::default())?;
    let all = read(&inputs[0], &ReadParams::default())?;
    assert_eq!(all.texts(), ["one", "two"]);
    assert_eq!(all.reasons(), [(Some(3), RejectReason::Truncated)]);
    assert!(all.rejected[0].to_string().starts_with("stdin: record 3: "));
    assert!(all.fingerprint.is_some());
    Ok(())
}

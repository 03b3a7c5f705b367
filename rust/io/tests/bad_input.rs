//! Every kind of bad input: what is delivered, what is rejected, and what is said about it.

mod common;

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};

use common::{Files, Outcome, gzip, read, read_in_batches, zstd};
use gamayun_io::{
    Error, Format, Input, ReadParams, RejectReason, RejectedLine, TextUnit, find_inputs, open,
};

const THREE: &str = "{\"id\":\"a\",\"text\":\"one\"}\n{\"id\":\"b\",\"text\":\"two\"}\n{\"id\":\"c\",\"text\":\"three\"}\n";

fn jsonl(content: impl AsRef<[u8]>) -> Result<common::Read, Box<dyn std::error::Error>> {
    let files = Files::new()?;
    Ok(read(&files.add("in.jsonl", content)?, &ReadParams::default())?)
}

/// Lines enough to fill several compressed blocks, hard to compress.
fn many_lines() -> String {
    let mut seed = 1_u64;
    let mut line = |i: u32| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{{\"id\":{i},\"text\":\"{seed:x} {:x}\"}}\n", seed.rotate_left(17))
    };
    (0..20_000).map(&mut line).collect::<Vec<_>>().concat()
}

#[test]
fn a_truncated_stream_gives_its_head_and_an_unknown_tail() -> Outcome {
    let content = many_lines();
    let files = Files::new()?;
    for (name, whole) in
        [("in.gz", gzip(content.as_bytes())?), ("in.zst", zstd(content.as_bytes())?)]
    {
        let half = &whole[..whole.len() * 3 / 5];
        let all = read_in_batches(&files.add(name, half)?, &ReadParams::default(), 1 << 20, 1000)?;
        let delivered = all.records.len() as u64;
        assert!(delivered > 5000, "{name}: {delivered}");
        assert!(content.starts_with(&format!("{{\"id\":0,\"text\":\"{}\"", all.records[0].text)));
        assert_eq!(all.reasons(), [(Some(delivered + 1), RejectReason::Truncated)], "{name}");
        assert!(all.rejected[0].tail_unknown);
        let message = all.rejected[0].to_string();
        assert!(
            message.contains(&format!("{name}: record {}: the file ends", delivered + 1)),
            "{message}"
        );
        assert!(all.fingerprint.is_some());
    }
    Ok(())
}

#[test]
fn a_stream_cut_anywhere_never_gives_a_wrong_record() -> Outcome {
    let files = Files::new()?;
    for whole in [gzip(THREE.as_bytes())?, zstd(THREE.as_bytes())?] {
        for length in 5..whole.len() {
            let all = read(&files.add("in.bin", &whole[..length])?, &ReadParams::default())?;
            let texts = all.texts();
            assert!(["one", "two", "three"].starts_with(&texts), "{length}: {texts:?}");
            assert_eq!(all.reasons(), [(Some(texts.len() as u64 + 1), RejectReason::Truncated)]);
        }
    }
    Ok(())
}

#[test]
fn a_broken_byte_in_a_stream_is_found() -> Outcome {
    let content = many_lines();
    let files = Files::new()?;
    for (name, mut whole) in
        [("in.gz", gzip(content.as_bytes())?), ("in.zst", zstd(content.as_bytes())?)]
    {
        let middle = whole.len() / 2;
        whole[middle] ^= 0x55;
        let all = read_in_batches(&files.add(name, whole)?, &ReadParams::default(), 1 << 20, 1000)?;
        let last = all.rejected.last().ok_or("nothing was rejected")?;
        assert_eq!((last.reason, last.tail_unknown), (RejectReason::Corrupt, true), "{name}");
        assert!(all.fingerprint.is_some(), "the rest is read for the hash");
    }
    Ok(())
}

#[test]
fn what_follows_a_compressed_file_is_told_unless_it_is_padding() -> Outcome {
    let files = Files::new()?;
    let padded = [gzip(THREE.as_bytes())?, vec![0; 512]].concat();
    assert!(read(&files.add("padded.gz", padded)?, &ReadParams::default())?.rejected.is_empty());
    for whole in [gzip(THREE.as_bytes())?, zstd(THREE.as_bytes())?] {
        let input = files.add("in.bin", [whole, b"garbage".to_vec()].concat())?;
        let all = read(&input, &ReadParams::default())?;
        assert_eq!(all.texts(), ["one", "two", "three"]);
        assert_eq!(all.reasons(), [(Some(4), RejectReason::Corrupt)]);
    }
    Ok(())
}

#[test]
fn a_zstd_window_that_needs_too_much_memory_is_refused() -> Outcome {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1)?;
    encoder.window_log(30)?;
    encoder.long_distance_matching(true)?;
    encoder.write_all(THREE.as_bytes())?;
    let files = Files::new()?;
    let all = read(&files.add("in.jsonl.zst", encoder.finish()?)?, &ReadParams::default())?;
    assert_eq!(all.reasons(), [(Some(1), RejectReason::Unreadable)]);
    assert!(
        all.rejected[0].to_string().contains("recompress it with --long=27"),
        "{}",
        all.rejected[0]
    );
    Ok(())
}

#[test]
fn a_plain_file_cut_inside_a_record_has_an_unknown_tail() -> Outcome {
    let all = jsonl(&THREE[..THREE.len() - 6])?;
    assert_eq!(all.texts(), ["one", "two"]);
    assert_eq!(all.reasons(), [(Some(3), RejectReason::Truncated)]);
    assert!(all.rejected[0].tail_unknown);
    Ok(())
}

#[test]
fn the_last_newline_may_be_missing() -> Outcome {
    let all = jsonl(THREE.trim_end())?;
    assert_eq!(all.texts(), ["one", "two", "three"]);
    assert!(all.rejected.is_empty());
    Ok(())
}

#[test]
fn invalid_utf8_rejects_its_record_alone() -> Outcome {
    let all = jsonl(b"{\"text\":\"a\"}\n{\"text\":\"\xff\"}\n{\"text\":\"\xd0\xb1\"}\n")?;
    assert_eq!(all.texts(), ["a", "б"]);
    assert_eq!(all.reasons(), [(Some(2), RejectReason::InvalidUtf8)]);
    assert!(all.rejected[0].to_string().ends_with("in.jsonl: record 2: not UTF-8 at byte 9"));
    assert!(!all.rejected[0].tail_unknown);
    Ok(())
}

#[test]
fn invalid_json_rejects_its_record_alone() -> Outcome {
    let lines = [
        "{\"text\": \"a\"",
        "[1]",
        "\"text\"",
        "{\"text\":\"a\"} x",
        "{'text':'a'}",
        "{\"text\":\"\\ud800\"}",
        "{\"text\":\"a\",}",
        "\0",
        "{\"text\":\"a\0b\"}",
    ];
    for line in lines {
        let all = jsonl(format!("{line}\n{{\"text\":\"good\"}}\n"))?;
        assert_eq!(all.texts(), ["good"], "{line}");
        assert_eq!(all.reasons(), [(Some(1), RejectReason::InvalidJson)], "{line}");
    }
    Ok(())
}

#[test]
fn text_that_is_missing_or_no_string_is_rejected() -> Outcome {
    let cases = [
        ("{}", RejectReason::MissingText, "text is missing"),
        ("{\"text\":null}", RejectReason::MissingText, "text is null"),
        ("{\"text\":5}", RejectReason::TextNotString, "text is a number, not a string"),
        ("{\"text\":5.5}", RejectReason::TextNotString, "text is a number, not a string"),
        ("{\"text\":[\"a\"]}", RejectReason::TextNotString, "text is a list, not a string"),
        ("{\"text\":{\"a\":1}}", RejectReason::TextNotString, "text is an object, not a string"),
        ("{\"text\":true}", RejectReason::TextNotString, "text is a boolean, not a string"),
        (
            "{\"text\":\"a\",\"id\":1.5}",
            RejectReason::InvalidId,
            "id is a number, not a string or an integer",
        ),
    ];
    for (line, reason, detail) in cases {
        let all = jsonl(line)?;
        assert_eq!(all.reasons(), [(Some(1), reason)], "{line}");
        assert_eq!(all.rejected[0].detail, detail);
    }
    Ok(())
}

#[test]
fn the_text_column_is_named_in_what_is_said() -> Outcome {
    let files = Files::new()?;
    let mut params = ReadParams::default();
    params.columns.text = "content".to_owned();
    let all = read(&files.add("in.jsonl", THREE)?, &params)?;
    assert_eq!(all.rejected[2].detail, "content is missing");
    assert_eq!(all.rejected.len(), 3);
    Ok(())
}

#[test]
fn a_bom_crlf_nul_and_blank_lines_are_read() -> Outcome {
    let all = jsonl("\u{feff}{\"text\":\"a\\u0000b\"}\r\n\r\n  \n{\"text\":\"c\\r\\nd\"}\r\n")?;
    assert_eq!(all.texts(), ["a\0b", "c\r\nd"]);
    assert_eq!(all.records.iter().map(|r| r.number).collect::<Vec<_>>(), [1, 4]);
    assert!(all.rejected.is_empty());
    Ok(())
}

#[test]
fn a_bom_in_a_compressed_file_of_text_is_no_text() -> Outcome {
    let files = Files::new()?;
    let input = files.add("in.txt.zst", zstd("\u{feff}hello".as_bytes())?)?;
    assert_eq!(read(&input, &ReadParams::default())?.texts(), ["hello"]);
    Ok(())
}

#[test]
fn documents_and_lines_above_the_limit_are_skipped() -> Outcome {
    let params = ReadParams { max_document_bytes: 100, ..ReadParams::default() };
    let (long, longer) = ("x".repeat(101), "x".repeat(5 << 20));
    let content = format!(
        "{{\"text\":\"{long}\"}}\n{{\"text\":\"{longer}\"}}\n{{\"text\":\"{}\"}}\n",
        &long[1..]
    );
    let files = Files::new()?;
    for (name, bytes) in
        [("a.jsonl", content.clone().into_bytes()), ("a.zst", zstd(content.as_bytes())?)]
    {
        let all = read(&files.add(name, bytes)?, &params)?;
        assert_eq!(all.texts(), [&long[1..]], "{name}");
        assert_eq!(
            all.reasons(),
            [(Some(1), RejectReason::TooLarge), (Some(2), RejectReason::TooLarge)]
        );
        assert!(
            all.rejected[1].detail.starts_with("a line of 5242891 bytes, too long"),
            "{}",
            all.rejected[1]
        );
        assert!(all.fingerprint.is_some());
    }
    Ok(())
}

#[test]
fn a_last_line_above_the_limit_is_rejected_once() -> Outcome {
    let params = ReadParams { max_document_bytes: 100, ..ReadParams::default() };
    let files = Files::new()?;
    let content = format!("{{\"text\":\"a\"}}\n{}", "x".repeat(3 << 20));
    for unit in [TextUnit::Line, TextUnit::File] {
        let params = ReadParams { text_unit: unit, ..params.clone() };
        let all = read(&files.add("in.jsonl", &content)?, &params)?;
        assert_eq!(all.reasons(), [(Some(2), RejectReason::TooLarge)]);
    }
    let all = read(&files.add("in.txt", "x".repeat(1 << 20))?, &params)?;
    assert_eq!(all.reasons(), [(Some(1), RejectReason::TooLarge)]);
    assert!(all.fingerprint.is_some());
    Ok(())
}

#[test]
fn escapes_do_not_make_a_document_too_large() -> Outcome {
    let text = "б".repeat(100_000);
    let escaped = "\\u0431".repeat(100_000);
    let params = ReadParams { max_document_bytes: 200_000, ..ReadParams::default() };
    let files = Files::new()?;
    let all = read(&files.add("in.jsonl", format!("{{\"text\":\"{escaped}\"}}"))?, &params)?;
    assert_eq!(all.texts(), [text]);
    Ok(())
}

/// Peak memory is looked at as well: the line never is in it.
#[test]
#[ignore = "writes 200 MB"]
fn a_line_of_200_mb_is_skipped() -> Outcome {
    let files = Files::new()?;
    let path = files.path("in.jsonl");
    let mut file = File::create(&path)?;
    file.write_all(b"{\"text\":\"a\"}\n{\"text\":\"")?;
    for _ in 0..200 {
        file.write_all(&vec![b'x'; 1_000_000])?;
    }
    file.write_all(b"\"}\n{\"text\":\"b\"}\n")?;
    drop(file);
    let before = peak_memory()?;
    let all = read(&Input::file(path), &ReadParams::default())?;
    assert_eq!(all.texts(), ["a", "b"]);
    assert_eq!(all.reasons(), [(Some(2), RejectReason::TooLarge)]);
    assert!(peak_memory()? - before < 150_000, "{before} to {} KB", peak_memory()?);
    Ok(())
}

/// The process's peak resident memory in KB.
fn peak_memory() -> Result<u64, Box<dyn std::error::Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.split_whitespace().nth(1).ok_or("no value")?.parse()?)
}

#[test]
fn empty_files_have_no_records_and_no_errors() -> Outcome {
    let files = Files::new()?;
    for name in ["a.jsonl", "a.txt", "a.parquet", "a.jsonl.gz", "a.jsonl.zst", "a"] {
        for content in [Vec::new(), gzip(b"")?, zstd(b"")?] {
            for text_unit in [TextUnit::File, TextUnit::Line] {
                let params = ReadParams { text_unit, ..ReadParams::default() };
                let all = read(&files.add(name, &content)?, &params)?;
                assert!(all.records.is_empty() && all.rejected.is_empty(), "{name}: {all:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn a_missing_source_is_named() -> Outcome {
    let params = ReadParams::default();
    let error = find_inputs("no/such/file.jsonl", &params).err().ok_or("found")?;
    assert_eq!(error.to_string(), "no/such/file.jsonl: no such file or directory");
    assert!(matches!(error, Error::NotFound { .. }));
    let error = find_inputs("no/such/*.jsonl", &params).err().ok_or("found")?;
    assert!(
        error
            .to_string()
            .starts_with("no/such/*.jsonl: no input files found (known endings: .jsonl"),
        "{error}"
    );
    let error = find_inputs("no/[", &params).err().ok_or("found")?;
    assert!(matches!(error, Error::BadGlob { .. }), "{error}");
    let error = open(&Input::file("gone.jsonl".into()), &params).err().ok_or("opened")?;
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    Ok(())
}

#[test]
fn an_unreadable_file_is_an_error_of_open() -> Outcome {
    let files = Files::new()?;
    // A directory can be opened and not read, by any user.
    fs::create_dir(files.path("in.jsonl"))?;
    let error =
        open(&Input::file(files.path("in.jsonl")), &ReadParams::default()).err().ok_or("opened")?;
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    assert!(error.to_string().contains("in.jsonl: cannot read: "), "{error}");
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_found_and_named() -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    let files = Files::new()?;
    let input = files.add("in.jsonl", THREE)?;
    fs::set_permissions(&input.path, fs::Permissions::from_mode(0o000))?;
    if File::open(&input.path).is_ok() {
        return Ok(()); // root reads everything
    }
    let found = find_inputs(&files.root().display().to_string(), &ReadParams::default())?;
    let error = open(&found[0], &ReadParams::default()).err().ok_or("opened")?;
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    Ok(())
}

#[test]
fn foreign_compression_is_named() -> Outcome {
    let files = Files::new()?;
    for (bytes, name) in
        [(&b"\xfd7zXZ\0\0\0"[..], "xz"), (b"PK\x03\x04\0\0\0\0", "zip"), (b"BZh91AY&", "bzip2")]
    {
        let error =
            open(&files.add("in.jsonl", bytes)?, &ReadParams::default()).err().ok_or("opened")?;
        assert!(
            error
                .to_string()
                .ends_with(&format!("in.jsonl: {name} is not read; recompress as zstd or gzip")),
            "{error}"
        );
    }
    Ok(())
}

#[test]
fn parquet_that_is_none_is_named() -> Outcome {
    let files = Files::new()?;
    for content in [&b"PAR1 and then nothing of the kind"[..], b"just text"] {
        let input = files.add("in.parquet", content)?;
        let found = find_inputs(&files.spec("in.parquet"), &ReadParams::default())?;
        assert_eq!(found, std::slice::from_ref(&input));
        let error = open(&input, &ReadParams::default()).err().ok_or("opened")?;
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
        assert!(error.to_string().contains("in.parquet: corrupt: "), "{error}");
    }
    let given = ReadParams { format: Some(Format::Parquet), ..ReadParams::default() };
    assert!(open(&files.add("in.jsonl", THREE)?, &given).is_err());
    Ok(())
}

#[test]
fn a_file_that_shrinks_while_it_is_read_gives_what_it_has() -> Outcome {
    let files = Files::new()?;
    let mut input = files.add("in.jsonl", THREE)?;
    input.bytes *= 100;
    assert_eq!(read(&input, &ReadParams::default())?.texts(), ["one", "two", "three"]);
    Ok(())
}

#[test]
fn holes_in_a_file_are_one_bad_record() -> Outcome {
    let files = Files::new()?;
    let input = files.add("in.jsonl", THREE)?;
    let mut file = File::options().write(true).open(&input.path)?;
    file.seek(SeekFrom::Start(1 << 20))?;
    file.write_all(b"\n{\"text\":\"four\"}\n")?;
    let all = read(&input, &ReadParams::default())?;
    assert_eq!(all.texts(), ["one", "two", "three", "four"]);
    assert_eq!(all.reasons(), [(Some(4), RejectReason::InvalidJson)]);
    Ok(())
}

#[test]
fn a_rejected_record_has_its_line() -> Outcome {
    let all = jsonl("{\"text\":null}\n")?;
    let mut rejected = all.rejected[0].clone();
    rejected.path = "part-3.jsonl".to_owned();
    assert_eq!(rejected.to_string(), "part-3.jsonl: record 1: text is null");
    let line = RejectedLine::new("web", &rejected);
    let json = serde_json::to_string(&line)?;
    assert_eq!(
        json,
        r#"{"source":"web","file":"part-3.jsonl","record":1,"reason":"missing_text","detail":"text is null","tail_unknown":false}"#
    );
    assert_eq!(serde_json::from_str::<RejectedLine>(&json)?, line);
    assert_eq!(serde_json::to_string(&line.reason)?, format!("\"{}\"", line.reason.name()));
    Ok(())
}

//! What files, directories and globs name.

mod common;

use common::{Files, Outcome, gzip, zstd};
use gamayun_io::{Error, Format, Input, ReadParams, find_inputs};

const LINE: &str = "{\"text\":\"a\"}\n";

fn names(
    files: &Files,
    spec: &str,
    params: &ReadParams,
) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let found = find_inputs(&files.spec(spec), params)?;
    let root = format!("{}/", files.root().display());
    Ok(found.iter().map(|input| input.name.replace(&root, "")).collect())
}

fn tree() -> Result<Files, Box<dyn std::error::Error>> {
    let files = Files::new()?;
    for name in [
        "b.jsonl",
        "a/z.txt",
        "a/b/c.ndjson",
        "A.JSONL",
        "_SUCCESS",
        ".hidden.jsonl",
        "x/_tmp/a.jsonl",
    ] {
        files.add(name, LINE)?;
    }
    files.add("a/y.jsonl.gz", gzip(LINE.as_bytes())?)?;
    files.add("README.md", "# Data\n")?;
    files.add("info.json", "{\n  \"name\": \"x\"\n}\n")?;
    files.add("rows.json", LINE)?;
    files.add("part-0", LINE)?;
    files.add("part-1", zstd(LINE.as_bytes())?)?;
    files.add("image.zst", zstd(b"\x89PNG")?)?;
    Ok(files)
}

#[test]
fn a_directory_is_searched_for_what_can_be_read() -> Outcome {
    let files = tree()?;
    let expected = [
        "A.JSONL",
        "a/b/c.ndjson",
        "a/y.jsonl.gz",
        "a/z.txt",
        "b.jsonl",
        "part-0",
        "part-1",
        "rows.json",
    ];
    assert_eq!(names(&files, "", &ReadParams::default())?, expected);
    assert_eq!(names(&files, "a", &ReadParams::default())?, expected[1..4]);
    Ok(())
}

#[test]
fn a_file_is_taken_whatever_its_name() -> Outcome {
    let files = tree()?;
    for name in ["README.md", ".hidden.jsonl", "_SUCCESS"] {
        assert_eq!(names(&files, name, &ReadParams::default())?, [name]);
    }
    Ok(())
}

#[test]
fn globs_match_files_and_whole_directories() -> Outcome {
    let files = tree()?;
    let params = ReadParams::default();
    assert_eq!(names(&files, "*.jsonl", &params)?, [".hidden.jsonl", "b.jsonl"]);
    assert_eq!(names(&files, "**/*.jsonl*", &params)?.len(), 4);
    assert_eq!(names(&files, "part-[0-9]", &params)?, ["part-0", "part-1"]);
    assert_eq!(names(&files, "a*", &params)?, ["a/b/c.ndjson", "a/y.jsonl.gz", "a/z.txt"]);
    assert!(names(&files, "*.parquet", &params).is_err());
    Ok(())
}

#[test]
fn a_path_that_exists_is_no_glob() -> Outcome {
    let files = Files::new()?;
    files.add("data[1].jsonl", LINE)?;
    files.add("data1.jsonl", LINE)?;
    assert_eq!(names(&files, "data[1].jsonl", &ReadParams::default())?, ["data[1].jsonl"]);
    Ok(())
}

#[test]
fn a_directory_of_nothing_is_an_error_that_says_what_was_looked_for() -> Outcome {
    let files = Files::new()?;
    files.add("notes.md", "nothing")?;
    let error = find_inputs(&files.spec(""), &ReadParams::default()).err().ok_or("found")?;
    assert!(matches!(error, Error::NoInputs { .. }));
    assert!(
        error.to_string().contains(".jsonl .ndjson .jsonlines .parquet .pq .txt .text"),
        "{error}"
    );
    Ok(())
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_circles_are_not() -> Outcome {
    let files = Files::new()?;
    files.add("a/one.jsonl", LINE)?;
    std::os::unix::fs::symlink(files.path("a"), files.path("a/circle"))?;
    std::os::unix::fs::symlink(files.path("a/one.jsonl"), files.path("two.jsonl"))?;
    assert_eq!(names(&files, "", &ReadParams::default())?, ["a/one.jsonl", "two.jsonl"]);
    Ok(())
}

#[test]
fn inputs_have_their_sizes_and_stdin_its_name() -> Outcome {
    let files = Files::new()?;
    files.add("a.jsonl", LINE)?;
    let params = ReadParams::default();
    assert_eq!(find_inputs(&files.spec("a.jsonl"), &params)?[0].bytes, 13);
    assert_eq!(find_inputs("-", &params)?, [Input::stdin()]);
    assert_eq!(Input::stdin().name, "stdin");
    Ok(())
}

#[test]
fn formats_have_names() {
    assert_eq!(Format::all().map(Format::name).collect::<Vec<_>>(), ["jsonl", "parquet", "text"]);
    assert!(Format::all().all(|format| Format::from_name(format.name()) == Some(format)));
    assert_eq!(Format::from_name("csv"), None);
}

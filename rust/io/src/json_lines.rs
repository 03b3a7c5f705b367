//! Writing JSON Lines: records as lines of a file that exists whole or not at all.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use zstd::stream::write::Encoder;

use crate::atomic::Unfinished;
use crate::json::write_string;
use crate::{Error, Result};

/// Level of zstd: what the `zstd` tool takes by itself.
const LEVEL: i32 = 3;

/// A file of lines being written; removed when dropped unfinished.
///
/// One whose name ends in `.zst` or `.zstd` is a single frame of zstd with a checksum. The same lines give the same bytes.
pub struct LinesWriter {
    out: Out,
    unfinished: Unfinished,
}

enum Out {
    Plain(BufWriter<File>),
    Zstd(Box<Encoder<'static, BufWriter<File>>>),
}

impl fmt::Debug for LinesWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinesWriter").field("path", &self.unfinished.path()).finish_non_exhaustive()
    }
}

impl LinesWriter {
    /// Begins a file beside its place, as `PATH.tmp-…`.
    pub fn create(path: &Path) -> Result<Self> {
        let (unfinished, file) = Unfinished::create(path)?;
        let out = Out::new(path, file).map_err(|e| Error::writing(path, e))?;
        Ok(Self { out, unfinished })
    }

    /// Adds a line, which ends in a newline.
    pub fn write(&mut self, line: &[u8]) -> Result<()> {
        let written = match &mut self.out {
            Out::Plain(out) => out.write_all(line),
            Out::Zstd(out) => out.write_all(line),
        };
        written.map_err(|e| Error::writing(self.unfinished.path(), e))
    }

    /// Syncs and renames; gives the file's size in bytes.
    pub fn finish(self) -> Result<u64> {
        let file = self.out.finish().map_err(|e| Error::writing(self.unfinished.path(), e))?;
        self.unfinished.finish(&file)
    }
}

impl Out {
    fn new(path: &Path, file: File) -> io::Result<Self> {
        let file = BufWriter::with_capacity(256 << 10, file);
        let ending = path.extension().unwrap_or_default();
        if ending != "zst" && ending != "zstd" {
            return Ok(Self::Plain(file));
        }
        let mut encoder = Encoder::new(file, LEVEL)?;
        encoder.include_checksum(true)?;
        Ok(Self::Zstd(Box::new(encoder)))
    }

    fn finish(self) -> io::Result<File> {
        let out = match self {
            Self::Plain(out) => out,
            Self::Zstd(out) => out.finish()?,
        };
        out.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

/// The line of a record: its metadata, a canonical object without the field `column`, and then that field with its text.
///
/// ```
/// let line = gamayun_io::json_line(r#"{"id":7}"#, "text", "It \"rains\".\n");
/// assert_eq!(line, "{\"id\":7,\"text\":\"It \\\"rains\\\".\\n\"}\n");
/// ```
#[must_use]
pub fn json_line(metadata: &str, column: &str, text: &str) -> String {
    let fields = metadata.strip_suffix('}').unwrap_or("{");
    let mut line = String::with_capacity(fields.len() + column.len() + text.len() * 9 / 8 + 16);
    line.push_str(fields);
    if fields.len() > 1 {
        line.push(',');
    }
    write_string(column, &mut line);
    line.push(':');
    write_string(text, &mut line);
    line.push_str("}\n");
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Batch, Columns, ReadParams, find_inputs, open};

    fn read(path: &Path, text: &str) -> Vec<(String, String)> {
        let columns = Columns { text: text.to_owned(), id: None };
        let params = ReadParams { columns, ..ReadParams::default() };
        let mut batch = Batch::default();
        let input = &find_inputs(path.to_str().unwrap(), &params).unwrap()[0];
        open(input, &params).unwrap().read(&mut batch, 1 << 20, 1 << 10).unwrap();
        assert!(batch.rejected.is_empty(), "{:?}", batch.rejected);
        batch.records.into_iter().map(|record| (record.metadata, record.text)).collect()
    }

    proptest! {
        #[test]
        fn lines_are_read_as_they_were_written(
            records in prop::collection::vec((any::<Option<i32>>(), any::<String>()), 1..9),
            column in "[a-z\"\\\\é]{1,4}",
            ending in prop::sample::select(vec!["jsonl", "jsonl.zst"]),
        ) {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join(format!("out.{ending}"));
            let mut writer = LinesWriter::create(&path).unwrap();
            let mut expected = Vec::new();
            for (number, text) in records {
                let metadata = number.map_or("{}".to_owned(), |n| format!("{{\"N\":{n}}}"));
                writer.write(json_line(&metadata, &column, &text).as_bytes()).unwrap();
                expected.push((metadata, text));
            }
            prop_assert!(!path.exists());
            prop_assert_eq!(writer.finish().unwrap(), path.metadata().unwrap().len());
            prop_assert_eq!(read(&path, &column), expected);
        }
    }

    #[test]
    fn what_is_dropped_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let mut writer = LinesWriter::create(&directory.path().join("out.jsonl.zst")).unwrap();
        writer.write(b"{}\n").unwrap();
        drop(writer);
        assert_eq!(directory.path().read_dir().unwrap().count(), 0);
    }
}

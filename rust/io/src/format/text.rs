//! Plain text: a file a document, or a line a document.
//!
//! Text has no id of its own: a document is known by what it says, so that the same lines in other
//! files are the same documents. A file's name is kept as metadata.

use crate::lines::{Line, Lines};
use crate::reader::Source;
use crate::record::{RejectReason, Rejected};
use crate::{Batch, Input, ReadParams, Record, Result, TextUnit, json};

use super::without_compression;

/// Lines or a file on the way to records.
pub(crate) struct Text {
    lines: Lines,
    path: String,
    unit: TextUnit,
    metadata: String,
    max_bytes: u64,
    /// The file was given.
    given: bool,
}

impl Text {
    pub(crate) fn new(lines: Lines, input: &Input, params: &ReadParams) -> Self {
        let metadata = match params.text_unit {
            TextUnit::File if params.metadata => {
                json::object(&[("file", without_compression(&input.file_name()))])
            }
            _ => "{}".to_owned(),
        };
        let max_bytes = params.max_document_bytes;
        let path = input.name.clone();
        Self { lines, path, unit: params.text_unit, metadata, max_bytes, given: false }
    }

    fn reject(&self, batch: &mut Batch, reason: RejectReason, detail: String) {
        batch.rejected.push(Rejected {
            path: self.path.clone(),
            record: Some(self.lines.number()),
            reason,
            detail,
            tail_unknown: false,
        });
    }

    fn add(&self, batch: &mut Batch, bytes: &[u8]) {
        if bytes.len() as u64 > self.max_bytes {
            return self.too_large(batch, bytes.len() as u64);
        }
        match simdutf8::compat::from_utf8(bytes) {
            Ok(text) => batch.push(Record {
                number: self.lines.number(),
                id: None,
                text: text.to_owned(),
                metadata: self.metadata.clone(),
            }),
            Err(e) => {
                let detail = format!("not UTF-8 at byte {}", e.valid_up_to());
                self.reject(batch, RejectReason::InvalidUtf8, detail);
            }
        }
    }

    fn too_large(&self, batch: &mut Batch, bytes: u64) {
        let (reason, detail) = super::too_large(bytes, self.max_bytes);
        self.reject(batch, reason, detail);
    }

    /// The document that the file is, then what is left of a broken file for its hash.
    fn fill_file(&mut self, batch: &mut Batch) -> bool {
        if !std::mem::replace(&mut self.given, true) {
            self.add_file(batch);
        }
        !self.lines.drain()
    }

    fn add_file(&mut self, batch: &mut Batch) {
        let rest = self.lines.rest();
        if self.lines.failure().is_some() {
            // Half a document is none.
            self.lines.mark_lost();
            return batch.rejected.extend(self.lines.lost_tail(&self.path));
        }
        match rest {
            None => {
                let detail = format!("a file above the limit of {} bytes", self.max_bytes);
                self.reject(batch, RejectReason::TooLarge, detail);
            }
            Some(rest) if rest.is_empty() => {}
            Some(rest) => self.add(batch, self.lines.bytes(rest)),
        }
    }

    fn line(&self, batch: &mut Batch, bytes: &[u8]) {
        let line = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if !line.trim_ascii().is_empty() {
            self.add(batch, line);
        }
    }

    fn fill_lines(&mut self, batch: &mut Batch, max_bytes: usize, max_records: usize) -> bool {
        let mut seen = 0;
        while !batch.is_full(max_bytes, max_records) && seen < max_bytes.saturating_mul(4) {
            match self.lines.next() {
                Line::Whole(range) => {
                    seen += range.len() + 1;
                    self.line(batch, self.lines.bytes(range));
                }
                // Half a line cannot be told from a whole one: a failed stream's last line is lost.
                Line::Partial(range) if self.lines.failure().is_none() => {
                    self.line(batch, self.lines.bytes(range));
                }
                Line::Partial(_) => self.lines.mark_lost(),
                Line::TooLong(bytes) => self.too_large(batch, bytes),
                Line::Skipping => return true,
                Line::End => {
                    batch.rejected.extend(self.lines.lost_tail(&self.path));
                    return false;
                }
            }
        }
        true
    }
}

impl Source for Text {
    fn fill(&mut self, batch: &mut Batch, max_bytes: usize, max_records: usize) -> Result<bool> {
        if self.unit == TextUnit::File {
            return Ok(self.fill_file(batch));
        }
        Ok(self.fill_lines(batch, max_bytes, max_records))
    }

    fn position(&self) -> u64 {
        self.lines.position()
    }

    fn fingerprint(&self) -> Option<u128> {
        self.lines.fingerprint()
    }
}

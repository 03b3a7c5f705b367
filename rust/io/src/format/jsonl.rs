//! JSON Lines: an object a line; blank lines are numbered but are no records.

use std::ops::Range;

use crate::json::{self, Field, JsonError, Scratch, Want};
use crate::lines::{Line, Lines};
use crate::reader::Source;
use crate::record::{RejectReason, Rejected};
use crate::{Batch, Columns, Input, ReadParams, Record, Result};

/// Lines on the way to records.
pub(crate) struct JsonLines {
    lines: Lines,
    path: String,
    columns: Columns,
    want: Want,
    max_bytes: u64,
    scratch: Scratch,
}

/// What is wrong with a line.
type Fault = (RejectReason, String);

impl JsonLines {
    pub(crate) fn new(lines: Lines, input: &Input, params: &ReadParams) -> Self {
        Self {
            lines,
            path: input.name.clone(),
            columns: params.columns.clone(),
            want: if params.metadata { Want::Metadata } else { Want::Text },
            max_bytes: params.max_document_bytes,
            scratch: Scratch::default(),
        }
    }

    fn reject(&self, batch: &mut Batch, (reason, detail): Fault) {
        batch.rejected.push(Rejected {
            path: self.path.clone(),
            record: Some(self.lines.number()),
            reason,
            detail,
            tail_unknown: reason == RejectReason::Truncated,
        });
    }

    fn whole(&mut self, batch: &mut Batch, line: Range<usize>) {
        self.scratch.room = batch.room();
        match self.parse(line) {
            Ok(Some(record)) => batch.push(record),
            Ok(None) => {}
            Err(fault) => self.reject(batch, fault.into()),
        }
    }

    /// The last line, without a newline: kept when it is a whole object.
    ///
    /// Where it is not, a stream that failed will say so itself, and a sound file was cut.
    fn partial(&mut self, batch: &mut Batch, line: Range<usize>) {
        match self.parse(line) {
            Ok(Some(record)) => batch.push(record),
            Ok(None) => {}
            Err(_) if self.lines.failure().is_some() => self.lines.mark_lost(),
            Err(LineFault::Json(error)) if error.ended => {
                let detail = "the file ends inside this record; what follows is unknown";
                self.reject(batch, (RejectReason::Truncated, detail.to_owned()));
            }
            Err(fault) => self.reject(batch, fault.into()),
        }
    }

    fn parse(&mut self, line: Range<usize>) -> std::result::Result<Option<Record>, LineFault> {
        let bytes = self.lines.bytes(line);
        if bytes.trim_ascii_start().is_empty() {
            return Ok(None);
        }
        let line =
            simdutf8::compat::from_utf8(bytes).map_err(|e| LineFault::Utf8(e.valid_up_to()))?;
        let fields = json::parse(line, &self.columns, self.want, &mut self.scratch)
            .map_err(LineFault::Json)?;
        let text =
            text(fields.text, &self.columns.text, self.max_bytes).map_err(LineFault::Field)?;
        let id = id(fields.id, self.columns.id.as_deref()).map_err(LineFault::Field)?;
        Ok(Some(Record { number: self.lines.number(), id, text, metadata: fields.metadata }))
    }
}

enum LineFault {
    Utf8(usize),
    Json(JsonError),
    Field(Fault),
}

impl From<LineFault> for Fault {
    fn from(fault: LineFault) -> Self {
        match fault {
            LineFault::Utf8(at) => (RejectReason::InvalidUtf8, format!("not UTF-8 at byte {at}")),
            LineFault::Json(error) => (RejectReason::InvalidJson, error.to_string()),
            LineFault::Field(fault) => fault,
        }
    }
}

fn text(field: Field, name: &str, max_bytes: u64) -> std::result::Result<String, Fault> {
    let kind = match field {
        Field::String(text) if text.len() as u64 > max_bytes => {
            return Err(super::too_large(text.len() as u64, max_bytes));
        }
        Field::String(text) => return Ok(text),
        Field::Absent => return Err((RejectReason::MissingText, format!("{name} is missing"))),
        Field::Null => return Err((RejectReason::MissingText, format!("{name} is null"))),
        Field::Integer(_) => "a number",
        Field::Other(kind) => kind,
    };
    Err((RejectReason::TextNotString, format!("{name} is {kind}, not a string")))
}

/// The user's id; an empty one is none.
fn id(field: Field, name: Option<&str>) -> std::result::Result<Option<String>, Fault> {
    match field {
        Field::Absent | Field::Null => Ok(None),
        Field::String(id) | Field::Integer(id) => Ok(Some(id).filter(|id| !id.is_empty())),
        Field::Other(kind) => {
            let name = name.unwrap_or_default();
            Err((RejectReason::InvalidId, format!("{name} is {kind}, not a string or an integer")))
        }
    }
}

impl Source for JsonLines {
    fn fill(&mut self, batch: &mut Batch, max_bytes: usize, max_records: usize) -> Result<bool> {
        let mut seen = 0;
        // Lines of little text must not keep the caller waiting.
        while !batch.is_full(max_bytes, max_records) && seen < max_bytes.saturating_mul(4) {
            match self.lines.next() {
                Line::Whole(line) => {
                    seen += line.len() + 1;
                    self.whole(batch, line);
                }
                Line::Partial(line) => self.partial(batch, line),
                Line::TooLong(bytes) => {
                    self.reject(batch, super::line_too_long(bytes, self.max_bytes));
                }
                Line::Skipping => return Ok(true),
                Line::End => {
                    batch.rejected.extend(self.lines.lost_tail(&self.path));
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn position(&self) -> u64 {
        self.lines.position()
    }

    fn fingerprint(&self) -> Option<u128> {
        self.lines.fingerprint()
    }
}

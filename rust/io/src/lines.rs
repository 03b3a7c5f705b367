//! The lines of a decoded stream, with a bound on how much of one is held in memory.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memchr;

use crate::decode::Decoder;
use crate::record::{RejectReason, Rejected};

/// The buffer's first size, in bytes.
const BUFFER: usize = 1 << 20;

/// How much of an overlong line is skipped in one go, in bytes, so that the caller can be stopped.
const SKIP: u64 = 64 << 20;

/// What the zstd library means by a frame that requires too much memory.
const WINDOW_TOO_LARGE: &str =
    "its zstd window is above 128 MiB; recompress it with --long=27 or less";

const BOM: &[u8] = b"\xef\xbb\xbf";

/// What came next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line and its newline; the range leaves the newline out.
    Whole(Range<usize>),
    /// The last bytes of the stream, without a newline.
    Partial(Range<usize>),
    /// A line above the limit, skipped, and its length in bytes.
    TooLong(u64),
    /// Still inside a line above the limit, or behind the end of a broken stream.
    Skipping,
    /// Nothing more.
    End,
}

/// Why a stream ended before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) reason: RejectReason,
    pub(crate) detail: String,
}

/// A reader of lines.
pub(crate) struct Lines {
    source: Decoder,
    buffer: Vec<u8>,
    /// The bytes not yet given out are `buffer[start..end]`; no newline lies before `scanned`.
    start: usize,
    scanned: usize,
    end: usize,
    ended: bool,
    failure: Option<Failure>,
    number: u64,
    limit: usize,
    skipped: u64,
    lost: bool,
}

impl Lines {
    /// Takes `expected` bytes (0 when unknown) for a hint at the size of the decoded stream.
    pub(crate) fn new(source: Decoder, limit: usize, expected: u64) -> Self {
        let hint = usize::try_from(expected).unwrap_or(BUFFER).saturating_add(1);
        let size = if expected == 0 { BUFFER } else { hint.clamp(4 << 10, BUFFER) };
        let mut lines = Self {
            source,
            buffer: vec![0; size],
            start: 0,
            scanned: 0,
            end: 0,
            ended: false,
            failure: None,
            number: 0,
            limit,
            skipped: 0,
            lost: false,
        };
        lines.skip_bom();
        lines
    }

    fn skip_bom(&mut self) {
        while self.end < BOM.len() && !self.ended {
            self.fill();
        }
        if self.buffer[..self.end].starts_with(BOM) {
            self.start = BOM.len();
            self.scanned = BOM.len();
        }
    }

    /// The first line or more, up to a good buffer, for a look at the format.
    pub(crate) fn peek(&mut self) -> &[u8] {
        while !self.ended
            && self.end - self.start < BUFFER
            && memchr(b'\n', &self.buffer[self.start..self.end]).is_none()
        {
            self.fill();
        }
        &self.buffer[self.start..self.end]
    }

    /// The bytes of a line.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    /// The number of the line given last, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Why the stream ended early, if it did.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// What the stream's early end took with it, if it ended early.
    pub(crate) fn lost_tail(&self, path: &str) -> Option<Rejected> {
        let failure = self.failure.as_ref()?;
        Some(Rejected {
            path: path.to_owned(),
            record: Some(self.number + u64::from(!self.lost)),
            reason: failure.reason,
            detail: failure.detail.clone(),
            tail_unknown: true,
        })
    }

    pub(crate) fn position(&self) -> u64 {
        self.source.raw().position()
    }

    pub(crate) fn fingerprint(&self) -> Option<u128> {
        self.source.raw().fingerprint()
    }

    /// Gives the next line.
    pub(crate) fn next(&mut self) -> Line {
        if self.skipped > 0 {
            return self.skip();
        }
        loop {
            if let Some(at) = memchr(b'\n', &self.buffer[self.scanned..self.end]) {
                let line = self.start..self.scanned + at;
                return self.give(line);
            }
            self.scanned = self.end;
            if self.end - self.start > self.limit {
                return self.skip();
            }
            if self.ended {
                return self.last();
            }
            self.fill();
        }
    }

    /// The whole rest of the stream, or `None` above the limit.
    pub(crate) fn rest(&mut self) -> Option<Range<usize>> {
        while !self.ended && self.end - self.start <= self.limit {
            self.fill();
        }
        self.number = 1;
        let rest = self.start..self.end;
        self.start = self.end;
        self.scanned = self.end;
        (rest.len() <= self.limit).then_some(rest)
    }

    /// Reads some of what a broken stream left, for the hash; true when nothing is left.
    pub(crate) fn drain(&mut self) -> bool {
        self.source.raw_mut().drain(SKIP)
    }

    /// Tells that the line given last was half a line, and is lost with what followed.
    pub(crate) fn mark_lost(&mut self) {
        self.lost = true;
    }

    fn give(&mut self, line: Range<usize>) -> Line {
        self.number += 1;
        self.start = line.end + 1;
        self.scanned = self.start;
        if line.len() > self.limit {
            return Line::TooLong(line.len() as u64);
        }
        Line::Whole(line)
    }

    fn last(&mut self) -> Line {
        if self.start == self.end {
            return if self.drain() { Line::End } else { Line::Skipping };
        }
        self.number += 1;
        let line = self.start..self.end;
        self.start = self.end;
        Line::Partial(line)
    }

    /// Drops bytes up to the next newline, or a good part of the way.
    fn skip(&mut self) -> Line {
        let target = self.skipped + SKIP;
        loop {
            let held = &self.buffer[self.start..self.end];
            let newline = memchr(b'\n', held);
            let dropped = newline.unwrap_or(held.len());
            self.skipped += dropped as u64;
            self.start += dropped + usize::from(newline.is_some());
            self.scanned = self.start;
            if newline.is_some() || self.ended {
                self.number += 1;
                return Line::TooLong(std::mem::take(&mut self.skipped));
            }
            if self.skipped >= target {
                return Line::Skipping;
            }
            self.fill();
        }
    }

    /// Reads more bytes behind those held; grows or moves them where there is no room.
    fn fill(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.scanned -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            let size = (self.end * 2).min(self.limit.saturating_add(BUFFER)).max(self.end + BUFFER);
            self.buffer.resize(size, 0);
        }
        match self.source.read(&mut self.buffer[self.end..]) {
            Ok(0) => self.ended = true,
            Ok(read) => self.end += read,
            Err(error) => {
                self.failure = Some(self.explain(&error));
                self.ended = true;
            }
        }
    }

    fn explain(&self, error: &io::Error) -> Failure {
        let message = error.to_string();
        let (reason, detail) = if self.source.raw().failed() {
            (RejectReason::Unreadable, format!("reading failed: {message}"))
        } else if message.contains("too much memory") {
            (RejectReason::Unreadable, WINDOW_TOO_LARGE.to_owned())
        } else if error.kind() == io::ErrorKind::UnexpectedEof {
            (RejectReason::Truncated, "the file ends inside a compressed frame".to_owned())
        } else {
            (RejectReason::Corrupt, format!("decompression failed: {message}"))
        };
        let detail = format!("{detail}; what follows is unknown");
        Failure { reason, detail }
    }
}

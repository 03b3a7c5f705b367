//! An opened input that fills batches.

use std::fmt;

use crate::decode::{Decoder, Magic, magic};
use crate::format::{self, Format};
use crate::lines::Lines;
use crate::stream::Raw;
use crate::{Batch, Input, ReadParams, Result};

/// A format's side of a [`Reader`].
pub(crate) trait Source: Send {
    /// Adds to an empty batch until it is full; false at the end.
    fn fill(&mut self, batch: &mut Batch, max_bytes: usize, max_records: usize) -> Result<bool>;
    /// Bytes of the input that were consumed.
    fn position(&self) -> u64;
    /// The hash of the file's bytes once they were all read.
    fn fingerprint(&self) -> Option<u128>;
}

/// An input that gives its records a batch at a time. Any thread may use it.
pub struct Reader {
    source: Box<dyn Source>,
    ended: bool,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("position", &self.position()).finish_non_exhaustive()
    }
}

/// Opens an input.
///
/// Compression is told by content. So is the format, unless `params` names one: the first bytes of
/// Parquet, else the ending, else whether the first line is a JSON object.
pub fn open(input: &Input, params: &ReadParams) -> Result<Reader> {
    let source = match (input.row_group, params.format) {
        (Some(_), _) | (None, Some(Format::Parquet)) => format::parquet::open(input, params)?,
        (None, given) => open_stream(input, params, given)?,
    };
    Ok(Reader { source, ended: false })
}

fn open_stream(
    input: &Input,
    params: &ReadParams,
    given: Option<Format>,
) -> Result<Box<dyn Source>> {
    if given.is_none() && !input.is_stdin() && magic(&input.head()?) == Magic::Parquet {
        return format::parquet::open(input, params);
    }
    let decoder = Decoder::new(Raw::open(input)?, input)?;
    let mut lines = Lines::new(decoder, params.max_line_bytes(), input.bytes);
    let format = given.map_or_else(|| format::detect(input, params, lines.peek()), Ok)?;
    format::open(format, lines, input, params)
}

impl Reader {
    /// Clears the batch and fills it; false when nothing more will come.
    ///
    /// Stops as soon as the batch holds `max_bytes` of text or `max_records` records, or a good
    /// deal of input has gone by: a batch may be empty and more still follow.
    pub fn read(
        &mut self,
        batch: &mut Batch,
        max_bytes: usize,
        max_records: usize,
    ) -> Result<bool> {
        batch.clear();
        if !self.ended {
            self.ended = !self.source.fill(batch, max_bytes, max_records.max(1))?;
        }
        Ok(!self.ended)
    }

    /// Bytes of the input consumed so far (compressed, of [`Input::bytes`]).
    #[must_use]
    pub fn position(&self) -> u64 {
        self.source.position()
    }

    /// xxh3-128 of the file's raw bytes, once read to the end; `None` for Parquet.
    #[must_use]
    pub fn fingerprint(&self) -> Option<u128> {
        self.source.fingerprint()
    }
}

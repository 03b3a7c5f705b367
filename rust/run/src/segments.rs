//! Segments in files: the pretokens that were counted with their tokens, so that text that was counted is only looked up.

use std::path::Path;

use gamayun_bpe::{Counts, Segments, Tokenizer};

use crate::error::{Error, Result};

/// Writes the segments of counts to a file, which is there whole or not at all.
pub fn save_segments(tokenizer: &Tokenizer, counts: &Counts, path: &Path) -> Result<()> {
    let bytes = tokenizer.segments(counts)?;
    Ok(gamayun_io::write_atomic(path, |out| out.write_all(&bytes))?)
}

/// The segments in a file. An error if they are damaged, or of a tokenizer that encodes otherwise.
pub fn open_segments(tokenizer: &Tokenizer, path: &Path) -> Result<Segments> {
    let bytes = std::fs::read(path).map_err(Error::file(path))?;
    let segments =
        Segments::read(&bytes).map_err(|error| Error::damaged(path, error.to_string()))?;
    if segments.are_of(tokenizer) {
        return Ok(segments);
    }
    Err(Error::damaged(path, "segments of another tokenizer, expected those of this one"))
}

//! llm.c and modded-nanogpt: 256 numbers of 32 bits, then ids of 16.
//!
//! The numbers are 20240520, version 1, how many ids follow, and zeros. llm.c's loader takes this magic alone, so there
//! are no 32-bit ids.

use gamayun_text::Monitor;

use super::sample::{SampleFormat, Samples};
use super::sink::Sink;
use crate::{Error, Result};

pub(super) const FORMAT: SampleFormat = SampleFormat {
    name: "llmc",
    file: ("tokens_", 6, ".bin"),
    file_bytes: 2 << 30,
    wide: false,
    write,
};

const MAGIC: i32 = 20_240_520;
const VERSION: i32 = 1;
const NUMBERS: usize = 256;

fn write(samples: &Samples<'_>, sink: &mut Sink, monitor: &mut dyn Monitor) -> Result<()> {
    let tokens = samples.count() * samples.reader.window_tokens();
    let mut head = [0; NUMBERS];
    head[..3].copy_from_slice(&[MAGIC, VERSION, count(samples, tokens)?]);
    for number in head {
        sink.put(&number.to_le_bytes())?;
    }
    samples.each_batch(monitor, |tokens| sink.put(tokens))
}

fn count(samples: &Samples<'_>, tokens: u64) -> Result<i32> {
    let most = i32::MAX.unsigned_abs().into();
    let (path, what) = (samples.path.to_owned(), "tokens");
    i32::try_from(tokens).map_err(|_| Error::TooLarge { path, what, found: tokens, most })
}

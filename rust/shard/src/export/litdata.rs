//! `LitData`: chunks for its `TokensLoader`, an item a sample.
//!
//! A chunk is u32 items, u32 places of the items in the file and of its end, and the items. `index.json`, which names
//! the chunks and the type, is small and written by the caller.

use gamayun_text::Monitor;

use super::sample::{SampleFormat, Samples, place};
use super::sink::Sink;
use crate::Result;

pub(super) const FORMAT: SampleFormat = SampleFormat {
    name: "litdata",
    file: ("chunk-0-", 1, ".bin"),
    file_bytes: 64 << 20,
    wide: true,
    write,
};

fn write(samples: &Samples<'_>, sink: &mut Sink, monitor: &mut dyn Monitor) -> Result<()> {
    let (count, bytes) = (samples.count(), samples.bytes());
    let head = 4 + 4 * (count + 1);
    sink.put(&place(samples.path, count)?)?;
    for item in 0..=count {
        sink.put(&place(samples.path, head + item * bytes)?)?;
    }
    samples.each_batch(monitor, |tokens| sink.put(tokens))
}

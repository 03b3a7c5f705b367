//! MDS of `MosaicML` streaming: `shard.NNNNN.mds`, a sample with the starts of its stretches and its tokens.
//!
//! A shard is u32 samples, u32 places of the samples in the file and of its end, a description in JSON, and the samples:
//! u32 bytes of the starts, the starts (a byte for one axis and the width of its length, the length, u32 values), the
//! tokens. `index.json`, which the reader goes by, is small and written by the caller.

use gamayun_text::Monitor;

use super::sample::{SampleFormat, Samples, place};
use super::sink::Sink;
use crate::{Documents, Error, Result};

pub(super) const FORMAT: SampleFormat = SampleFormat {
    name: "mds",
    file: ("shard.", 5, ".mds"),
    file_bytes: 64 << 20,
    wide: true,
    write,
};

fn write(samples: &Samples<'_>, sink: &mut Sink, monitor: &mut dyn Monitor) -> Result<()> {
    let description = description(samples);
    let bytes = to_usize(samples.bytes());
    let (mut body, mut ends) = (Vec::new(), Vec::new());
    samples.each_with_documents(monitor, |tokens, documents| {
        let rows = tokens.chunks_exact(bytes.max(1));
        for (tokens, starts) in rows.zip(starts_by_row(documents, samples.reader.window_tokens())) {
            let starts = array(&starts);
            body.extend(place(samples.path, starts.len() as u64)?);
            body.extend(starts);
            body.extend(tokens);
            ends.push(body.len() as u64);
        }
        Ok(())
    })?;
    if ends.len() as u64 != samples.count() {
        let message = format!("{} samples, expected {}", ends.len(), samples.count());
        return Err(Error::Params { parameter: "samples", message });
    }
    sink.put(&place(samples.path, samples.count())?)?;
    let head = 4 + 4 * (samples.count() + 1) + description.len() as u64;
    for end in std::iter::once(0).chain(ends) {
        sink.put(&place(samples.path, head + end)?)?;
    }
    sink.put(description.as_bytes())?;
    sink.put(&body)
}

/// What the writer of the format keeps in a shard: columns, limits and hashes, keys in their order.
fn description(samples: &Samples<'_>) -> String {
    let bits = samples.reader.width().bytes() * 8;
    let (tokens, bytes) = (samples.reader.window_tokens(), samples.bytes());
    format!(
        "{{\"column_encodings\": [\"ndarray:uint32\", \"ndarray:uint{bits}:{tokens}\"], \
         \"column_names\": [\"starts\", \"tokens\"], \"column_sizes\": [null, {bytes}], \
         \"compression\": null, \"format\": \"mds\", \"hashes\": [\"sha256\"], \
         \"size_limit\": {}, \"version\": 2}}",
        FORMAT.file_bytes
    )
}

/// Where the stretches of each row begin, in the row.
fn starts_by_row(documents: &Documents, length: u64) -> Vec<Vec<u32>> {
    let mut rows: Vec<Vec<u32>> = Vec::new();
    let starts = documents.ends.iter().take(documents.pools.len());
    for start in starts.filter_map(|&start| u64::try_from(start).ok()) {
        let within = u32::try_from(start % length.max(1)).unwrap_or_default();
        match rows.last_mut() {
            Some(row) if within > 0 => row.push(within),
            _ => rows.push(vec![within]),
        }
    }
    rows
}

/// An array of one axis whose length is not that of the column: axes and width of the length, the length, the values.
fn array(values: &[u32]) -> Vec<u8> {
    const AXES: u8 = 1 << 2;
    let length = values.len().to_le_bytes();
    let (code, width) = match values.len() {
        0..0x100 => (0, 1),
        0x100..0x1_0000 => (1, 2),
        _ => (2, 4),
    };
    let mut bytes = vec![AXES | code];
    bytes.extend(&length[..width]);
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

fn to_usize(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_say_how_long_they_are() {
        assert_eq!(array(&[0, 7]), [4, 2, 0, 0, 0, 0, 7, 0, 0, 0]);
        assert_eq!(array(&[1; 256])[..3], [5, 0, 1]);
        assert_eq!(array(&[1].repeat(65_536))[..5], [6, 0, 0, 1, 0]);
    }

    #[test]
    fn a_row_begins_where_a_sample_does() {
        let documents =
            Documents { ends: vec![0, 3, 8, 16], pools: vec![0; 3], ..Documents::default() };
        assert_eq!(starts_by_row(&documents, 8), [vec![0, 3], vec![0]]);
    }
}

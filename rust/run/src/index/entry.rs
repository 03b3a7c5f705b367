//! A kept document on its way into an index.

use std::path::Path;

use gamayun_dedup::BandRow;
use gamayun_text::DocId;

use crate::error::{Error, Result};
use crate::spill::{read_string, write_string};

/// What an index says of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub doc_id: DocId,
    /// The bytes of its [`BandRow`].
    pub band: &'a [u8],
    pub source: &'a str,
    pub id: Option<&'a str>,
    pub text: &'a str,
}

impl<'a> Entry<'a> {
    /// Appends its bytes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.doc_id.to_bytes());
        out.extend_from_slice(self.band);
        for string in [self.id, Some(self.source), Some(self.text)] {
            write_string(string, out);
        }
    }

    /// Takes the next entry off the front of `bytes`; `None` if they do not hold one.
    fn read(bytes: &mut &'a [u8], bands: usize) -> Option<Self> {
        Some(Self {
            doc_id: DocId::from_bytes(bytes.split_off(..16)?.try_into().ok()?),
            band: bytes.split_off(..BandRow::bytes(bands))?,
            id: read_string(bytes)?,
            source: read_string(bytes)??,
            text: read_string(bytes)??,
        })
    }

    /// What it is ordered by: its id and the hash of its text, which the band row ends with.
    pub(crate) fn key(&self) -> (DocId, u128) {
        let content = self.band.last_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes));
        (self.doc_id, content)
    }
}

/// The entries in the bytes of a partition, in order.
pub(crate) fn sorted<'a>(path: &Path, mut bytes: &'a [u8], bands: usize) -> Result<Vec<Entry<'a>>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let entry = Entry::read(&mut bytes, bands)
            .ok_or_else(|| Error::damaged(path, "a record is cut short"))?;
        entries.push(entry);
    }
    entries.sort_unstable_by_key(Entry::key);
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_in_order() {
        let (keys, mut bands) = ([[1, 2], [3, 4]], [Vec::new(), Vec::new()]);
        for (row, out) in bands.iter_mut().enumerate() {
            let content = 9 - row as u128;
            BandRow { keys: &keys[row], shingles: 7, content }.write(out);
        }
        let entry = |row: usize, id, text| Entry {
            doc_id: DocId(5 - row as u128 % 2),
            band: &bands[row % 2],
            source: "web",
            id,
            text,
        };
        let all = [entry(0, None, "one"), entry(1, Some("x"), ""), entry(1, Some(""), "two")];
        let mut bytes = Vec::new();
        for entry in &all {
            entry.write(&mut bytes);
        }
        let back = sorted(Path::new("a"), &bytes, 2).unwrap();
        assert_eq!(back[2], all[0]);
        assert_eq!(back[0].key(), (DocId(4), 8));
        assert!(sorted(Path::new("a"), &bytes[..bytes.len() - 1], 2).is_err());
    }
}

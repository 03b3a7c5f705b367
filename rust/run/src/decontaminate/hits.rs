//! The n-grams of benchmarks that the documents of a part have: a file, so that a killed run goes on after it.

use std::path::Path;

use gamayun_text::hash::hash64;

use crate::error::{Error, Result};

/// What is known of a part once its text was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hits {
    /// Documents that were looked at.
    pub documents: u64,
    /// For each document with hits, its row in the part and how many.
    pub rows: Vec<(u64, u64)>,
    /// The numbers of the n-grams, document after document.
    pub grams: Vec<u32>,
}

impl Hits {
    pub(crate) fn push(&mut self, row: u64, grams: &[u32]) {
        self.documents += 1;
        if !grams.is_empty() {
            self.rows.push((row, grams.len() as u64));
            self.grams.extend_from_slice(grams);
        }
    }

    /// The documents with hits: row and n-grams.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &[u32])> {
        let mut rest = &self.grams[..];
        self.rows.iter().map(move |&(row, count)| {
            let (grams, after) = rest.split_at(usize::try_from(count).unwrap_or(0).min(rest.len()));
            rest = after;
            (row, grams)
        })
    }

    /// Writes them, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let mut bytes = Vec::with_capacity(24 + self.rows.len() * 16 + self.grams.len() * 4);
        bytes.extend(self.documents.to_le_bytes());
        bytes.extend((self.rows.len() as u64).to_le_bytes());
        for (row, count) in &self.rows {
            bytes.extend(row.to_le_bytes());
            bytes.extend(count.to_le_bytes());
        }
        self.grams.iter().for_each(|gram| bytes.extend(gram.to_le_bytes()));
        bytes.extend(hash64(&bytes).to_le_bytes());
        Ok(gamayun_io::write_atomic(path, |out| out.write_all(&bytes))?)
    }

    /// Reads them; `None` if there is no such file, or it is not as it was written.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(parse(&bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::file(path)(error)),
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Hits> {
    let (body, hash) = bytes.split_last_chunk::<8>()?;
    if hash64(body) != u64::from_le_bytes(*hash) {
        return None;
    }
    let (head, body) = body.split_at_checked(16)?;
    let (words, _) = head.as_chunks::<8>();
    let [documents, count] = [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])];
    let (rows, grams) = body.split_at_checked(usize::try_from(count).ok()?.checked_mul(16)?)?;
    let (rows, _) = rows.as_chunks::<16>();
    let (grams, _) = grams.as_chunks::<4>();
    let row = |bytes: &[u8; 16]| {
        let (halves, _) = bytes.as_chunks::<8>();
        (u64::from_le_bytes(halves[0]), u64::from_le_bytes(halves[1]))
    };
    Some(Hits {
        documents,
        rows: rows.iter().map(row).collect(),
        grams: grams.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_damage_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.hits");
        assert_eq!(Hits::read(&path).unwrap(), None);
        let mut hits = Hits::default();
        for (row, grams) in [(3, &[1, 5][..]), (4, &[]), (9, &[7])] {
            hits.push(row, grams);
        }
        hits.write(&path).unwrap();
        let read = Hits::read(&path).unwrap().unwrap();
        assert_eq!(read, hits);
        assert_eq!(read.documents, 3);
        assert_eq!(read.iter().collect::<Vec<_>>(), [(3, &[1, 5][..]), (9, &[7])]);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[20] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(Hits::read(&path).unwrap(), None);
    }
}

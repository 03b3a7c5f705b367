//! Survivors on their way to their partition: written once in any order, read back and sorted.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gamayun_text::DocId;

use crate::error::{Error, Result};

/// Marks a string that is absent.
const NONE: u32 = u32::MAX;

/// One survivor, with everything that the selection says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Survivor<'a> {
    pub doc_id: DocId,
    pub cluster: DocId,
    pub cluster_size: u64,
    pub words: u64,
    pub id: Option<&'a str>,
    pub source: &'a str,
    pub language: &'a str,
    pub text: &'a str,
    pub metadata: &'a str,
}

impl<'a> Survivor<'a> {
    fn write(&self, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.doc_id.to_bytes());
        out.extend_from_slice(&self.cluster.to_bytes());
        out.extend_from_slice(&self.cluster_size.to_le_bytes());
        out.extend_from_slice(&self.words.to_le_bytes());
        for string in
            [self.id, Some(self.source), Some(self.language), Some(self.text), Some(self.metadata)]
        {
            write_string(string, out);
        }
    }

    /// Takes the next survivor off the front of `bytes`; `None` if they do not hold one.
    fn read(bytes: &mut &'a [u8]) -> Option<Self> {
        let id =
            |bytes: &mut &'a [u8]| Some(DocId::from_bytes(bytes.split_off(..16)?.try_into().ok()?));
        let number =
            |bytes: &mut &'a [u8]| Some(u64::from_le_bytes(bytes.split_off(..8)?.try_into().ok()?));
        Some(Self {
            doc_id: id(bytes)?,
            cluster: id(bytes)?,
            cluster_size: number(bytes)?,
            words: number(bytes)?,
            id: read_string(bytes)?,
            source: read_string(bytes)??,
            language: read_string(bytes)??,
            text: read_string(bytes)??,
            metadata: read_string(bytes)??,
        })
    }
}

/// Appends the length and the bytes of a string that may be absent.
pub(crate) fn write_string(string: Option<&str>, out: &mut Vec<u8>) {
    // Inputs hold each document below 4 GiB, so the length fits.
    let length = string.map_or(NONE, |s| u32::try_from(s.len()).unwrap_or(NONE));
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(string.unwrap_or_default().as_bytes());
}

/// Takes a string that [`write_string`] wrote off the front of `bytes`; the outer `None` if they do not hold one.
#[expect(clippy::option_option, reason = "a string that is absent, in bytes that may be cut short")]
pub(crate) fn read_string<'a>(bytes: &mut &'a [u8]) -> Option<Option<&'a str>> {
    let length = u32::from_le_bytes(bytes.split_off(..4)?.try_into().ok()?);
    if length == NONE {
        return Some(None);
    }
    let string = bytes.split_off(..usize::try_from(length).ok()?)?;
    std::str::from_utf8(string).ok().map(Some)
}

/// One file a partition, by the leading bits of the document's id; shared by all threads.
pub(crate) struct Spill {
    files: Vec<(PathBuf, Mutex<BufWriter<File>>)>,
    shift: u32,
}

impl Spill {
    /// Files for `partitions`, a power of two, in `folder`.
    pub(crate) fn create(folder: &Path, partitions: usize) -> Result<Self> {
        let file = |partition: usize| {
            let path = folder.join(format!("{partition:05}"));
            let file = File::create(&path).map_err(Error::file(&path))?;
            Ok((path, Mutex::new(BufWriter::with_capacity(1 << 16, file))))
        };
        let files = (0..partitions).map(file).collect::<Result<Vec<_>>>()?;
        Ok(Self { files, shift: 128 - partitions.trailing_zeros() })
    }

    pub(crate) fn push(&self, survivor: &Survivor<'_>, buffer: &mut Vec<u8>) -> Result<()> {
        survivor.write(buffer);
        self.append(survivor.doc_id, buffer)
    }

    /// Adds the bytes of a record to the partition of its document.
    pub(crate) fn append(&self, doc_id: DocId, bytes: &[u8]) -> Result<()> {
        let partition = doc_id.0.checked_shr(self.shift).unwrap_or(0);
        let (path, file) = &self.files[usize::try_from(partition).unwrap_or(0)];
        file.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(bytes)
            .map_err(Error::file(path))
    }

    /// Closes the files and returns their paths in order of partition.
    pub(crate) fn finish(self) -> Result<Vec<PathBuf>> {
        self.files
            .into_iter()
            .map(|(path, file)| {
                file.into_inner()
                    .unwrap_or_else(PoisonError::into_inner)
                    .flush()
                    .map_err(Error::file(&path))?;
                Ok(path)
            })
            .collect()
    }
}

/// The survivors in the bytes of a partition, ordered by id.
pub(crate) fn sorted<'a>(path: &Path, mut bytes: &'a [u8]) -> Result<Vec<Survivor<'a>>> {
    let mut survivors = Vec::new();
    while !bytes.is_empty() {
        let survivor = Survivor::read(&mut bytes)
            .ok_or_else(|| Error::damaged(path, "a record is cut short"))?;
        survivors.push(survivor);
    }
    survivors.sort_unstable_by_key(|survivor| survivor.doc_id);
    Ok(survivors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survivors_come_back_sorted_and_in_their_partition() {
        let folder = tempfile::tempdir().unwrap();
        for partitions in [1, 4] {
            let spill = Spill::create(folder.path(), partitions).unwrap();
            let texts: Vec<String> = (0..50).map(|n| format!("text {n}")).collect();
            let mut all: Vec<Survivor> = texts
                .iter()
                .map(|text| Survivor {
                    doc_id: DocId::of_text("s", text),
                    id: text.ends_with('3').then_some(text),
                    text,
                    words: 2,
                    ..Survivor::default()
                })
                .collect();
            let mut buffer = Vec::new();
            for survivor in &all {
                spill.push(survivor, &mut buffer).unwrap();
            }
            let paths = spill.finish().unwrap();
            let bytes: Vec<Vec<u8>> =
                paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
            let back: Vec<Survivor> = paths
                .iter()
                .zip(&bytes)
                .flat_map(|(path, bytes)| sorted(path, bytes).unwrap())
                .collect();
            all.sort_by_key(|survivor| survivor.doc_id);
            assert_eq!(back, all, "partitions are in the order of ids, so all of it is sorted");
            assert!(sorted(&paths[0], &bytes[0][..bytes[0].len() - 1]).is_err());
        }
    }
}

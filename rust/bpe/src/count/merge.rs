//! Several sorted lists of pretokens gone through as one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{Read, Write};

use gamayun_text::{Monitor, Progress};

use crate::count::file::{Reader, Writer};
use crate::{Error, Pattern, Result};

/// Pretokens between two calls of the monitor.
pub(crate) const AT_ONCE: u64 = 1 << 16;

/// Calls `f` with each pretoken that any of the readers has in its language, in order of bytes, and with its count in
/// each: (reader, count).
pub(crate) fn together<R: Read>(
    readers: &mut [&mut Reader<R>],
    mut f: impl FnMut(&[u8], &[(usize, u64)]) -> Result<()>,
) -> Result<()> {
    let (mut heads, mut counts) = (BinaryHeap::new(), vec![0; readers.len()]);
    for (n, reader) in readers.iter_mut().enumerate() {
        if let Some(count) = reader.next()? {
            counts[n] = count;
            heads.push(Reverse((reader.pretoken().to_vec(), n)));
        }
    }
    let mut same = Vec::with_capacity(readers.len());
    while let Some(Reverse((pretoken, first))) = heads.pop() {
        same.clear();
        same.push((first, counts[first]));
        while let Some(Reverse((_, n))) = heads.peek().filter(|head| head.0.0 == pretoken) {
            same.push((*n, counts[*n]));
            heads.pop();
        }
        f(&pretoken, &same)?;
        let mut room = Some(pretoken);
        for &(n, _) in &same {
            if let Some(count) = readers[n].next()? {
                counts[n] = count;
                let mut head = room.take().unwrap_or_default();
                head.clear();
                head.extend_from_slice(readers[n].pretoken());
                heads.push(Reverse((head, n)));
            }
        }
    }
    Ok(())
}

/// What a file of counts tells of a language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LanguageCounts {
    /// Its name.
    pub language: String,
    /// Documents counted.
    pub documents: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Different pretokens.
    pub pretokens: u64,
}

/// Adds up files of counts into one; nothing but a pretoken of each is in memory. The files must have been made with one
/// split, and be what [`crate::Counts::write`] wrote: their checksums are not looked at. The monitor hears of bytes read,
/// of all `bytes` of the files.
pub fn merge_counts<R: Read>(
    files: Vec<R>,
    bytes: u64,
    to: &mut dyn Write,
    monitor: &mut dyn Monitor,
) -> Result<Vec<LanguageCounts>> {
    let (mut readers, mut split) = (Vec::new(), None::<Pattern>);
    for file in files {
        let (reader, found) = Reader::open(file)?;
        match &split {
            Some(split) if *split != found => {
                return Err(Error::SplitMismatch { counts: found, asked: split.clone() });
            }
            _ => split = Some(found),
        }
        readers.push(reader);
    }
    let mut writer = Writer::new(to, &split.unwrap_or_default());
    let mut names = readers.iter_mut().map(Reader::language).collect::<Result<Vec<_>>>()?;
    let mut languages = Vec::new();
    while let Some(language) = names.iter().flatten().min().cloned() {
        let own = |name: &Option<String>| name.as_ref() == Some(&language);
        let chosen = readers.iter_mut().zip(&names).filter(|(_, name)| own(name));
        let mut chosen: Vec<_> = chosen.map(|(reader, _)| reader).collect();
        languages.push(merge_language(&mut chosen, language.clone(), &mut writer, monitor)?);
        let done = readers.iter().map(Reader::position).sum();
        monitor.advance(Progress { done, total: bytes, ..Progress::default() })?;
        for (name, reader) in names.iter_mut().zip(&mut readers) {
            if own(name) {
                *name = reader.language()?;
            }
        }
    }
    writer.finish()?;
    Ok(languages)
}

fn merge_language<R: Read>(
    readers: &mut [&mut Reader<R>],
    language: String,
    writer: &mut Writer<'_>,
    monitor: &mut dyn Monitor,
) -> Result<LanguageCounts> {
    writer.language(&language);
    let mut sum = LanguageCounts { language, ..LanguageCounts::default() };
    together(readers, |pretoken, counts| {
        sum.pretokens += 1;
        if sum.pretokens.is_multiple_of(AT_ONCE) {
            monitor.advance(Progress::default())?;
        }
        writer
            .pretoken(pretoken, counts.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count)))
    })?;
    for reader in readers {
        let (documents, bytes) = reader.totals()?;
        sum.documents = sum.documents.saturating_add(documents);
        sum.bytes = sum.bytes.saturating_add(bytes);
    }
    writer.totals(sum.documents, sum.bytes);
    Ok(sum)
}

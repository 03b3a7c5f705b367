//! The file of counts: magic, split, and per language the pretokens in byte order with their counts, then a checksum.
//!
//! All numbers are LEB128. A pretoken tells how many bytes it shares with the one before it, then the rest of it.
//! The last eight bytes are the xxh3-64 of all before them, little-endian.

use std::io::Write;

use gamayun_text::hash::hash64;

use crate::count::table::Table;
use crate::count::{Counts, Language};
use crate::{Error, Pattern, Result};

/// Name and version of the format.
const MAGIC: &[u8; 8] = b"GMYBPE\x00\x01";

pub(crate) fn write(counts: &Counts, to: &mut dyn Write) -> Result<()> {
    let mut out = MAGIC.to_vec();
    put_bytes(&mut out, counts.split.name().as_bytes());
    put(&mut out, counts.languages.len() as u64);
    for (name, language) in &counts.languages {
        put_bytes(&mut out, name.as_bytes());
        put_language(&mut out, language);
    }
    let sum = hash64(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    Ok(to.write_all(&out)?)
}

fn put_language(out: &mut Vec<u8>, language: &Language) {
    let total = language.total();
    let mut entries: Vec<(&[u8], u64)> = total.iter().collect();
    entries.sort_unstable();
    put(out, language.documents);
    put(out, language.bytes);
    put(out, entries.len() as u64);
    let mut before: &[u8] = &[];
    for (pretoken, count) in entries {
        let shared = pretoken.iter().zip(before).take_while(|(a, b)| a == b).count();
        put(out, shared as u64);
        put_bytes(out, &pretoken[shared..]);
        put(out, count);
        before = pretoken;
    }
}

pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7F).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(crate) fn read(bytes: &[u8]) -> Result<Counts> {
    let Some((body, sum)) = bytes.split_last_chunk::<8>() else {
        return Err(Error::CountsFormat("the file is shorter than its checksum".to_owned()));
    };
    if !body.starts_with(MAGIC) {
        return Err(Error::CountsFormat("not a count file of version 1".to_owned()));
    }
    let (found, expected) = (hash64(body), u64::from_le_bytes(*sum));
    if found != expected {
        return Err(Error::CountsChecksum { found, expected });
    }
    let mut input = Input(&body[MAGIC.len()..]);
    let split: Pattern = input.text()?.parse()?;
    let mut counts = Counts::new(split);
    for _ in 0..input.number()? {
        let name = input.text()?;
        counts.languages.insert(name, input.language()?);
    }
    Ok(counts)
}

/// What is left to read.
struct Input<'b>(&'b [u8]);

impl<'b> Input<'b> {
    fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Error::CountsFormat("a number is longer than 64 bits".to_owned()))
    }

    fn take(&mut self, len: usize) -> Result<&'b [u8]> {
        let (head, rest) = self
            .0
            .split_at_checked(len)
            .ok_or_else(|| Error::CountsFormat("the file ends early".to_owned()))?;
        self.0 = rest;
        Ok(head)
    }

    fn bytes(&mut self) -> Result<&'b [u8]> {
        let len = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        self.take(len)
    }

    fn text(&mut self) -> Result<String> {
        String::from_utf8(self.bytes()?.to_vec())
            .map_err(|_| Error::CountsFormat("a name is not UTF-8".to_owned()))
    }

    fn language(&mut self) -> Result<Language> {
        let (documents, bytes) = (self.number()?, self.number()?);
        let mut table = Table::default();
        let mut pretoken = Vec::new();
        for _ in 0..self.number()? {
            let shared = usize::try_from(self.number()?).unwrap_or(usize::MAX);
            pretoken.truncate(shared);
            pretoken.extend_from_slice(self.bytes()?);
            table.add(&pretoken, self.number()?);
        }
        Ok(Language { tables: vec![table], documents, bytes })
    }
}

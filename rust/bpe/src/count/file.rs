//! The file of counts: magic, split, then for each language in order of name its pretokens in order of bytes; a checksum.
//!
//! All numbers are LEB128. A language is the number 1, its name, its pretokens, 0, its documents and its bytes of text. A
//! pretoken is its count, how many bytes it shares with the one before it, and the rest of it. 0 follows the last
//! language; the last eight bytes are the xxh3-64 of all before them, little-endian. Nothing is told before it is known,
//! so files are written and merged in one go, and parts of a count that does not fit memory are such files too.

use std::io::{Read, Write};

use xxhash_rust::xxh3::Xxh3;

use crate::count::table::Table;
use crate::{Error, Pattern, Result};

/// Name and version of the format.
const MAGIC: &[u8; 8] = b"GMYBPE\x00\x02";
/// Bytes read or written at a time.
const AT_ONCE: usize = 1 << 16;
/// Bytes of the checksum.
const SUM: usize = 8;

/// Writes a file of counts.
pub(crate) struct Writer<'w> {
    to: &'w mut dyn Write,
    buffer: Vec<u8>,
    sum: Box<Xxh3>,
    before: Vec<u8>,
}

impl<'w> Writer<'w> {
    pub(crate) fn new(to: &'w mut dyn Write, split: &Pattern) -> Self {
        let mut buffer = MAGIC.to_vec();
        put_bytes(&mut buffer, split.name().as_bytes());
        Self { to, buffer, sum: Box::default(), before: Vec::new() }
    }

    /// Begins a language; names rise.
    pub(crate) fn language(&mut self, name: &str) {
        put(&mut self.buffer, 1);
        put_bytes(&mut self.buffer, name.as_bytes());
        self.before.clear();
    }

    /// Adds a pretoken, which is above the one before, and its count, which is above 0.
    pub(crate) fn pretoken(&mut self, pretoken: &[u8], count: u64) -> Result<()> {
        let shared = pretoken.iter().zip(&self.before).take_while(|(a, b)| a == b).count();
        put(&mut self.buffer, count);
        put(&mut self.buffer, shared as u64);
        put_bytes(&mut self.buffer, &pretoken[shared..]);
        self.before.truncate(shared);
        self.before.extend_from_slice(&pretoken[shared..]);
        if self.buffer.len() >= AT_ONCE { self.flush() } else { Ok(()) }
    }

    /// Ends a language.
    pub(crate) fn totals(&mut self, documents: u64, bytes: u64) {
        for number in [0, documents, bytes] {
            put(&mut self.buffer, number);
        }
    }

    /// Ends the file.
    pub(crate) fn finish(mut self) -> Result<()> {
        put(&mut self.buffer, 0);
        self.flush()?;
        let sum = self.sum.digest();
        Ok(self.to.write_all(&sum.to_le_bytes())?)
    }

    fn flush(&mut self) -> Result<()> {
        self.sum.update(&self.buffer);
        self.to.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

/// Writes the sum of tables of one language in order of bytes.
pub(crate) fn write_tables(to: &mut Writer<'_>, tables: &[Table]) -> Result<()> {
    let mut entries: Vec<(&[u8], u64)> = tables.iter().flat_map(Table::iter).collect();
    entries.sort_unstable();
    for same in entries.chunk_by(|a, b| a.0 == b.0) {
        let sum = same.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        to.pretoken(same[0].0, sum)?;
    }
    Ok(())
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

/// Reads a file to its end: an error unless its checksum is right.
pub(crate) fn verify(mut from: impl Read) -> Result<()> {
    let (mut sum, mut held) = (Xxh3::new(), Vec::new());
    let mut first = true;
    loop {
        let before = held.len();
        from.by_ref().take(AT_ONCE as u64).read_to_end(&mut held)?;
        if std::mem::take(&mut first) && !held.starts_with(MAGIC) {
            return Err(format("not a count file of version 2"));
        }
        if held.len() == before {
            break;
        }
        // The last bytes may be the checksum.
        let known = held.len().saturating_sub(SUM);
        sum.update(&held[..known]);
        held.drain(..known);
    }
    let expected = u64::from_le_bytes(
        held.try_into().map_err(|_| format("the file is shorter than its checksum"))?,
    );
    match sum.digest() {
        found if found == expected => Ok(()),
        found => Err(Error::CountsChecksum { found, expected }),
    }
}

fn format(what: &str) -> Error {
    Error::CountsFormat(what.to_owned())
}

/// Reads a file of counts, one pretoken at a time. The checksum is not looked at; see [`verify`].
pub(crate) struct Reader<R> {
    from: R,
    buffer: Vec<u8>,
    at: usize,
    /// Bytes of the file before the buffer.
    passed: u64,
    pretoken: Vec<u8>,
}

impl<R: Read> Reader<R> {
    /// Reads the head, and tells the split.
    pub(crate) fn open(from: R) -> Result<(Self, Pattern)> {
        let mut reader = Self::within(from, 0);
        for expected in MAGIC {
            if reader.byte()? != *expected {
                return Err(format("not a count file of version 2"));
            }
        }
        let split = reader.text()?.parse()?;
        Ok((reader, split))
    }

    /// Goes on inside of a file, at the byte where `from` stands.
    pub(crate) fn within(from: R, at: u64) -> Self {
        Self { from, buffer: Vec::new(), at: 0, passed: at, pretoken: Vec::new() }
    }

    /// The byte of the file that is read next.
    pub(crate) fn position(&self) -> u64 {
        self.passed + self.at as u64
    }

    /// The name of the next language; none after the last.
    pub(crate) fn language(&mut self) -> Result<Option<String>> {
        self.pretoken.clear();
        match self.number()? {
            0 => Ok(None),
            1 => Ok(Some(self.text()?)),
            _ => Err(format("a language does not begin where it should")),
        }
    }

    /// Goes to the next pretoken of the language and tells its count; none after the last.
    pub(crate) fn next(&mut self) -> Result<Option<u64>> {
        let count = self.number()?;
        if count == 0 {
            return Ok(None);
        }
        let shared = self.length()?;
        if shared > self.pretoken.len() {
            return Err(format("a pretoken shares more bytes than the one before it has"));
        }
        let len = self.length()?;
        let mut pretoken = std::mem::take(&mut self.pretoken);
        pretoken.truncate(shared);
        self.append(&mut pretoken, len)?;
        self.pretoken = pretoken;
        Ok(Some(count))
    }

    /// The bytes of the pretoken that was gone to.
    pub(crate) fn pretoken(&self) -> &[u8] {
        &self.pretoken
    }

    /// Documents and bytes of the language, after its last pretoken.
    pub(crate) fn totals(&mut self) -> Result<(u64, u64)> {
        Ok((self.number()?, self.number()?))
    }

    fn fill(&mut self) -> Result<()> {
        self.passed += self.at as u64;
        self.buffer.clear();
        self.at = 0;
        self.from.by_ref().take(AT_ONCE as u64).read_to_end(&mut self.buffer)?;
        if self.buffer.is_empty() { Err(format("the file ends early")) } else { Ok(()) }
    }

    #[inline]
    fn byte(&mut self) -> Result<u8> {
        if self.at == self.buffer.len() {
            self.fill()?;
        }
        self.at += 1;
        Ok(self.buffer[self.at - 1])
    }

    fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(format("a number is longer than 64 bits"))
    }

    fn length(&mut self) -> Result<usize> {
        usize::try_from(self.number()?).map_err(|_| format("a length is out of range"))
    }

    fn append(&mut self, to: &mut Vec<u8>, mut len: usize) -> Result<()> {
        while len > 0 {
            if self.at == self.buffer.len() {
                self.fill()?;
            }
            let some = len.min(self.buffer.len() - self.at);
            to.extend_from_slice(&self.buffer[self.at..self.at + some]);
            self.at += some;
            len -= some;
        }
        Ok(())
    }

    fn text(&mut self) -> Result<String> {
        let (len, mut bytes) = (self.length()?, Vec::new());
        self.append(&mut bytes, len)?;
        String::from_utf8(bytes).map_err(|_| format("a name is not UTF-8"))
    }
}

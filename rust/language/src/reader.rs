//! Little-endian values off the front of a model file, never more than the file holds.

use std::fmt::Display;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::error::{Error, Result};

/// Reads a model file from front to back; each length is checked against what is left before memory is taken.
pub(crate) struct Reader<'a> {
    inner: Box<dyn BufRead + 'a>,
    name: String,
    offset: u64,
    left: u64,
}

impl<'a> Reader<'a> {
    pub(crate) fn of_bytes(bytes: &'a [u8], name: &str) -> Self {
        Self { inner: Box::new(bytes), name: name.to_owned(), offset: 0, left: bytes.len() as u64 }
    }

    pub(crate) fn of_file(path: &Path) -> Result<Self> {
        let io = |source| Error::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let left = file.metadata().map_err(io)?.len();
        let inner = Box::new(BufReader::with_capacity(1 << 18, file));
        Ok(Self { inner, name: path.display().to_string(), offset: 0, left })
    }

    /// Whether the next bytes are these; none is read.
    pub(crate) fn begins_with(&mut self, bytes: &[u8]) -> Result<bool> {
        let front = self
            .inner
            .fill_buf()
            .map_err(|source| Error::Io { path: self.name.clone().into(), source })?;
        Ok(front.starts_with(bytes))
    }

    /// Bytes that are left.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    pub(crate) fn u8(&mut self, what: &'static str) -> Result<u8> {
        self.array::<1>(what).map(|[b]| b)
    }

    pub(crate) fn i32(&mut self, what: &'static str) -> Result<i32> {
        self.array(what).map(i32::from_le_bytes)
    }

    pub(crate) fn i64(&mut self, what: &'static str) -> Result<i64> {
        self.array(what).map(i64::from_le_bytes)
    }

    pub(crate) fn flag(&mut self, what: &'static str) -> Result<bool> {
        match self.u8(what)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.malformed(what, other, "0 or 1")),
        }
    }

    /// A 32-bit count that must not be negative.
    pub(crate) fn count(&mut self, what: &'static str) -> Result<usize> {
        let value = self.i32(what)?;
        usize::try_from(value).map_err(|_| self.malformed(what, value, "0 or more"))
    }

    /// A 64-bit count that must not be negative.
    pub(crate) fn long_count(&mut self, what: &'static str) -> Result<usize> {
        let value = self.i64(what)?;
        usize::try_from(value).map_err(|_| self.malformed(what, value, "0 or more"))
    }

    pub(crate) fn bytes(&mut self, n: usize, what: &'static str) -> Result<Vec<u8>> {
        self.need(n as u64, what)?;
        let mut bytes = vec![0; n];
        self.fill(&mut bytes, what)?;
        Ok(bytes)
    }

    pub(crate) fn floats(&mut self, n: usize, what: &'static str) -> Result<Vec<f32>> {
        self.need((n as u64).saturating_mul(4), what)?;
        let mut floats = vec![0.0; n];
        self.floats_into(&mut floats, what)?;
        Ok(floats)
    }

    pub(crate) fn floats_into(&mut self, floats: &mut [f32], what: &'static str) -> Result<()> {
        let mut buffer = [0; 4096];
        for part in floats.chunks_mut(buffer.len() / 4) {
            let bytes = &mut buffer[..part.len() * 4];
            self.fill(bytes, what)?;
            for (value, four) in part.iter_mut().zip(bytes.as_chunks().0) {
                *value = f32::from_le_bytes(*four);
            }
        }
        Ok(())
    }

    /// Appends the bytes up to the next NUL, which is read and left out.
    pub(crate) fn until_nul(&mut self, bytes: &mut Vec<u8>, what: &'static str) -> Result<()> {
        let read = self.inner.read_until(0, bytes).map_err(|source| self.io(source))? as u64;
        self.offset += read;
        self.left = self.left.saturating_sub(read);
        if read == 0 || bytes.pop_if(|b| *b == 0).is_none() {
            return Err(self.truncated(1, what));
        }
        Ok(())
    }

    /// Refuses a length that the rest of the file cannot hold.
    pub(crate) fn need(&self, n: u64, what: &'static str) -> Result<()> {
        if n > self.left { Err(self.truncated(n, what)) } else { Ok(()) }
    }

    pub(crate) fn malformed(
        &self,
        what: &'static str,
        value: impl Display,
        expected: impl Display,
    ) -> Error {
        let (value, expected) = (value.to_string(), expected.to_string());
        Error::Malformed { name: self.name.clone(), what, value, expected }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes, what)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8], what: &'static str) -> Result<()> {
        let n = bytes.len() as u64;
        self.need(n, what)?;
        self.inner.read_exact(bytes).map_err(|source| self.io(source))?;
        self.offset += n;
        self.left -= n;
        Ok(())
    }

    fn truncated(&self, needed: u64, what: &'static str) -> Error {
        let (name, offset, left) = (self.name.clone(), self.offset, self.left);
        Error::Truncated { name, offset, what, needed, left }
    }

    fn io(&self, source: std::io::Error) -> Error {
        Error::Io { path: self.name.clone().into(), source }
    }
}

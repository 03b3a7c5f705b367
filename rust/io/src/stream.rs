//! The raw bytes of a file or of stdin, counted and hashed as they are read.

use std::fs::File;
use std::io::{self, Read, Stdin};

use gamayun_text::hash::Hasher128;

use crate::{Error, Input, Result};

enum Origin {
    File(File),
    Stdin(Stdin),
}

/// Raw bytes on their way in.
pub(crate) struct Raw {
    origin: Origin,
    hash: Box<Hasher128>,
    position: u64,
    ended: bool,
    failed: bool,
}

impl Raw {
    pub(crate) fn open(input: &Input) -> Result<Self> {
        let origin = if input.is_stdin() {
            Origin::Stdin(io::stdin())
        } else {
            let file = File::open(&input.path).map_err(|e| Error::reading(&input.path, e))?;
            Origin::File(file)
        };
        Ok(Self {
            origin,
            hash: Box::new(Hasher128::new()),
            position: 0,
            ended: false,
            failed: false,
        })
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// True when the disk or the pipe failed, so that the error is not the content's fault.
    pub(crate) fn failed(&self) -> bool {
        self.failed
    }

    /// The hash of all bytes, once the end was met.
    pub(crate) fn fingerprint(&self) -> Option<u128> {
        self.ended.then(|| self.hash.digest())
    }

    /// Reads what is left for the sake of the hash, up to `limit` bytes; true when none is left.
    pub(crate) fn drain(&mut self, limit: u64) -> bool {
        let target = self.position + limit;
        let mut buffer = Vec::new();
        while !self.ended && !self.failed && self.position < target {
            buffer.resize(256 << 10, 0);
            // An error is kept in `failed`; the hash is then unknown.
            let _ = self.read(&mut buffer);
        }
        self.ended || self.failed
    }

    fn fetch(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match &mut self.origin {
                Origin::File(file) => file.read(buffer),
                Origin::Stdin(stdin) => stdin.read(buffer),
            };
            match read {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let read = self.fetch(buffer).inspect_err(|_| self.failed = true)?;
        self.hash.update(&buffer[..read]);
        self.position += read as u64;
        self.ended = read == 0;
        Ok(read)
    }
}

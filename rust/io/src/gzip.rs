//! A gzip file, member after member (RFC 1952).
//!
//! One inflater serves all members, so that files of many small members are cheap, and zero bytes
//! after the last member are taken for the padding they are.

use std::io::{self, BufRead, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

const HAS_CHECK: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    FirstHeader,
    Header,
    Body,
    End,
}

/// A decoder of all members of a stream.
pub(crate) struct Gzip<R> {
    stream: R,
    inflate: Decompress,
    crc: Crc,
    at: At,
}

impl<R: BufRead> Gzip<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self { stream, inflate: Decompress::new(false), crc: Crc::new(), at: At::FirstHeader }
    }

    pub(crate) fn get_ref(&self) -> &R {
        &self.stream
    }

    pub(crate) fn get_mut(&mut self) -> &mut R {
        &mut self.stream
    }

    /// Reads a member's header, or finds the end of the file.
    fn header(&mut self) -> io::Result<At> {
        if self.at == At::Header && self.rest_is_padding()? {
            return Ok(At::End);
        }
        if self.bytes()? != [0x1f, 0x8b] {
            return Err(invalid("no gzip member where one should begin"));
        }
        let [method, flags, ..] = self.bytes::<8>()?;
        if method != 8 {
            return Err(invalid("unknown gzip compression method"));
        }
        self.skip_optional(flags)?;
        self.inflate.reset(false);
        self.crc.reset();
        Ok(At::Body)
    }

    fn skip_optional(&mut self, flags: u8) -> io::Result<()> {
        if flags & HAS_EXTRA != 0 {
            for _ in 0..u16::from_le_bytes(self.bytes()?) {
                self.bytes::<1>()?;
            }
        }
        for flag in [HAS_NAME, HAS_COMMENT] {
            while flags & flag != 0 && self.bytes()? != [0] {}
        }
        if flags & HAS_CHECK != 0 {
            self.bytes::<2>()?;
        }
        Ok(())
    }

    /// True at the end of the stream, zero bytes before it aside.
    fn rest_is_padding(&mut self) -> io::Result<bool> {
        loop {
            let buffer = self.stream.fill_buf()?;
            match buffer.iter().position(|&byte| byte != 0) {
                _ if buffer.is_empty() => return Ok(true),
                Some(0) => return Ok(false),
                Some(_) => return Err(invalid("bytes that are not gzip after the last member")),
                None => {
                    let zeros = buffer.len();
                    self.stream.consume(zeros);
                }
            }
        }
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Decodes some of a member; at its end checks its hash and length.
    fn body(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let input = self.stream.fill_buf()?;
        if input.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(input, out, FlushDecompress::None);
        let status = status.map_err(|e| invalid(&e.to_string()))?;
        let consumed = length(self.inflate.total_in() - read)?;
        let decoded = length(self.inflate.total_out() - written)?;
        self.stream.consume(consumed);
        self.crc.update(&out[..decoded]);
        if status == Status::StreamEnd {
            self.trailer()?;
            self.at = At::Header;
        } else if consumed == 0 && decoded == 0 {
            return Err(invalid("the deflate stream does not go on"));
        }
        Ok(decoded)
    }

    fn trailer(&mut self) -> io::Result<()> {
        let sum = u32::from_le_bytes(self.bytes()?);
        let amount = u32::from_le_bytes(self.bytes()?);
        if (sum, amount) != (self.crc.sum(), self.crc.amount()) {
            return Err(invalid("the gzip checksum does not match"));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            match self.at {
                At::FirstHeader | At::Header => self.at = self.header()?,
                At::Body => {
                    let decoded = self.body(out)?;
                    if decoded > 0 {
                        return Ok(decoded);
                    }
                }
                At::End => return Ok(0),
            }
        }
    }
}

fn length(bytes: u64) -> io::Result<usize> {
    usize::try_from(bytes).map_err(|_| invalid("more bytes than fit in memory"))
}

fn invalid(detail: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, detail)
}

//! The bytes of a file with its compression undone, whatever the file's name says.

use std::io::{self, BufReader, Chain, Cursor, Read};

use crate::gzip::Gzip;
use crate::stream::Raw;
use crate::{Error, Input, Result};

/// The largest zstd window accepted, as a power of two: 128 MiB, what the `zstd` tool accepts
/// unasked. A frame may declare up to 2 GiB, which a reader per thread must not allocate.
const MAX_WINDOW_LOG: u32 = 27;

/// Bytes read from a compressed file at a time.
const BUFFER: usize = 256 << 10;

type Head = Chain<Cursor<Vec<u8>>, Raw>;

/// A stream of decoded bytes.
pub(crate) enum Decoder {
    Plain(Head),
    Gzip(Box<Gzip<BufReader<Head>>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, BufReader<Head>>>),
}

/// What the first bytes of a file say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Magic {
    Gzip,
    Zstd,
    Parquet,
    Foreign(&'static str),
    None,
}

pub(crate) fn magic(head: &[u8]) -> Magic {
    match head {
        [0x1f, 0x8b, ..] => Magic::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Magic::Zstd,
        [b'P', b'A', b'R', b'1', ..] => Magic::Parquet,
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Magic::Foreign("xz"),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => Magic::Foreign("bzip2"),
        [b'P', b'K', 3, 4, ..] => Magic::Foreign("zip"),
        [0x04, 0x22, 0x4d, 0x18, ..] => Magic::Foreign("lz4"),
        _ => Magic::None,
    }
}

impl Decoder {
    pub(crate) fn new(mut raw: Raw, input: &Input) -> Result<Self> {
        let mut head = Vec::with_capacity(8);
        let read = raw.by_ref().take(8).read_to_end(&mut head);
        read.map_err(|e| Error::reading(&input.path, e))?;
        let found = magic(&head);
        let stream = Cursor::new(head).chain(raw);
        match found {
            Magic::Gzip => {
                Ok(Self::Gzip(Box::new(Gzip::new(BufReader::with_capacity(BUFFER, stream)))))
            }
            Magic::Zstd => zstd_decoder(stream, input),
            Magic::None => Ok(Self::Plain(stream)),
            Magic::Parquet => Err(unsupported(
                input,
                "it holds Parquet, which is not read from a pipe nor as another format".into(),
            )),
            Magic::Foreign(kind) => {
                Err(unsupported(input, format!("{kind} is not read; recompress as zstd or gzip")))
            }
        }
    }

    pub(crate) fn raw(&self) -> &Raw {
        match self {
            Self::Plain(head) => head.get_ref().1,
            Self::Gzip(gzip) => gzip.get_ref().get_ref().get_ref().1,
            Self::Zstd(decoder) => decoder.get_ref().get_ref().get_ref().1,
        }
    }

    pub(crate) fn raw_mut(&mut self) -> &mut Raw {
        match self {
            Self::Plain(head) => head.get_mut().1,
            Self::Gzip(gzip) => gzip.get_mut().get_mut().get_mut().1,
            Self::Zstd(decoder) => decoder.get_mut().get_mut().get_mut().1,
        }
    }
}

impl Read for Decoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(head) => head.read(buffer),
            Self::Gzip(gzip) => gzip.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

fn unsupported(input: &Input, detail: String) -> Error {
    Error::Unsupported { path: input.name.clone(), detail }
}

fn zstd_decoder(stream: Head, input: &Input) -> Result<Decoder> {
    let reader = BufReader::with_capacity(BUFFER, stream);
    let made = zstd::stream::read::Decoder::with_buffer(reader).and_then(|mut decoder| {
        decoder.window_log_max(MAX_WINDOW_LOG)?;
        Ok(decoder)
    });
    let decoder = made.map_err(|e| Error::reading(&input.path, e))?;
    Ok(Decoder::Zstd(Box::new(decoder)))
}

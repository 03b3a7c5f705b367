//! Charsets as tables both ways: which bytes a character was, and which character bytes are.

use std::sync::OnceLock;

use encoding_rs::Encoding;

/// A charset that text was, or should have been, decoded by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    Utf8,
    /// ISO 8859-1 and Windows-1252 at once: what the second leaves undefined is a control character of the first.
    Western,
    Central,
    Cyrillic,
    Greek,
    Turkish,
    Hebrew,
    Arabic,
    Baltic,
    Latin2,
    Mac,
    Koi8,
    Dos,
    Gbk,
    Big5,
    EucJp,
    ShiftJis,
    EucKr,
}

const CHARSETS: usize = Charset::EucKr as usize + 1;

/// The characters of a charset; 0 where there is none.
pub(crate) struct Tables {
    /// Characters of single bytes.
    single: [u16; 256],
    /// Characters of pairs, at lead · 256 + trail; empty for a charset of single bytes.
    double: Box<[u16]>,
    /// Bytes of characters: one below 256, else two.
    bytes: Box<[u16]>,
}

impl Charset {
    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Western => encoding_rs::WINDOWS_1252,
            Self::Central => encoding_rs::WINDOWS_1250,
            Self::Cyrillic => encoding_rs::WINDOWS_1251,
            Self::Greek => encoding_rs::WINDOWS_1253,
            Self::Turkish => encoding_rs::WINDOWS_1254,
            Self::Hebrew => encoding_rs::WINDOWS_1255,
            Self::Arabic => encoding_rs::WINDOWS_1256,
            Self::Baltic => encoding_rs::WINDOWS_1257,
            Self::Latin2 => encoding_rs::ISO_8859_2,
            Self::Mac => encoding_rs::MACINTOSH,
            Self::Koi8 => encoding_rs::KOI8_R,
            Self::Dos => encoding_rs::IBM866,
            Self::Gbk => encoding_rs::GBK,
            Self::Big5 => encoding_rs::BIG5,
            Self::EucJp => encoding_rs::EUC_JP,
            Self::ShiftJis => encoding_rs::SHIFT_JIS,
            Self::EucKr => encoding_rs::EUC_KR,
        }
    }

    /// Whether characters may be two bytes.
    pub(crate) fn is_double(self) -> bool {
        matches!(self, Self::Gbk | Self::Big5 | Self::EucJp | Self::ShiftJis | Self::EucKr)
    }

    /// Bytes that have no character in this charset: where a decoder left U+FFFD, it was one of them.
    pub(crate) fn undefined(self) -> &'static [u8] {
        match self {
            Self::Western => &[0x81, 0x8D, 0x8F, 0x90, 0x9D],
            Self::Cyrillic => &[0x98],
            Self::Central => &[0x81, 0x83, 0x88, 0x90, 0x98],
            Self::Turkish => &[0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E],
            _ => &[],
        }
    }

    pub(crate) fn tables(self) -> &'static Tables {
        static ALL: [OnceLock<Tables>; CHARSETS] = [const { OnceLock::new() }; CHARSETS];
        ALL[self as usize].get_or_init(|| Tables::of(self))
    }
}

/// The one character of these bytes, if it is of the basic plane.
fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> Option<u16> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let mut chars = text.chars();
    let first = chars.next().filter(|_| chars.next().is_none())?;
    u16::try_from(u32::from(first)).ok()
}

impl Tables {
    #[expect(clippy::cast_possible_truncation, reason = "indices below 256 and 65,536")]
    fn of(charset: Charset) -> Self {
        let encoding = charset.encoding();
        let mut tables = Self {
            single: [0; 256],
            double: vec![0; if charset.is_double() { 1 << 16 } else { 0 }].into(),
            bytes: vec![0; 1 << 16].into(),
        };
        for byte in 1..=255_u8 {
            if let Some(c) = decoded(encoding, &[byte]) {
                tables.single[usize::from(byte)] = c;
                tables.bytes[usize::from(c)] = u16::from(byte);
            }
        }
        if charset == Charset::Western {
            (0x80..=0xFF_u16).for_each(|c| tables.bytes[usize::from(c)] = c);
        }
        for pair in 0..tables.double.len() {
            let (lead, trail) = ((pair >> 8) as u8, pair as u8);
            if lead >= 0x80
                && trail >= 0x30
                && let Some(c) = decoded(encoding, &[lead, trail])
            {
                tables.double[pair] = c;
                // Where two pairs are one character, the first is the standard's own.
                if tables.bytes[usize::from(c)] == 0 {
                    tables.bytes[usize::from(c)] = pair as u16;
                }
            }
        }
        tables
    }

    /// The bytes of a character: the first, and the second if there are two.
    #[inline]
    pub(crate) fn bytes_of(&self, c: char) -> Option<(u8, Option<u8>)> {
        let bytes = *self.bytes.get(c as usize)?;
        let [lead, trail] = bytes.to_be_bytes();
        match bytes {
            0 => None,
            1..256 => Some((trail, None)),
            _ => Some((lead, Some(trail))),
        }
    }

    /// The character of one byte.
    #[inline]
    pub(crate) fn single(&self, byte: u8) -> Option<char> {
        character(self.single[usize::from(byte)])
    }

    /// The character of two bytes.
    #[inline]
    pub(crate) fn double(&self, lead: u8, trail: u8) -> Option<char> {
        let pair = usize::from(u16::from_be_bytes([lead, trail]));
        self.double.get(pair).and_then(|&c| character(c))
    }
}

fn character(c: u16) -> Option<char> {
    char::from_u32(u32::from(c)).filter(|&c| c != '\0')
}

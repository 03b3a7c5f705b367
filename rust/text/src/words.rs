//! The words of shingles: maximal runs of letters, combining marks and digits, in lower case.
//!
//! Each character of Han, Hiragana, Katakana, Thai, Lao, Khmer and Myanmar is a word of its own; all else separates.
//! The text is taken to be in NFC. One pass: stretches of ASCII are classified 64 bytes at a time and hashed where
//! they lie; a word with other characters is lower-cased into a small buffer first.

use crate::class::{CLASSES, Class, Classes};
use crate::word_hash::hash_word;

/// Hears each word once, in order, in lower case.
trait Sink {
    /// A word of ASCII letters and digits, `text[start..end]`; setting bit 5 of each byte lower-cases it.
    fn ascii(&mut self, text: &[u8], start: usize, end: usize);
    /// Any other word, already in lower case.
    fn lowered(&mut self, word: &[u8]);
}

/// The words of a text, for tests, explanations and other slow uses.
///
/// ```
/// assert_eq!(gamayun_text::words::words("Don't panic, 東京!"), ["don", "t", "panic", "東", "京"]);
/// ```
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    struct Strings(Vec<String>);
    impl Sink for Strings {
        fn ascii(&mut self, text: &[u8], start: usize, end: usize) {
            let word: Vec<u8> = text[start..end].iter().map(|b| b | 0x20).collect();
            self.lowered(&word);
        }
        fn lowered(&mut self, word: &[u8]) {
            self.0.push(String::from_utf8_lossy(word).into_owned());
        }
    }
    let mut sink = Strings(Vec::new());
    if scan(text, &mut Vec::new(), &mut sink).is_err() {
        sink.0.clear();
        let _ = scan(&text.to_lowercase(), &mut Vec::new(), &mut sink);
    }
    sink.0
}

/// Hashes of the words of a text, in order; `buffer` is scratch.
pub(crate) fn word_hashes(text: &str, buffer: &mut Vec<u8>, out: &mut Vec<u64>) {
    struct Hashes<'a>(&'a mut Vec<u64>);
    impl Sink for Hashes<'_> {
        #[inline]
        fn ascii(&mut self, text: &[u8], start: usize, end: usize) {
            self.0.push(crate::word_hash::hash_ascii(text, start, end));
        }
        #[inline]
        fn lowered(&mut self, word: &[u8]) {
            self.0.push(hash_word(word));
        }
    }
    out.clear();
    if scan(text, buffer, &mut Hashes(out)).is_err() {
        out.clear();
        let _ = scan(&text.to_lowercase(), buffer, &mut Hashes(out));
    }
}

/// The text holds a capital sigma, whose lower case depends on its neighbours: lower-case it whole and scan again.
struct Sigma;

fn scan(text: &str, buffer: &mut Vec<u8>, sink: &mut impl Sink) -> Result<(), Sigma> {
    let bytes = text.as_bytes();
    let mut scanner = Scanner { bytes, classes: &CLASSES, buffer, sink };
    let (mut at, mut open) = (0, None);
    while at < bytes.len() {
        let (mut word, ascii) = crate::block::classify(bytes, at);
        let limit = ascii.trailing_ones();
        let inside = if limit == 64 { u64::MAX } else { (1 << limit) - 1 };
        word &= inside;
        open = scanner.spans(at, word, inside, open);
        at += limit as usize;
        if limit < 64 {
            at = scanner.characters(at, open.take())?;
        }
    }
    if let Some(start) = open {
        scanner.sink.ascii(bytes, start, bytes.len());
    }
    Ok(())
}

struct Scanner<'a, S> {
    bytes: &'a [u8],
    classes: &'a Classes,
    buffer: &'a mut Vec<u8>,
    sink: &'a mut S,
}

impl<S: Sink> Scanner<'_, S> {
    /// Tells the words that end in a block whose word bytes are set in `word`; returns the start of one left open.
    #[inline]
    fn spans(&mut self, at: usize, word: u64, inside: u64, open: Option<usize>) -> Option<usize> {
        let mut edges = (word ^ (word << 1 | u64::from(open.is_some()))) & inside;
        let mut next = || {
            let edge = at + edges.trailing_zeros() as usize;
            let found = edges != 0;
            edges &= edges.wrapping_sub(1);
            found.then_some(edge)
        };
        if let Some(start) = open {
            let Some(end) = next() else { return open };
            self.sink.ascii(self.bytes, start, end);
        }
        while let Some(start) = next() {
            let Some(end) = next() else { return Some(start) };
            self.sink.ascii(self.bytes, start, end);
        }
        None
    }

    /// Goes on character by character from `at`, in a word begun at `open`, up to the start of an ASCII word.
    fn characters(&mut self, mut at: usize, open: Option<usize>) -> Result<usize, Sigma> {
        self.buffer.clear();
        if let Some(start) = open {
            self.buffer.extend(self.bytes[start..at].iter().map(|b| b | 0x20));
        }
        while let Some(&byte) = self.bytes.get(at) {
            if byte < 0x80 {
                if !byte.is_ascii_alphanumeric() {
                    self.flush();
                } else if self.buffer.is_empty() {
                    return Ok(at);
                } else {
                    self.buffer.push(byte | 0x20);
                }
                at += 1;
            } else if byte < 0xE0 {
                self.two(at)?;
                at += 2;
            } else {
                let length = if byte < 0xF0 { 3 } else { 4 };
                self.long(at, length);
                at += length;
            }
        }
        self.flush();
        Ok(at)
    }

    #[inline]
    fn flush(&mut self) {
        if !self.buffer.is_empty() {
            self.sink.lowered(self.buffer);
            self.buffer.clear();
        }
    }

    /// A character of two bytes; none of these is a word of its own.
    #[inline]
    fn two(&mut self, at: usize) -> Result<(), Sigma> {
        let code = u32::from(self.bytes[at] & 0x1F) << 6 | u32::from(self.bytes[at + 1] & 0x3F);
        if self.classes.get(code).class() == Class::Separator {
            self.flush();
            return Ok(());
        }
        let lower = self.classes.lower(code);
        if lower == 0 {
            self.lower_slowly(code);
        } else if code == u32::from('Σ') {
            return Err(Sigma);
        } else {
            self.buffer.extend_from_slice(&lower.to_le_bytes());
        }
        Ok(())
    }

    /// A character of three or four bytes.
    #[inline]
    fn long(&mut self, at: usize, length: usize) {
        let bytes = &self.bytes[at..at + length];
        let first = u32::from(bytes[0] & (0x7F >> length));
        let code = bytes[1..].iter().fold(first, |code, b| code << 6 | u32::from(b & 0x3F));
        let entry = self.classes.get(code);
        match entry.class() {
            Class::Separator => self.flush(),
            Class::Single => {
                self.flush();
                self.sink.lowered(bytes);
            }
            Class::Word if entry.is_upper() => self.lower_slowly(code),
            Class::Word => self.buffer.extend_from_slice(bytes),
        }
    }

    #[cold]
    fn lower_slowly(&mut self, code: u32) {
        let mut utf8 = [0; 4];
        for c in char::from_u32(code).into_iter().flat_map(char::to_lowercase) {
            self.buffer.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
        }
    }
}

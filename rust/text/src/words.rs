//! The words of shingles: maximal runs of letters, combining marks and digits, in lower case.
//!
//! Each character of Han, Hiragana, Katakana, Thai, Lao, Khmer and Myanmar is a word of its own; all else separates.
//! A text of which at least one tenth of the letters, marks and digits are of these scripts is split by characters: each
//! of its letters, marks and digits is a word. The text is taken to be in NFC. One pass: stretches of ASCII, or of more where the processor can, are
//! classified 64 bytes at a time; words with other characters are gone through character by character. No word is stored.

use crate::characters;
use crate::class::{CLASSES, Class, Classes, Lower};
use crate::stretch::{self, FOLDS, Stretch};
use crate::word_hash::{WordHasher, hash_ascii, hash_character};

/// Hears the words in order, in lower case.
pub(crate) trait Sink {
    /// A word of ASCII letters and digits, `text[start..end]`; setting bit 5 of each byte lower-cases it.
    fn ascii(&mut self, text: &[u8], start: usize, end: usize);
    /// The same, as the beginning of a word.
    fn begin(&mut self, text: &[u8], start: usize, end: usize);
    /// The next `count` (1 to 4) bytes of a word, little-endian.
    fn push(&mut self, bytes: u32, count: u32);
    /// The word ends here.
    fn end(&mut self);
    /// A character of so many bytes that is a word of its own.
    fn single(&mut self, bytes: u32, count: u32);
    /// Forget all words: the text is told again from its start.
    fn clear(&mut self);
    /// Hears the words from `from` on in a way of its own, as far as that goes; `None` if it has none.
    fn stretch(&mut self, _text: &[u8], _from: usize) -> Option<Stretched> {
        None
    }
}

/// How far the words of a text were told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretched {
    /// The next character.
    pub(crate) at: usize,
    /// A word has begun before it and was told in part.
    pub(crate) open: bool,
}

/// Keeps the words.
#[derive(Default)]
struct Strings {
    word: Vec<u8>,
    words: Vec<String>,
}

impl Sink for Strings {
    fn ascii(&mut self, text: &[u8], start: usize, end: usize) {
        self.begin(text, start, end);
        self.end();
    }

    fn begin(&mut self, text: &[u8], start: usize, end: usize) {
        self.word.extend(text[start..end].iter().map(|byte| byte | 0x20));
    }

    fn push(&mut self, bytes: u32, count: u32) {
        self.word.extend(&bytes.to_le_bytes()[..count as usize]);
    }

    fn end(&mut self) {
        self.words.push(String::from_utf8_lossy(&self.word).into_owned());
        self.word.clear();
    }

    fn single(&mut self, bytes: u32, count: u32) {
        self.push(bytes, count);
        self.end();
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Keeps the hashes of the words.
struct Hashes<'a> {
    hasher: WordHasher,
    stretch: &'a mut Stretch,
    out: &'a mut Vec<u64>,
}

impl Sink for Hashes<'_> {
    #[inline]
    fn ascii(&mut self, text: &[u8], start: usize, end: usize) {
        self.out.push(hash_ascii(text, start, end));
    }

    #[inline]
    fn begin(&mut self, text: &[u8], start: usize, end: usize) {
        self.hasher.push_ascii(text, start, end);
    }

    #[inline]
    fn push(&mut self, bytes: u32, count: u32) {
        self.hasher.push(bytes, count);
    }

    #[inline]
    fn end(&mut self) {
        self.out.push(self.hasher.finish());
    }

    #[inline]
    fn single(&mut self, bytes: u32, count: u32) {
        self.out.push(hash_character(bytes, count));
    }

    fn clear(&mut self) {
        self.hasher = WordHasher::default();
        self.out.clear();
    }

    fn stretch(&mut self, text: &[u8], from: usize) -> Option<Stretched> {
        let stop = self.stretch.hash(text, from, &FOLDS, self.out)?;
        let word = self.stretch.open_word(stop);
        if let Some(word) = word {
            self.hasher.push_folded(word);
        }
        Some(Stretched { at: stop.at, open: word.is_some() })
    }
}

/// The words of a text, for tests, explanations and other slow uses.
///
/// ```
/// assert_eq!(gamayun_text::words::words("Don't panic!"), ["don", "t", "panic"]);
/// assert_eq!(gamayun_text::words::words("東京 v1.2"), ["東", "京", "v", "1", "2"]);
/// ```
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut sink = Strings::default();
    tell(text, &mut sink);
    sink.words
}

/// Hashes of the words of a text, in order.
pub(crate) fn word_hashes(text: &str, stretch: &mut Stretch, out: &mut Vec<u64>) {
    out.clear();
    tell(text, &mut Hashes { hasher: WordHasher::default(), stretch, out });
}

/// Bytes behind the first character of a script without spaces by which the way of the text is guessed.
const SAMPLE: usize = 512;

/// Tells the words of a text, in the way that its characters ask for.
///
/// One scan does where the guess was right, and a text without scripts without spaces needs neither guess nor count.
fn tell(text: &str, sink: &mut impl Sink) {
    let mut guess = true;
    loop {
        match by_words(text, guess, sink) {
            Ok(0) => return,
            Ok(_) if !guess => return,
            Ok(_) if !characters::tally(text.as_bytes(), &CLASSES).by_characters() => return,
            _ => {}
        }
        sink.clear();
        if characters::scan(text, &CLASSES, sink).by_characters() {
            return;
        }
        sink.clear();
        guess = false;
    }
}

/// Tells the words of a text by words; returns how many were single characters, or an error where it is better to stop.
fn by_words(text: &str, guess: bool, sink: &mut impl Sink) -> Result<u64, Guessed> {
    match scan(text, guess, sink) {
        Ok(singles) => Ok(singles),
        Err(Stop::Characters) => Err(Guessed),
        Err(Stop::Sigma) => {
            sink.clear();
            scan(&text.to_lowercase(), guess, sink).map_err(|_| Guessed)
        }
    }
}

/// The text seems to be one of characters.
struct Guessed;

/// Why a scan by words stopped.
enum Stop {
    /// A capital sigma, whose lower case depends on its neighbours: lower-case the text whole and scan again.
    Sigma,
    /// The text seems to be one of characters.
    Characters,
}

fn scan(text: &str, guess: bool, sink: &mut impl Sink) -> Result<u64, Stop> {
    let bytes = text.as_bytes();
    let mut scanner = Scanner { bytes, classes: &CLASSES, sink, singles: 0, guess };
    let mut at = 0;
    while at < bytes.len() {
        at = if let Some(told) = scanner.sink.stretch(bytes, at) {
            scanner.characters(told, stretch::resumes)?
        } else {
            let told = scanner.ascii(at);
            scanner.characters(told, |byte| byte.is_ascii_alphanumeric())?
        };
    }
    Ok(scanner.singles)
}

struct Scanner<'a, S> {
    bytes: &'a [u8],
    classes: &'a Classes,
    sink: &'a mut S,
    /// Characters so far that are words of their own.
    singles: u64,
    /// Stop at the first of them if what follows looks like a text of characters.
    guess: bool,
}

impl<S: Sink> Scanner<'_, S> {
    /// Tells the words up to the first character beyond ASCII.
    fn ascii(&mut self, mut at: usize) -> Stretched {
        let mut open = None;
        while at < self.bytes.len() {
            let (word, ascii) = crate::block::classify(self.bytes, at);
            let limit = ascii.trailing_ones();
            let inside = if limit == 64 { u64::MAX } else { (1 << limit) - 1 };
            open = self.spans(at, word & inside, inside, open);
            at = self.bytes.len().min(at + limit as usize);
            if limit < 64 {
                break;
            }
        }
        if let Some(start) = open {
            self.sink.begin(self.bytes, start, at);
        }
        Stretched { at, open: open.is_some() }
    }

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

    /// Goes on character by character, up to one behind a word at which `resumes` says that there is a faster way.
    fn characters(
        &mut self,
        Stretched { mut at, mut open }: Stretched,
        resumes: impl Fn(u8) -> bool,
    ) -> Result<usize, Stop> {
        let first = at;
        while let Some(&byte) = self.bytes.get(at) {
            if !open && at > first && resumes(byte) {
                return Ok(at);
            }
            if byte < 0x80 {
                if byte.is_ascii_alphanumeric() {
                    open = true;
                    self.sink.push(u32::from(byte | 0x20), 1);
                } else {
                    self.close(&mut open);
                }
                at += 1;
            } else if byte < 0xE0 {
                self.two(at, &mut open)?;
                at += 2;
            } else {
                at += self.long(at, &mut open)?;
            }
        }
        self.close(&mut open);
        Ok(at)
    }

    #[inline]
    fn close(&mut self, open: &mut bool) {
        if std::mem::take(open) {
            self.sink.end();
        }
    }

    /// A character of two bytes; none of these is a word of its own.
    #[inline]
    fn two(&mut self, at: usize, open: &mut bool) -> Result<(), Stop> {
        let code = u32::from(self.bytes[at] & 0x1F) << 6 | u32::from(self.bytes[at + 1] & 0x3F);
        match self.classes.lower(code) {
            Lower::NONE => self.close(open),
            Lower::SIGMA => return Err(Stop::Sigma),
            Lower::LONG => {
                *open = true;
                self.lower_slowly(code);
            }
            lower => {
                *open = true;
                self.sink.push(u32::from(lower), 2);
            }
        }
        Ok(())
    }

    /// A character of three or four bytes; returns how many.
    #[inline]
    fn long(&mut self, at: usize, open: &mut bool) -> Result<usize, Stop> {
        let (code, count, bytes) = characters::decode(&self.bytes[at..]);
        let entry = self.classes.get(code);
        match entry.class() {
            Class::Separator => self.close(open),
            Class::Single => {
                if self.singles == 0 && self.guess && self.looks_like_characters(at) {
                    return Err(Stop::Characters);
                }
                self.singles += 1;
                self.close(open);
                self.sink.single(bytes, count);
            }
            Class::Word => {
                *open = true;
                if entry.is_upper() {
                    self.lower_slowly(code);
                } else {
                    self.sink.push(bytes, count);
                }
            }
        }
        Ok(count as usize)
    }

    #[cold]
    fn looks_like_characters(&self, at: usize) -> bool {
        let end = self.bytes.len().min(at + SAMPLE);
        characters::tally(&self.bytes[at..end], self.classes).by_characters()
    }

    #[cold]
    fn lower_slowly(&mut self, code: u32) {
        for c in char::from_u32(code).into_iter().flat_map(char::to_lowercase) {
            let mut utf8 = [0; 4];
            c.encode_utf8(&mut utf8);
            self.sink.push(u32::from_le_bytes(utf8), bytes_of(c));
        }
    }
}

pub(crate) fn bytes_of(c: char) -> u32 {
    match u32::from(c) {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x1_0000 => 3,
        _ => 4,
    }
}

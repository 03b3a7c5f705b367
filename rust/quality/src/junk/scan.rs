//! One pass over the characters of a text: what the junk measurements count.

use super::kinds::{Kind, script};

/// A chunk of Base64 that is longer than this is no word.
const LONGEST_WORD: u64 = 50;

/// What is counted in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Characters that are not white space.
    pub(crate) visible: u64,
    /// Those that stand for lost ones.
    pub(crate) broken: u64,
    /// Those that are not seen: zero-width spaces, soft hyphens, byte order marks.
    pub(crate) invisible: u64,
    /// Question marks.
    pub(crate) questions: u64,
    pub(crate) letters: u64,
    /// Capitals of Latin, Greek and Cyrillic.
    pub(crate) upper: u64,
    /// Pairs of letters side by side, and those of two scripts.
    pub(crate) pairs: u64,
    pub(crate) changes: u64,
    /// Runs of letters, and those that mix alphabets.
    pub(crate) words: u64,
    pub(crate) mixed: u64,
    /// Chunks between white space, and those of one letter.
    pub(crate) chunks: u64,
    pub(crate) single: u64,
    /// Chunks that end in a comma.
    pub(crate) commas: u64,
    /// Characters of chunks that are addresses, or too long for words.
    pub(crate) urls: u64,
    pub(crate) long: u64,
    /// Characters of UTF-8 that was read as a Latin encoding.
    pub(crate) misread: u64,
}

/// The word or chunk that the pass is in.
#[derive(Default)]
struct Chunk {
    start: usize,
    characters: u64,
}

impl Counts {
    pub(crate) fn of(text: &str) -> Self {
        let mut counts = Self::default();
        let (mut chunk, mut scripts, mut previous) = (Chunk::default(), 0_u16, 0_u8);
        let mut before = '\0';
        let mut misread = Misread::default();
        for (at, c) in text.char_indices() {
            let kind = Kind::of(c);
            counts.misread += misread.push(c);
            if kind.is_space() {
                counts.chunk(&text[chunk.start..at], &chunk);
                counts.word(&mut scripts);
                chunk = Chunk { start: at + c.len_utf8(), ..Chunk::default() };
                previous = 0;
                before = c;
                continue;
            }
            counts.visible += 1;
            chunk.characters += 1;
            counts.broken += u64::from(kind.is_broken());
            if kind.is_letter() {
                let script = kind.script();
                counts.letters += 1;
                if script != 0 {
                    counts.upper += u64::from(script <= script::GREEK && kind.is_upper());
                    counts.pairs += u64::from(previous != 0);
                    counts.changes += u64::from(previous != 0 && previous != script);
                    scripts |= 1 << script;
                    previous = script;
                }
            } else {
                counts.questions += u64::from(c == '?');
                counts.invisible += u64::from(is_invisible(c, before));
                counts.word(&mut scripts);
                previous = 0;
            }
            before = c;
        }
        counts.chunk(&text[chunk.start..], &chunk);
        counts.word(&mut scripts);
        counts
    }

    fn word(&mut self, scripts: &mut u16) {
        const ALPHABETS: u16 = 1 << script::LATIN
            | 1 << script::CYRILLIC
            | 1 << script::GREEK
            | 1 << script::ARABIC
            | 1 << script::HEBREW;
        self.words += u64::from(*scripts != 0);
        self.mixed += u64::from((*scripts & ALPHABETS).count_ones() > 1);
        *scripts = 0;
    }

    fn chunk(&mut self, text: &str, chunk: &Chunk) {
        if chunk.characters == 0 {
            return;
        }
        self.chunks += 1;
        self.single += u64::from(chunk.characters == 1);
        self.commas += u64::from(text.ends_with([',', '،', '、', ';']));
        if chunk.characters != text.len() as u64 {
            return;
        }
        if is_url(text) {
            self.urls += chunk.characters;
        } else if chunk.characters > LONGEST_WORD && text.bytes().all(is_base64) {
            self.long += chunk.characters;
        }
    }
}

fn is_url(chunk: &str) -> bool {
    chunk.len() >= 8 && (chunk.starts_with("www.") || chunk.contains("://"))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// Zero-width signs where no script needs them: a joiner or non-joiner after a letter of Latin, Greek, Cyrillic or Han is
/// needed by none, those of Arabic, India and pictographs are.
fn is_invisible(c: char, before: char) -> bool {
    match c {
        '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{180e}' => true,
        '\u{200c}' | '\u{200d}' => {
            let script = Kind::of(before).script();
            (script::LATIN..=script::GREEK).contains(&script) || Kind::of(before).is_space()
        }
        _ => false,
    }
}

/// Finds bytes of UTF-8 that were read as Latin-1 or Windows-1252: a lead byte and as many others as it promises.
#[derive(Default)]
struct Misread {
    /// Bytes that the last lead byte still promises.
    missing: u8,
    /// Characters since then.
    length: u64,
    /// The lead byte is a letter that often stands before a quotation mark.
    quoted: bool,
}

impl Misread {
    /// The characters of a sequence that ends with `c`.
    fn push(&mut self, c: char) -> u64 {
        if c.is_ascii() {
            self.missing = 0;
            return 0;
        }
        let first = self.length == 1;
        if self.missing > 0 && is_continuation(c) && !(self.quoted && first && is_quote(c)) {
            self.missing -= 1;
            self.length += 1;
            return if self.missing == 0 { self.length } else { 0 };
        }
        self.begin(c);
        0
    }

    fn begin(&mut self, c: char) {
        let lead = c as u32;
        self.missing = match lead {
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            _ => 0,
        };
        self.length = 1;
        // The others are letters that often stand before a quotation mark, or a space that does not break.
        self.quoted = !matches!(lead, 0xc2 | 0xc3 | 0xd0 | 0xd1 | 0xe2);
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '«' | '»' | '“' | '”' | '’' | '‘' | '\u{a0}')
}

/// What Latin-1 or Windows-1252 makes of a byte from 0x80 to 0xBF.
fn is_continuation(c: char) -> bool {
    const WINDOWS: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ\u{fffd}";
    matches!(c, '\u{80}'..='\u{bf}') || WINDOWS.contains(c)
}

//! Chunks of languages written without spaces, and of Korean: runs of one kind of characters.

use std::sync::LazyLock;

use icu_segmenter::WordSegmenterBorrowed;

use super::style::Runs;
use super::{dictionary, korean};
use crate::chars::Class;

/// Characters of Chinese that are words: particles, pronouns, prepositions, common verbs, measure words and numbers.
const FUNCTION_WORDS: &str = "的了在是和与或不有我你他她它这那个中上下为以可会要就都也被把从到对于等将并时后前再又还只\
     但而且则若如由向给让用做说看想去来过着得地很更最太已未没无非每各某该此其之所者们吗呢吧啊一二三四五六七八九十\
     百千万亿两几多少大小新旧高低长短内外里间年月日号次种类项条张本件份名位台页行列第至及即使能应需请当因此";

/// The same as bits, from U+4E00 on.
struct Bits(Vec<u64>);

static FUNCTION: LazyLock<Bits> = LazyLock::new(|| {
    let mut bits = vec![0; (0xa000 - HAN) / 64];
    for place in FUNCTION_WORDS.chars().filter_map(|c| (c as usize).checked_sub(HAN)) {
        bits[place / 64] |= 1 << (place % 64);
    }
    Bits(bits)
});

/// The first unified ideograph.
const HAN: usize = 0x4e00;

impl Bits {
    fn contains(&self, c: char) -> bool {
        let place = (c as usize).wrapping_sub(HAN);
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

/// What a run consists of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unspaced,
    Hangul,
    Letters,
    Digits,
    /// A mark that joins with its like: `---`, `...`.
    Repeated(char),
    Single,
}

impl Kind {
    fn of(c: char, alphanumeric: bool) -> Self {
        let class = Class::of(c);
        if class.is_unspaced() {
            Self::Unspaced
        } else if class.is_hangul() {
            Self::Hangul
        } else if class.is_letter() || (alphanumeric && class.is_digit()) {
            Self::Letters
        } else if class.is_digit() {
            Self::Digits
        } else if matches!(c, '-' | '.' | '#' | '+' | '_' | '…')
            || (!alphanumeric && matches!(c, '*' | '=' | '`' | '~' | '─' | '/'))
        {
            Self::Repeated(c)
        } else {
            Self::Single
        }
    }
}

/// Appends the words of a chunk.
pub(super) fn split<'t>(
    chunk: &'t str,
    style: Runs,
    icu: WordSegmenterBorrowed<'static>,
    out: &mut Vec<&'t str>,
) {
    let mut rest = chunk;
    while let Some(first) = rest.chars().next() {
        let kind = Kind::of(first, style.alphanumeric);
        let end = run_end(rest, first, kind, style.alphanumeric);
        let (run, tail) = rest.split_at(end);
        match kind {
            Kind::Unspaced => split_by_dictionary(run, icu, out),
            Kind::Hangul if style.particles => korean::split(run, out),
            _ => out.push(run),
        }
        rest = tail;
    }
}

fn run_end(text: &str, first: char, kind: Kind, alphanumeric: bool) -> usize {
    let mut end = first.len_utf8();
    if kind == Kind::Unspaced {
        let outside = |c| !Class::of(c).is_unspaced() && !Class::of(c).is_mark();
        return text[end..].find(outside).map_or(text.len(), |more| end + more);
    }
    while let Some(c) = text[end..].chars().next() {
        let inside = (kind != Kind::Single && Kind::of(c, alphanumeric) == kind)
            || Class::of(c).is_mark()
            || (matches!(c, '.' | ',') || (!alphanumeric && matches!(c, '/' | '-')))
                && joins_digits(text, end);
        if !inside {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// Whether the mark at `at` stands between two digits.
fn joins_digits(text: &str, at: usize) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    at > 0 && digit(text.as_bytes().get(at - 1)) && digit(text.as_bytes().get(at + 1))
}

/// The words of ICU4X; two characters that it leaves alone are one word, unless one is a function word.
fn split_by_dictionary<'t>(
    run: &'t str,
    icu: WordSegmenterBorrowed<'static>,
    out: &mut Vec<&'t str>,
) {
    let (mut start, mut alone) = (0, None);
    let mut tell = |end| {
        if !is_lone_han(&run[start..end]) {
            alone = None;
        } else if let Some(first) = alone.take() {
            out.pop();
            start = first;
        } else {
            alone = Some(start);
        }
        out.push(&run[start..end]);
        start = end;
    };
    if dictionary::words(run, &mut tell).is_none() {
        icu.segment_str(run).skip(1).for_each(tell);
    }
}

/// Whether `word` is one character of Han that seldom stands alone.
fn is_lone_han(word: &str) -> bool {
    let mut chars = word.chars();
    match (chars.next(), chars.next()) {
        (Some(c @ '\u{4e00}'..='\u{9fff}'), None) => !FUNCTION.contains(c),
        _ => false,
    }
}

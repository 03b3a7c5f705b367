//! Hand-written scanners: each finds the pretoken that its regex would match at an offset.

use crate::split::class::{
    CASELESS, Chars, LETTER, LOWER, MARK, NEWLINE, NUMBER, OTHER, SPACE, UPPER, WHITE,
};

/// Where a pattern of the cl100k family puts the English contractions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contractions {
    /// Nowhere.
    None,
    /// A pretoken of their own: `don|'t`.
    Apart,
    /// The end of a word: `don't`.
    Suffix,
}

/// What tells the patterns of the cl100k family apart, but for digits.
pub(crate) trait Rules {
    /// Words split where an upper-case letter follows a lower-case one, and keep their marks.
    const CASED: bool;
    /// Where contractions go.
    const CONTRACTIONS: Contractions;
    /// Slashes may follow punctuation after line ends.
    const SLASH: bool;
}

macro_rules! rules {
    ($($name:ident: $cased:expr, $contractions:ident, $slash:expr;)+) => {$(
        pub(crate) struct $name;
        impl Rules for $name {
            const CASED: bool = $cased;
            const CONTRACTIONS: Contractions = Contractions::$contractions;
            const SLASH: bool = $slash;
        }
    )+};
}

rules! {
    Cl100k: false, Apart, false;
    O200k: true, Suffix, true;
    Gamayun: true, None, true;
}

/// How a pattern cuts a run of digits.
pub(crate) trait Digits {
    /// The bytes of the shortest run that may be cut; 0 if none is.
    const CUT: u32;

    /// The end of the pretoken of digits that begins at `at`, where the first of them is.
    fn end(chars: Chars<'_>, at: usize) -> usize;
}

/// `\p{N}+`
pub(crate) struct Run;
/// `\p{N}`
pub(crate) struct Single;
/// `\p{N}{1,3}`
pub(crate) struct Threes;
/// `\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))`
pub(crate) struct Right;

impl Digits for Run {
    const CUT: u32 = 0;

    #[inline]
    fn end(chars: Chars<'_>, at: usize) -> usize {
        chars.run(at, NUMBER)
    }
}

impl Digits for Single {
    const CUT: u32 = 2;

    #[inline]
    fn end(chars: Chars<'_>, at: usize) -> usize {
        digits(chars, at, 1)
    }
}

impl Digits for Threes {
    const CUT: u32 = 4;

    #[inline]
    fn end(chars: Chars<'_>, at: usize) -> usize {
        digits(chars, at, 3)
    }
}

impl Digits for Right {
    const CUT: u32 = 4;

    #[inline]
    fn end(chars: Chars<'_>, at: usize) -> usize {
        // Behind a digit the groups are aligned already; to count again would be quadratic.
        if chars.class_before(at) & NUMBER != 0 {
            return digits(chars, at, 3);
        }
        let (mut count, mut end) = (0_usize, at);
        loop {
            let (class, len) = chars.class(end);
            if class & NUMBER == 0 {
                break;
            }
            count += 1;
            end += len;
        }
        digits(chars, at, (count + 2) % 3 + 1)
    }
}

/// Behind up to `most` digits.
#[inline]
fn digits(chars: Chars<'_>, mut at: usize, most: usize) -> usize {
    for _ in 0..most {
        let (class, len) = chars.class(at);
        if class & NUMBER == 0 {
            break;
        }
        at += len;
    }
    at
}

/// The end of the pretoken of a cl100k-like pattern at `at`, which must lie before the end of the text.
#[inline]
pub(crate) fn next<R: Rules, D: Digits>(chars: Chars<'_>, at: usize) -> usize {
    let (class, len) = chars.class(at);
    if R::CONTRACTIONS == Contractions::Apart
        && let Some(end) = contraction(chars, at)
    {
        return end;
    }
    if class & (NUMBER | NEWLINE) == 0
        && let Some(end) = word::<R>(chars, at, class, len)
    {
        return end;
    }
    if class & NUMBER != 0 {
        return D::end(chars, at);
    }
    symbols::<R>(chars, at, class).unwrap_or_else(|| white::<true>(chars, at))
}

/// `[^\r\n\p{L}\p{N}]?\p{L}+`, or the cased form of it.
#[inline]
fn word<R: Rules>(chars: Chars<'_>, at: usize, class: u8, len: usize) -> Option<usize> {
    let start = if class & LETTER != 0 { at } else { at + len };
    if !R::CASED {
        let end = chars.run(start, LETTER);
        return (end > start).then_some(end);
    }
    let end = cased(chars, start).or_else(|| {
        // The prefix was a mark, which is a word by itself when nothing lower-case follows.
        if class & MARK != 0 {
            return Some(at + len);
        }
        let end = chars.run(start, UPPER);
        (end > start).then_some(end)
    })?;
    Some(match R::CONTRACTIONS {
        Contractions::Suffix => contraction(chars, end).unwrap_or(end),
        _ => end,
    })
}

/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`
#[inline]
fn cased(chars: Chars<'_>, start: usize) -> Option<usize> {
    let (mut at, mut last) = (start, None);
    loop {
        let (class, len) = chars.class(at);
        if class & LOWER != 0 {
            return Some(chars.run(at + len, LOWER | CASELESS | MARK));
        }
        if class & (UPPER | CASELESS | MARK) == 0 {
            return last;
        }
        at += len;
        if class & UPPER == 0 {
            last = Some(at);
        }
    }
}

/// ` ?[^\s\p{L}\p{N}]+[\r\n]*`, or with slashes ` ?[^\s\p{L}\p{N}]+[\r\n/]*`.
#[inline]
fn symbols<R: Rules>(chars: Chars<'_>, at: usize, class: u8) -> Option<usize> {
    let start = at + usize::from(chars.byte(at) == b' ');
    if start == at && class & (OTHER | MARK) == 0 {
        return None;
    }
    let end = chars.run(start, OTHER | MARK);
    (end > start).then(|| tail::<R>(chars, end))
}

fn tail<R: Rules>(chars: Chars<'_>, mut at: usize) -> usize {
    while matches!(chars.byte(at), b'\r' | b'\n') || (R::SLASH && chars.byte(at) == b'/') {
        at += 1;
    }
    at
}

/// `\s*[\r\n]+` (if `LINES`), `\s+(?!\S)`, `\s+`.
#[inline]
fn white<const LINES: bool>(chars: Chars<'_>, start: usize) -> usize {
    let (mut at, mut before, mut line) = (start, start, start);
    loop {
        let (class, len) = chars.class(at);
        if class & WHITE == 0 {
            let open = if len == 0 { at } else { before };
            let end = if LINES && line > start { line } else { open };
            // One white space before text is a pretoken, the regex's last branch.
            return if end > start { end } else { at };
        }
        before = at;
        at += len;
        if class & NEWLINE != 0 {
            line = at;
        }
    }
}

/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)`; the long s (U+017F) folds to s.
#[inline]
pub(crate) fn contraction(chars: Chars<'_>, at: usize) -> Option<usize> {
    if chars.byte(at) != b'\'' {
        return None;
    }
    // Setting bit 5 makes letters lower-case and makes a letter of nothing else.
    match (chars.byte(at + 1) | 0x20, chars.byte(at + 2) | 0x20) {
        (b's' | b't' | b'm' | b'd', _) => Some(at + 2),
        (b'r' | b'v', b'e') | (b'l', b'l') => Some(at + 3),
        _ => (chars.byte(at + 1) == 0xC5 && chars.byte(at + 2) == 0xBF).then_some(at + 3),
    }
}

/// The end of GPT-2's pretoken at `at`, which must lie before the end of the text.
#[inline]
pub(crate) fn next_gpt2<D: Digits>(chars: Chars<'_>, at: usize) -> usize {
    if let Some(end) = lower_contraction(chars, at) {
        return end;
    }
    let start = at + usize::from(chars.byte(at) == b' ');
    let (class, len) = chars.class(start);
    if class & NUMBER != 0 {
        return D::end(chars, start);
    }
    for set in [LETTER, OTHER | MARK] {
        if class & set != 0 {
            return chars.run(start + len, set);
        }
    }
    white::<false>(chars, at)
}

/// `'s|'t|'re|'ve|'m|'ll|'d`
#[inline]
pub(crate) fn lower_contraction(chars: Chars<'_>, at: usize) -> Option<usize> {
    if chars.byte(at) != b'\'' {
        return None;
    }
    match (chars.byte(at + 1), chars.byte(at + 2)) {
        (b's' | b't' | b'm' | b'd', _) => Some(at + 2),
        (b'r' | b'v', b'e') | (b'l', b'l') => Some(at + 3),
        _ => None,
    }
}

const _: () = assert!(OTHER | LETTER | MARK | NUMBER | SPACE | NEWLINE == u8::MAX);

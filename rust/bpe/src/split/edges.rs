//! Where pretokens begin, as bits of a window of text, for the patterns whose words are runs of letters.
//!
//! A pattern looks at a pretoken and at what follows it, so its match at a place does not depend on what came before: a
//! window may begin at any pretoken. In it nearly all edges follow from the class of a character and of its neighbours, and
//! 64 bytes are decided at a time. What needs more than neighbours is looked at one by one: runs of digits that are
//! cut, contractions, white space behind line ends.

use crate::split::class::{Chars, MARK, NEWLINE, NUMBER, OTHER, WHITE};
use crate::split::masks::{LETTERS, Masks, NUMBERS, WHITES, WORDS};
use crate::split::scan::{Digits, contraction, lower_contraction};

/// Bytes before the end of a window whose edges are not taken from it: what follows them may lie behind it.
const MARGIN: usize = 64;

/// A family of patterns whose words are runs of letters.
pub(crate) trait Family {
    /// `[^\r\n\p{L}\p{N}]?` before a word and line ends that are kept with what is before them; else ` ?` before all runs.
    const LINES: bool;
    /// The end of the contraction that begins at a place.
    fn contraction(chars: Chars<'_>, at: usize) -> Option<usize>;
}

/// ` ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+`
pub(crate) struct Gpt2;
/// `[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+`
pub(crate) struct Cl100k;

impl Family for Gpt2 {
    const LINES: bool = false;

    fn contraction(chars: Chars<'_>, at: usize) -> Option<usize> {
        lower_contraction(chars, at)
    }
}

impl Family for Cl100k {
    const LINES: bool = true;

    fn contraction(chars: Chars<'_>, at: usize) -> Option<usize> {
        contraction(chars, at)
    }
}

/// Calls `f` with start and end of each pretoken; `next` finds the end of any pretoken.
#[inline]
pub(crate) fn walk<'t, P: Family, D: Digits>(
    text: &'t str,
    next: impl Fn(Chars<'t>, usize) -> usize,
    mut f: impl FnMut(usize, usize),
) {
    let chars = Chars::new(text);
    let mut edges = Edges { masks: Masks::new(), bits: [0; WORDS] };
    let mut at = 0;
    while at < text.len() && edges.fill::<P, D>(text, at) {
        let from = at;
        let is_last = edges.masks.end() == text.len();
        edges.each(is_last, |edge| {
            f(at, edge);
            at = edge;
        });
        if is_last {
            f(at, text.len());
            return;
        }
        // A pretoken as long as a window.
        if at == from {
            at = next(chars, from);
            f(from, at);
        }
    }
    while at < text.len() {
        let end = next(chars, at);
        f(at, end);
        at = end;
    }
}

/// The edges of one window.
struct Edges {
    masks: Masks,
    bits: [u64; WORDS],
}

/// What is told of 64 bytes, one bit for each.
#[derive(Clone, Copy, Default)]
struct Classes {
    letters: u64,
    numbers: u64,
    whites: u64,
    others: u64,
    lines: u64,
    spaces: u64,
}

impl Classes {
    /// The same of the bytes before each, given what is told of the 64 bytes before.
    #[inline]
    fn behind(self, before: Self) -> Self {
        let behind = |bits: u64, before: u64| bits << 1 | before >> 63;
        Self {
            letters: behind(self.letters, before.letters),
            numbers: behind(self.numbers, before.numbers),
            whites: behind(self.whites, before.whites),
            others: behind(self.others, before.others),
            lines: behind(self.lines, before.lines),
            spaces: behind(self.spaces, before.spaces),
        }
    }
}

impl Edges {
    /// Finds the edges of the text from a pretoken on; false where the processor cannot.
    fn fill<P: Family, D: Digits>(&mut self, text: &str, from: usize) -> bool {
        if !self.masks.fill::<LETTERS, NUMBERS, WHITES>(text.as_bytes(), from) {
            return false;
        }
        let chars = Chars::new(text);
        let len = self.masks.end() - from;
        // White space behind the end of the text: its edges are not looked at, and nothing but white space comes before it.
        self.masks.end_with_third();
        let mut before = Classes::default();
        let mut words_behind = 0;
        self.bits[..=len.div_ceil(64)].fill(0);
        for word in 0..len.div_ceil(64) {
            let bytes = self.masks.bytes(text.as_bytes(), word);
            let [letters, numbers, whites] = self.masks.words().map(|words| words[word]);
            let [next_letters, _, next_whites] = self.masks.words().map(|words| words[word + 1]);
            let (lines, spaces) = (bytes.lines, bytes.spaces);
            let others = !(letters | numbers | whites);
            let here = Classes { letters, numbers, whites, others, lines, spaces };
            let behind = here.behind(before);
            before = here;
            let last_white = whites & bytes.before(!whites, !next_whites);
            let start = |here: u64, behind: u64| here & !behind;
            let other = start(others, behind.others) & !behind.spaces;
            let place = from + word * 64;
            let mut contracted = 0;
            let apostrophes = other & bytes.apostrophes & (letters >> 1 | next_letters << 63);
            each_bit(apostrophes, |bit| {
                contracted |= u64::from(self.contraction::<P>(chars, place + bit)) << bit;
            });
            // A character that is no letter, and the word that it begins.
            let prefix = if P::LINES {
                (other | last_white & !lines) & bytes.before(letters, next_letters)
            } else {
                last_white & spaces | contracted
            };
            let (joined, joined_next) = bytes.behind(prefix);
            let letter = start(letters, behind.letters) & !(joined | words_behind);
            words_behind = joined_next;
            let (number, white) = (start(numbers, behind.numbers), start(whites, behind.whites));
            let edges = if P::LINES {
                number | white & !(lines & behind.others) | last_white & !lines
            } else {
                number & !behind.spaces | white | last_white
            };
            self.bits[word] |= letter | other | edges;
            if P::LINES {
                each_bit(whites & !lines & behind.lines, |bit| self.line(chars, place + bit));
            }
            let next_numbers = self.masks.words()[1][word + 1];
            let long =
                (1..D::CUT).fold(numbers, |all, n| all & (numbers >> n | next_numbers << (64 - n)));
            if D::CUT > 0 {
                let long = long & !behind.numbers;
                each_bit(long, |bit| self.digits::<D>(chars, place + bit));
            }
        }
        true
    }

    /// A contraction is a pretoken whatever follows it.
    #[inline(never)]
    fn contraction<P: Family>(&mut self, chars: Chars<'_>, at: usize) -> bool {
        let end = P::contraction(chars, at);
        if let Some(end) = end {
            self.set(end);
        }
        end.is_some()
    }

    /// White space behind a line end begins a pretoken unless another line end follows in it; it does so in any case if
    /// the line end belongs to what is before it.
    #[inline(never)]
    fn line(&mut self, chars: Chars<'_>, at: usize) {
        let (mut end, mut lines) = (at, at);
        let last = loop {
            let (class, len) = chars.class(end);
            if class & NEWLINE != 0 || class & WHITE == 0 {
                break class & NEWLINE == 0;
            }
            end += len;
        };
        while lines > self.masks.from() && matches!(chars.byte(lines - 1), b'\r' | b'\n') {
            lines -= 1;
        }
        let kept = lines > self.masks.from() && chars.class_before(lines) & (OTHER | MARK) != 0;
        if last || kept {
            self.set(at);
        }
    }

    /// The parts of a run of digits but for the first.
    #[inline(never)]
    fn digits<D: Digits>(&mut self, chars: Chars<'_>, mut at: usize) {
        at = D::end(chars, at);
        while at < self.masks.end() && chars.class(at).0 & NUMBER != 0 {
            self.set(at);
            at = D::end(chars, at);
        }
    }

    fn set(&mut self, at: usize) {
        let at = at - self.masks.from();
        if let Some(word) = self.bits.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    /// Calls `f` with each edge behind the start of the window.
    #[inline]
    fn each(&self, is_last: bool, mut f: impl FnMut(usize)) {
        let from = self.masks.from();
        let len = self.masks.end() - from - if is_last { 0 } else { MARGIN };
        for (word, &bits) in self.bits[..len.div_ceil(64)].iter().enumerate() {
            let bits = if word == 0 { bits & !1 } else { bits };
            let left = len - word * 64;
            let bits = if left < 64 { bits & ((1 << left) - 1) } else { bits };
            each_bit(bits, |bit| f(from + word * 64 + bit));
        }
    }
}

/// Calls `f` with each bit that is set, from the lowest.
#[inline]
fn each_bit(mut bits: u64, mut f: impl FnMut(usize)) {
    while bits != 0 {
        f(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::split::masks::WINDOW;
    use crate::split::scan::{self, Right, Run, Single, Threes, next, next_gpt2};

    type Spans = Vec<(usize, usize)>;

    /// By the edges, and from pretoken to pretoken by the scanner alone.
    fn both<'t, P: Family, D: Digits>(
        text: &'t str,
        next: impl Fn(Chars<'t>, usize) -> usize + Copy,
    ) -> (Spans, Spans) {
        let (mut fast, mut slow, mut at) = (Spans::new(), Spans::new(), 0);
        walk::<P, D>(text, next, |start, end| fast.push((start, end)));
        while at < text.len() {
            let end = next(Chars::new(text), at);
            slow.push((at, end));
            at = end;
        }
        (fast, slow)
    }

    fn check_digits<D: Digits>(text: &str) {
        let (fast, slow) = both::<Gpt2, D>(text, next_gpt2::<D>);
        assert_eq!(fast, slow, "gpt2 {text:?}");
        let (fast, slow) = both::<Cl100k, D>(text, next::<scan::Cl100k, D>);
        assert_eq!(fast, slow, "cl100k {text:?}");
    }

    fn check(text: &str) {
        check_digits::<Run>(text);
        check_digits::<Single>(text);
        check_digits::<Threes>(text);
        check_digits::<Right>(text);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn edges_are_where_the_scanner_finds_them(
            pieces in prop::collection::vec(prop_oneof![
                6 => "[a-zA-Z]{1,12}",
                4 => "[ab1.' \t\n\u{a0}]{1,12}",
                3 => "[a-zA-Z .,']{0,90}",
                3 => "'?('s|'T|'re|'vE|'m|'ll|'d|'\u{17f}|'|'a)[a-z]?",
                3 => "[а-яА-Я ]{0,40}",
                2 => "[à-ÿǅʰªſ ]{0,20}",
                2 => "[ء-ي\u{64b}-\u{655}א-ת ]{0,30}",
                2 => "[一-龥、。，“”]{0,40}",
                2 => "[ぁ-ヿ\u{3000}]{0,30}",
                2 => "[가-힣 ]{0,20}",
                1 => "[\u{900}-\u{97f}ก-๙]{0,20}",
                1 => "[𐐀-𐑏😀-🙏𠀀-𠀐]{0,6}",
                1 => "[𐐀a😀 ,，]{0,9}",
                3 => "[ \t\r\n\u{a0}\u{3000}\u{85}\u{2028}]{0,5}",
                2 => "[!，]?[ \r\n]{0,6}",
                2 => "[0-9]{0,20}",
                1 => "[0-9١१²〇]{0,9}",
                1 => "\\PC{0,8}",
            ], 0..30),
            repeat in prop_oneof![9 => 1_usize..3, 1 => 20_usize..60],
        ) {
            check(&pieces.concat().repeat(repeat));
        }
    }

    #[test]
    fn pretokens_that_cross_the_end_of_a_window_are_whole() {
        for piece in ["a", "é", "中", "𐐀", "Ab", "，中", "7", "\n ", "\u{3000}", "'s", "!\n"]
        {
            for before in WINDOW - 70..WINDOW + 6 {
                for count in [1, 40, 2000] {
                    check(&format!("{}{} b", ".".repeat(before), piece.repeat(count)));
                }
            }
        }
    }

    /// If there were no edges all would be found by the scanner, and only be slow.
    #[test]
    fn edges_are_found_where_the_processor_can() {
        let text = "one два 三四, 12345";
        let mut edges = Edges { masks: Masks::new(), bits: [0; WORDS] };
        if edges.fill::<Cl100k, Threes>(text, 0) {
            let mut found = Vec::new();
            edges.each(true, |edge| found.push(edge));
            assert_eq!(found, [3, 10, 17, 18, 19, 22]);
        }
    }
}

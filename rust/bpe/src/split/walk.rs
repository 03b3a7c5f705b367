//! From pretoken to pretoken: words by the masks of a window of text, all else by the scanner of the pattern.

use std::marker::PhantomData;

use crate::split::class::{Chars, LETTER, MARK, NEWLINE, NUMBER};
use crate::split::masks::{LOWERISH, Masks, UPPERISH};
use crate::split::scan::{Contractions, Rules, contraction};

/// Bytes before the end of a window where the next one begins: most words end before it.
const MARGIN: usize = 64;

/// How the words of a family of patterns are found in masks.
pub(crate) trait Words {
    /// Looks at a window; false where the processor cannot.
    fn fill(masks: &mut Masks, text: &[u8], from: usize) -> bool;

    /// The end of the pretoken at `at` if it is a word and the masks tell all of it.
    fn end(masks: &Masks, chars: Chars<'_>, at: usize) -> Option<usize>;
}

/// Calls `f` with start and end of each pretoken; `next` finds the end of any pretoken.
#[inline]
pub(crate) fn walk<'t, W: Words>(
    text: &'t str,
    next: impl Fn(Chars<'t>, usize) -> usize,
    mut f: impl FnMut(usize, usize),
) {
    let chars = Chars::new(text);
    let mut masks = Masks::new();
    let (mut at, mut renew) = (0, 0);
    while at < text.len() {
        if at >= renew && !W::fill(&mut masks, text.as_bytes(), at) {
            break;
        }
        renew = masks.end().saturating_sub(MARGIN).max(at + 1);
        while at < renew {
            let end = W::end(&masks, chars, at).unwrap_or_else(|| next(chars, at));
            f(at, end);
            at = end;
        }
    }
    while at < text.len() {
        let end = next(chars, at);
        f(at, end);
        at = end;
    }
}

/// Words split by case.
pub(crate) struct Cased<R>(PhantomData<R>);

impl<R: Rules> Words for Cased<R> {
    #[inline]
    fn fill(masks: &mut Masks, text: &[u8], from: usize) -> bool {
        masks.fill::<LOWERISH, UPPERISH, 0>(text, from)
    }

    #[inline]
    fn end(masks: &Masks, chars: Chars<'_>, at: usize) -> Option<usize> {
        let (class, len) = chars.class(at);
        if class & (NUMBER | NEWLINE) != 0 {
            return None;
        }
        let start = if class & LETTER == 0 { at + len } else { at };
        let upper = masks.sure(masks.second_run(start))?;
        let mut end = masks.sure(masks.first_run(upper))?;
        if end == upper {
            // No lower-case letter follows: the word ends behind the last letter without case or mark, or is of capitals.
            end = last_solid(masks, start, upper)?;
            if end == start {
                end = (upper > start && class & MARK == 0).then_some(upper)?;
            }
        }
        Some(match R::CONTRACTIONS {
            Contractions::Suffix => contraction(chars, end).unwrap_or(end),
            _ => end,
        })
    }
}

/// The end of the last letter without case or mark of a run of those and capitals; its start if there is none. Not told of
/// a long run that ends with a capital.
#[inline]
fn last_solid(masks: &Masks, start: usize, end: usize) -> Option<usize> {
    let len = end - start;
    if len == 0 || masks.first(end - 1) & 1 == 1 {
        return Some(end);
    }
    let solid = masks.first(start) & 1_u64.checked_shl(u32::try_from(len).ok()?)?.wrapping_sub(1);
    Some(end.min(start + 64 - solid.leading_zeros() as usize))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::split::masks::WINDOW;
    use crate::split::scan::{Gamayun, O200k, Threes, next};

    /// From pretoken to pretoken by the scanner alone.
    fn slow<'t>(text: &'t str, next: impl Fn(Chars<'t>, usize) -> usize) -> Vec<(usize, usize)> {
        let (mut spans, mut at) = (Vec::new(), 0);
        while at < text.len() {
            let end = next(Chars::new(text), at);
            spans.push((at, end));
            at = end;
        }
        spans
    }

    fn fast<'t, W: Words>(
        text: &'t str,
        next: impl Fn(Chars<'t>, usize) -> usize,
    ) -> Vec<(usize, usize)> {
        let mut spans = Vec::new();
        walk::<W>(text, next, |start, end| spans.push((start, end)));
        spans
    }

    fn check(text: &str) {
        let o200k = next::<O200k, Threes>;
        assert_eq!(fast::<Cased<O200k>>(text, o200k), slow(text, o200k), "{text:?}");
        let gamayun = next::<Gamayun, Threes>;
        assert_eq!(fast::<Cased<Gamayun>>(text, gamayun), slow(text, gamayun), "{text:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn masks_change_no_pretoken(
            pieces in prop::collection::vec(prop_oneof![
                6 => "[a-zA-Z]{1,12}",
                3 => "[a-zA-Z .,']{0,90}",
                3 => "[а-яА-Я ]{0,40}",
                2 => "[à-ÿǅʰªſ ]{0,20}",
                2 => "[ء-ي\u{64b}-\u{655}א-ת ]{0,30}",
                2 => "[一-龥、。，]{0,40}",
                2 => "[ぁ-ヿ]{0,30}",
                2 => "[가-힣 ]{0,20}",
                1 => "[\u{900}-\u{97f}ก-๙]{0,20}",
                1 => "[𐐀-𐑏😀-🙏𠀀-𠀐]{0,6}",
                1 => "[A-Z\u{301}א]{0,90}",
                1 => "[ \t\r\n\u{a0}\u{3000}]{0,5}",
                1 => "[0-9١１]{0,7}",
                1 => "\\PC{0,8}",
            ], 0..30),
            repeat in prop_oneof![9 => 1_usize..3, 1 => 20_usize..60],
        ) {
            check(&pieces.concat().repeat(repeat));
        }
    }

    #[test]
    fn words_that_cross_the_end_of_a_window_are_whole() {
        for piece in ["a", "é", "中", "あ", "𐐀", "Ab", "ABC\u{301}", "，中"] {
            for before in WINDOW - 70..WINDOW + 6 {
                for count in [1, 40, 2000] {
                    check(&format!("{}{} b", ".".repeat(before), piece.repeat(count)));
                }
            }
        }
    }

    /// If the masks told nothing all would be found by the scanner, and only be slow.
    #[test]
    fn words_are_found_by_masks_where_the_processor_can() {
        let text = "One Two три";
        let mut masks = Masks::new();
        if <Cased<Gamayun> as Words>::fill(&mut masks, text.as_bytes(), 0) {
            let end = |at| <Cased<Gamayun> as Words>::end(&masks, Chars::new(text), at);
            assert_eq!([0, 3, 7].map(end), [Some(3), Some(7), Some(14)]);
        }
    }
}

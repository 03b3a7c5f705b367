//! Chinese and Japanese that was cut into pieces of one length: `データセットを読 み込めます` every so many characters.
//!
//! Columns, mails and pages break such text anywhere, and where the breaks become spaces they part words. A space that
//! stands after each `width` characters, from the beginning of a block to its end, is no chance.

use super::edits::Change;
use super::kind::Kind;

/// Widths that are tried: verse has shorter lines.
const WIDTHS: std::ops::Range<usize> = 10..65;
/// Breaks between letters, at least.
const FEWEST: usize = 3;

/// The changes that take the breaks out of each block (up to a blank line) that was cut so.
pub(crate) fn join(text: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    // Bytes that begin kana and Han.
    if memchr::memchr3(0xE3, 0xE5, 0xE6, text.as_bytes()).is_none() {
        return changes;
    }
    let mut at = 0;
    for block in text.split("\n\n") {
        let chars: Vec<(usize, char)> = block.char_indices().collect();
        let mut widths = WIDTHS;
        for place in widths.find_map(|width| breaks(&chars, width)).unwrap_or_default() {
            let start = at + chars[place].0;
            changes.push(Change::new(start..start + chars[place].1.len_utf8(), "", Kind::Spaced));
        }
        at += block.len() + 2;
    }
    changes
}

/// The places of the spaces after each `width` characters; `None` unless most are there up to the end.
///
/// Where a piece itself begins or ends with a space, what parted it from the next may be gone; so may a space that markup
/// took the place of.
fn breaks(chars: &[(usize, char)], width: usize) -> Option<Vec<usize>> {
    let space = |place: usize| chars.get(place).is_some_and(|(_, c)| c.is_whitespace());
    // Ways to begin a piece, with the breaks so far; two at most differ by a space.
    let mut ways: Vec<(usize, usize, Vec<usize>)> = vec![(0, 0, Vec::new())];
    while let Some((start, missed, found)) = ways.pop() {
        let end = start + width;
        if end >= chars.len() {
            let between = found.iter().filter(|&&place| is_between(chars, place)).count();
            let enough = between * 2 > found.len() || missed == 0 && between * 4 >= found.len();
            if between >= FEWEST + missed && enough && 2 * missed <= between {
                return Some(found);
            }
            continue;
        }
        if space(end - 1) || space(end) {
            ways.push((end, missed, found.clone()));
        } else if missed * 2 < found.len() + 2 {
            ways.push((end, missed + 1, found.clone()));
        }
        if space(end) {
            let mut found = found;
            found.push(end);
            ways.push((end + 1, missed, found));
        }
        if ways.len() > WAYS {
            return None;
        }
    }
    None
}

/// More ways than that are not followed.
const WAYS: usize = 16;

/// Whether a space stands between letters of a script without spaces; beside others many put one.
fn is_between(chars: &[(usize, char)], place: usize) -> bool {
    let letter = |place: usize| chars.get(place).map(|(_, c)| *c).filter(|c| c.is_alphanumeric());
    match (place.checked_sub(1).and_then(letter), letter(place + 1)) {
        (Some(a), Some(b)) => is_unspaced(a) && is_unspaced(b),
        _ => false,
    }
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn joined(text: &str) -> String {
        let (mut out, mut at) = (String::new(), 0);
        for change in join(text) {
            out.push_str(&text[at..change.range.start]);
            at = change.range.end;
        }
        out + &text[at..]
    }

    proptest! {
        #[test]
        fn pieces_of_one_length_are_joined(
            text in "[一-龥ぁ-ん]{60,160}", width in 10..=64_usize, newline: bool,
        ) {
            let chars: Vec<char> = text.chars().collect();
            prop_assume!(chars.len() > 4 * width);
            let pieces: Vec<String> = chars.chunks(width).map(|piece| piece.iter().collect()).collect();
            let cut = pieces.join(if newline { "\n" } else { " " });
            prop_assert_eq!(joined(&cut), text);
        }

        #[test]
        fn a_break_that_went_with_markup_is_no_end(text in "[一-龥ぁ-ん]{90,160}", width in 10..=16_usize) {
            let chars: Vec<char> = text.chars().collect();
            let pieces: Vec<String> = chars.chunks(width).map(|piece| piece.iter().collect()).collect();
            let cut = format!("{} {}{}", pieces[0], pieces[1], pieces[2..].join(" "));
            prop_assert_eq!(joined(&cut), text);
        }

        #[test]
        fn text_without_spaces_in_such_places_stays(text in "([一-龥]{3,9}[，。 ]){1,30}") {
            let places: Vec<usize> =
                text.chars().enumerate().filter(|(_, c)| *c == ' ').map(|(n, _)| n).collect();
            let regular = |width| places.contains(&width) || places.contains(&(width - 1));
            let mut widths = WIDTHS;
            if !widths.any(regular) {
                prop_assert_eq!(joined(&text), text);
            }
        }
    }

    #[test]
    fn words_of_both_scripts_are_mended_and_lists_and_verse_stay() {
        let cut = "irb への入力を評価す る時に tracer g em を使用してトレース 出力を行う機能を提供する サブライブラリです。tr acer は Ruby 3.";
        let whole = "irb への入力を評価する時に tracer gem を使用してトレース出力を行う機能を提供するサブライブラリです。tracer は Ruby 3.";
        assert_eq!(joined(cut), whole);
        for text in [
            "東京 大阪 名古屋 札幌 福岡 横浜 神戸 京都 仙台 広島",
            "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。",
            "本书 的 作者 们 在 这里 说明 了 他们 的 方法 和 结果 以及 将来 的 工作",
        ] {
            assert_eq!(joined(text), text);
        }
    }
}

//! Passages: the paragraphs or the lines of a text, and the cuts that remove some of them.

use std::ops::Range;

/// What a passage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassageKind {
    /// Lines that are not blank, up to a blank line.
    Paragraph,
    /// One line that is not blank.
    Line,
}

/// The passages of a text in order, each without the white space around it.
///
/// Bytes of the text; passages do not overlap, are not empty, and all else in the text is white space.
///
/// ```
/// use gamayun_dedup::{PassageKind, passages};
/// assert_eq!(passages("One.\nTwo.\n\n  Three.", PassageKind::Paragraph), [0..9, 13..19]);
/// assert_eq!(passages("One.\nTwo.\n\n  Three.", PassageKind::Line), [0..4, 5..9, 13..19]);
/// ```
#[must_use]
pub fn passages(text: &str, kind: PassageKind) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    let mut after_blank = true;
    for line in text.split_inclusive('\n') {
        let stripped = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        if stripped.is_empty() {
            after_blank = true;
            continue;
        }
        let end = start + stripped.len();
        match found.last_mut() {
            Some(last) if kind == PassageKind::Paragraph && !after_blank => last.end = end,
            _ => found.push(start..end),
        }
        after_blank = false;
    }
    found
}

/// The cuts that remove some passages of a text together with the white space that only they needed.
///
/// `passages` are those of [`passages`], and `removed` says which of them go. What stays keeps its order and its bytes. Of the
/// white space on both sides of removed passages one side stays: that after them, or that before them where it holds a blank
/// line; none at the start and at the end of the text. So paragraphs stay apart, and no blank lines pile up.
#[must_use]
pub fn passage_cuts(
    text: &str,
    passages: &[Range<usize>],
    removed: &[bool],
) -> Vec<(Range<usize>, Range<usize>)> {
    let mut cuts = Vec::new();
    let mut next = 0;
    while let Some(first) = (next..passages.len()).find(|&n| removed[n]) {
        let end = (first..passages.len()).find(|&n| !removed[n]).unwrap_or(passages.len());
        next = end;
        let before = first.checked_sub(1).map_or(0, |last| passages[last].end);
        let space = &text[before..passages[first].start];
        let cut = match passages.get(end) {
            None => before..text.len(),
            Some(after) if first == 0 => 0..line_start(text, after.start),
            Some(after) if has_blank_line(space) => {
                line_start(text, passages[first].start)..line_start(text, after.start)
            }
            Some(_) => before..passages[end - 1].end,
        };
        cuts.push((cut, first..end));
    }
    cuts
}

/// Where the line begins that holds a place, so that what indents a passage goes and stays with it.
fn line_start(text: &str, place: usize) -> usize {
    text[..place].rfind('\n').map_or(0, |feed| feed + 1)
}

fn has_blank_line(space: &str) -> bool {
    space.bytes().filter(|&byte| byte == b'\n').count() > 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn without(text: &str, kind: PassageKind, goes: impl Fn(&str) -> bool) -> String {
        let found = passages(text, kind);
        let removed: Vec<bool> = found.iter().map(|p| goes(&text[p.clone()])).collect();
        let mut out = text.to_owned();
        for (cut, _) in passage_cuts(text, &found, &removed).into_iter().rev() {
            out.replace_range(cut, "");
        }
        out
    }

    #[test]
    fn cuts_leave_one_separator() {
        for (kind, text, expected) in [
            (PassageKind::Line, "a\nX\nb", "a\nb"),
            (PassageKind::Line, "a\n\nX\n\nb", "a\n\nb"),
            (PassageKind::Line, "a\nX\n\nb", "a\n\nb"),
            (PassageKind::Line, "a\n\nX\nb", "a\n\nb"),
            (PassageKind::Line, "X\nX\n\na\nX\n", "a"),
            (PassageKind::Line, "X", ""),
            (PassageKind::Line, "\n X \n", ""),
            (PassageKind::Paragraph, "a\nX\n\nX\n\n\nb\n", "a\nX\n\nb\n"),
            (PassageKind::Paragraph, "a\n\n\n  X\n\nb", "a\n\n\nb"),
            (PassageKind::Line, "a\n\nX\n  b", "a\n\n  b"),
            (PassageKind::Paragraph, "a\n \nX\n", "a"),
        ] {
            assert_eq!(without(text, kind, |passage| passage == "X"), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_stays_is_what_was_not_removed(
            text in "([abX \n\u{3000}]|é){0,40}",
            line in any::<bool>(),
        ) {
            let kind = if line { PassageKind::Line } else { PassageKind::Paragraph };
            let goes = |passage: &str| passage.contains('X');
            let kept: Vec<&str> =
                passages(&text, kind).into_iter().map(|p| &text[p]).filter(|p| !goes(p)).collect();
            let out = without(&text, kind, goes);
            let left: Vec<&str> = passages(&out, kind).into_iter().map(|p| &out[p]).collect();
            prop_assert_eq!(left, kept);
        }

        #[test]
        fn passages_are_the_stripped_pieces(text in "([ab \t\n\u{3000}]|é){0,40}") {
            let lines: Vec<&str> =
                text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
            let found: Vec<&str> =
                passages(&text, PassageKind::Line).into_iter().map(|p| &text[p]).collect();
            prop_assert_eq!(found, lines);
        }
    }
}

//! Words broken by print: hyphens at line ends, and letters set apart by spaces.

use super::edits::Change;
use super::kind::Kind;

/// The changes that join words that a hyphen breaks at the end of a line.
///
/// Both halves have two letters or more and the second begins with a small letter. A word that is written with its
/// hyphen elsewhere in the text, or whose first half is no longer than its hyphenated use, keeps the hyphen.
pub(crate) fn join_hyphens(text: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    for (at, _) in text.match_indices("-\n") {
        let first = text[..at].chars().rev().take_while(|c| c.is_alphabetic()).count();
        let second = text[at + 2..].chars().take_while(|c| c.is_alphabetic()).count();
        let before = text[..at].chars().next_back();
        let after = text[at + 2..].chars().next();
        let small = |c: Option<char>| c.is_some_and(|c| c.is_alphabetic() && !c.is_uppercase());
        if first < 2 || second < 2 || !small(before) || !small(after) || !is_spaced(after) {
            continue;
        }
        let from = text[..at].char_indices().rev().nth(first - 1).map_or(0, |(from, _)| from);
        let to = text[at + 2..].char_indices().nth(second).map_or(text.len(), |(n, _)| at + 2 + n);
        let hyphened = format!("{}-{}", &text[from..at], &text[at + 2..to]);
        if !text.contains(&hyphened) {
            changes.push(Change::new(at..at + 2, "", Kind::Hyphen));
        }
    }
    changes
}

/// Whether the script of a letter breaks words at all.
fn is_spaced(c: Option<char>) -> bool {
    c.is_some_and(|c| c < '\u{2E80}')
}

/// Characters of a run of letters set apart, spaces between them included.
const RUN: usize = 24;

/// The changes that join letters set apart: `l i k e   t h i s`.
///
/// In such a run every second character is a space, and what is between them was the text.
pub(crate) fn join_letters(text: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    if !text.contains(' ') {
        return changes;
    }
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut at = 0;
    while at + RUN <= chars.len() {
        // Cheap: a run begins with a letter, a space, another character, a space.
        if chars[at].1 == ' '
            || chars[at + 1].1 != ' '
            || chars[at + 3].1 != ' '
            || chars[at + 5].1 != ' '
        {
            at += 1;
            continue;
        }
        let pairs =
            chars[at..].chunks(2).take_while(|pair| pair.len() == 1 || pair[1].1 == ' ').count();
        let end = (at + 2 * pairs).min(chars.len());
        let run = &chars[at..end];
        if run.len() >= RUN && is_spelled(run) {
            let last = if end == chars.len() && run.len() % 2 == 1 { end } else { end - 1 };
            for pair in (at + 1..last).step_by(2) {
                let from = chars[pair].0;
                changes.push(Change::new(from..from + 1, "", Kind::Spaced));
            }
            at = end;
        } else {
            at += 1;
        }
    }
    changes
}

/// Whether the characters between the spaces are words: mostly letters, of several kinds.
fn is_spelled(run: &[(usize, char)]) -> bool {
    let mut letters: Vec<char> =
        run.iter().step_by(2).map(|(_, c)| *c).filter(|c| c.is_alphabetic()).collect();
    let count = letters.len();
    letters.sort_unstable();
    letters.dedup();
    let parted =
        run.iter().step_by(2).any(|(_, c)| *c == ' ') || letters.iter().any(|&c| c >= '\u{2E80}');
    count * 3 >= run.len() && letters.len() >= 5 && parted
}

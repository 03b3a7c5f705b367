//! Letters of another script that look alike, inside of words of one script.

use std::ops::Range;

use super::edits::Change;
use super::kind::Kind;
use super::misread;

/// Latin letters and the Cyrillic ones that look like them.
const LATIN: &str = "AaBCcEeHIiJjKMOoPpSsTXxYyhkmt";
const CYRILLIC: &str = "АаВСсЕеНІіЈјКМОоРрЅѕТХхУуһкмт";

/// Letters whose likeness is only one of shape in some fonts are given the Latin for no word.
const WEAK: &str = "hkmt";

pub(crate) fn to_latin(c: char) -> Option<char> {
    let place = CYRILLIC.chars().position(|known| known == c)?;
    LATIN.chars().nth(place).filter(|latin| !WEAK.contains(*latin))
}

fn to_cyrillic(c: char) -> Option<char> {
    let place = LATIN.chars().position(|known| known == c)?;
    if WEAK.contains(c) { None } else { CYRILLIC.chars().nth(place) }
}

pub(crate) fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, 'À'..='ɏ')
}

pub(crate) fn is_cyrillic(c: char) -> bool {
    matches!(c, 'Ѐ'..='ԯ')
}

/// The changes that give words of two scripts the one of which they have more.
///
/// If words of two scripts hold letters that look like none of the other script, the text is broken in another way, and
/// nothing is changed; so too if there is but one such word in a text of many.
pub(crate) fn mend(text: &str) -> Vec<Change> {
    if !text.as_bytes().iter().any(|b| matches!(b, 0xD0..=0xD4)) {
        return Vec::new();
    }
    let mut changes = Vec::new();
    let (mut mixed, mut strange) = (0_u32, 0_u32);
    let mut alike = Vec::new();
    let (mut latin, mut cyrillic) = (0_usize, 0_usize);
    for range in words(text) {
        match word(&text[range.clone()]) {
            Word::Mixed(by) => {
                mixed += 1;
                changes.extend(differing(range.start, &text[range], &by));
            }
            Word::Strange => strange += 1,
            Word::Whole => {
                let first = text[range.clone()].chars().next().unwrap_or(' ');
                latin += usize::from(is_latin(first));
                cyrillic += usize::from(is_cyrillic(first) && range.len() > first.len_utf8());
                alike.push(range);
            }
        }
    }
    if latin > FEW * cyrillic
        && let Some(found) = misread::mend(text)
    {
        return found;
    }
    if strange * 4 > mixed {
        return Vec::new();
    }
    if mixed >= MANY {
        changes.extend(whole_words(text, &alike, latin >= cyrillic));
        changes.sort_by_key(|change| change.range.start);
    }
    changes
}

/// Text is written in Latin letters if it has so many times more words of them.
const FEW: usize = 8;

/// The runs of letters.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = None;
    text.char_indices().chain([(text.len(), ' ')]).filter_map(move |(at, c)| {
        match (c.is_alphabetic(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                start = None;
                return Some(from..at);
            }
            _ => {}
        }
        None
    })
}

/// So many mixed words show that whole words of letters that look alike are of the same making.
const MANY: u32 = 3;

/// The changes to words of the rarer script that the other could spell.
fn whole_words(text: &str, words: &[Range<usize>], latin: bool) -> Vec<Change> {
    let mut changes = Vec::new();
    for range in words {
        let word = &text[range.clone()];
        let spelled: Option<String> =
            word.chars().map(|c| if latin { to_latin(c) } else { to_cyrillic(c) }).collect();
        if let Some(by) = spelled {
            changes.extend(differing(range.start, word, &by));
        }
    }
    changes
}

enum Word {
    Whole,
    /// What it should be.
    Mixed(String),
    Strange,
}

fn word(word: &str) -> Word {
    let latin = word.chars().filter(|&c| is_latin(c)).count();
    let cyrillic = word.chars().filter(|&c| is_cyrillic(c)).count();
    if latin == 0 || cyrillic == 0 {
        return Word::Whole;
    }
    let towards = |latin: bool| -> Option<String> {
        let letter = |c: char| match (latin, is_latin(c), is_cyrillic(c)) {
            (true, _, true) => to_latin(c),
            (false, true, _) => to_cyrillic(c),
            _ => Some(c),
        };
        word.chars().map(letter).collect()
    };
    let first = latin >= cyrillic;
    // A letter that has no likeness decides, whichever script has more.
    match towards(first).or_else(|| towards(!first)) {
        Some(by) => Word::Mixed(by),
        None => Word::Strange,
    }
}

/// The letters in which two words of as many characters differ.
fn differing(from: usize, old: &str, new: &str) -> Vec<Change> {
    let pairs = old.char_indices().zip(new.chars()).filter(|((_, a), b)| a != b);
    pairs
        .map(|((at, a), b)| Change::new(from + at..from + at + a.len_utf8(), b, Kind::Homoglyph))
        .collect()
}

//! Letters that were lost on the way through Latin-1: the rest of the text was read again, they cannot be.
//!
//! Czech that was written in Latin-1 has no `ě` and no `ř`; read as Windows-1251 it has `н` for `í`. The repair of encodings gives
//! `í` back, and what is left looks whole. So the letters that Latin-1 lacks are counted around what was read again.

use std::ops::Range;

use super::kinds::{Kind, script};
use crate::clean::Edit;
use crate::measurement::{Measured, Metric, ratio};

/// Languages that cannot be written in Latin-1, and the share of their letters that it lacks: counted in the
/// sentences of Common Voice, 2021-07.
const BEYOND: [(&str, f64); 14] = [
    ("az", 0.203),
    ("bs", 0.043),
    ("cs", 0.067),
    ("hr", 0.043),
    ("hsb", 0.089),
    ("lt", 0.055),
    ("lv", 0.107),
    ("mt", 0.051),
    ("pl", 0.085),
    ("ro", 0.055),
    ("sk", 0.039),
    ("sl", 0.036),
    ("tr", 0.074),
    ("vi", 0.188),
];
/// Bytes on each side of what was read again that are looked at.
const AROUND: usize = 48;
/// Fewer that are missing may be chance.
const FEWEST: f64 = 4.0;
/// With this share of those to be expected, none were lost.
const THERE: f64 = 0.4;

/// Adds the letters that were lost, so far as edits show it, to the characters that stand for lost ones.
pub fn add_lost_letters(text: &str, language: &str, edits: &[Edit], measured: &mut Measured) {
    let lost = lost(text, language, edits);
    if lost > 0.0 {
        let visible = text.chars().filter(|&c| !Kind::of(c).is_space()).count() as u64;
        let share = lost * ratio(1, visible);
        measured.set(Metric::BrokenCharacters, measured.get(Metric::BrokenCharacters) + share);
    }
}

/// About how many letters were lost.
fn lost(text: &str, language: &str, edits: &[Edit]) -> f64 {
    let Some((_, share)) = BEYOND.iter().find(|(known, _)| *known == language) else { return 0.0 };
    let (mut letters, mut beyond) = (0_u32, 0_u32);
    for range in around(text, edits) {
        for c in text[range].chars().filter(|&c| Kind::of(c).script() == script::LATIN) {
            letters += 1;
            beyond += u32::from(c > '\u{ff}');
        }
    }
    let expected = f64::from(letters) * share;
    let there = f64::from(beyond);
    let missing = expected - there;
    if missing < FEWEST || there >= THERE * expected { 0.0 } else { missing }
}

/// The stretches around Cyrillic letters that became Latin ones.
fn around(text: &str, edits: &[Edit]) -> Vec<Range<usize>> {
    let cyrillic = |c: char| Kind::of(c).script() == script::CYRILLIC;
    let latin = |c: char| Kind::of(c).script() == script::LATIN;
    let mut found: Vec<Range<usize>> = Vec::new();
    for edit in edits {
        let was = edit.original.as_deref().unwrap_or_default();
        if !(was.chars().any(cyrillic) && text[edit.start..edit.end].chars().any(latin)) {
            continue;
        }
        let start = text.floor_char_boundary(edit.start.saturating_sub(AROUND));
        let end = text.ceil_char_boundary((edit.end + AROUND).min(text.len()));
        match found.last_mut().filter(|last| last.end >= start) {
            Some(last) => last.end = end,
            None => found.push(start..end),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::{Repairs, repair};

    fn lost_of(text: &str, language: &str) -> f64 {
        let cleaned = repair(text, Repairs::ALL).expect("a text to repair");
        lost(&cleaned.text, language, &cleaned.edits)
    }

    const CZECH: &str = "Vimnte si, e pedchozн pнklad omezuje pouitн na klienty, kteн se identifikujн, \
        take by to nemlo ovlivnit bnй klienty, ale pouze instalace.";

    #[test]
    fn letters_that_latin_1_lacks_are_missed_where_others_were_read_again() {
        assert!(lost_of(CZECH, "cs") > 4.0);
        assert!(
            lost_of(
                "Byy to dzieci, chopcy rуnego wieku. Najstarszy z nich mуg mie lat czternacie.",
                "pl"
            ) > 4.0
        );
        // German needs none of them.
        assert!(lost_of("PHP 7 verдndert, wie die meisten Fehler gemeldet wьrden", "de") == 0.0);
    }

    #[test]
    fn letters_that_look_alike_lose_none() {
        let text = "Ten filtr odwrаca kolory wаrstwy, gdy użytkownik wybierze ją z listy i naciśnie przycisk.";
        assert!(lost_of(text, "pl") == 0.0);
    }

    #[test]
    fn what_is_lost_adds_to_broken_characters() {
        let cleaned = repair(CZECH, Repairs::ALL).expect("a text to repair");
        let mut measured = Measured::undefined();
        measured.set(Metric::BrokenCharacters, 0.0);
        add_lost_letters(&cleaned.text, "cs", &[], &mut measured);
        assert!(measured.get(Metric::BrokenCharacters) == 0.0);
        add_lost_letters(&cleaned.text, "cs", &cleaned.edits, &mut measured);
        assert!(measured.get(Metric::BrokenCharacters) > 0.03);
    }
}

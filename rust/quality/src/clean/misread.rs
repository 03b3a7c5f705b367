//! Single letters of Western European text that were read as Cyrillic: `verдndert` for `verändert`.
//!
//! [`super::mojibake`] needs more than one or two broken letters to be sure. A Cyrillic letter inside of a Latin word is
//! sign enough, if the byte that it stands for is a letter that the word may have.

use std::ops::Range;

use super::charset::Charset;
use super::edits::Change;
use super::homoglyph::{is_cyrillic, is_latin, to_latin, words};
use super::kind::Kind;
use super::letters::{self, NAT};

/// A pair of letters that costs more is no part of a word.
const UNLIKELY: u32 = 12 * NAT;

/// The changes that give Cyrillic letters in words of Latin ones back what their bytes say.
///
/// `None` if four in five of such words could as well hold letters that look alike, or some cannot be read so.
pub(crate) fn mend(text: &str) -> Option<Vec<Change>> {
    let (mut found, mut alone) = (Vec::new(), Vec::new());
    let (mut alike, mut misread, mut strange) = (0_u32, 0_u32, false);
    for range in words(text) {
        let word = &text[range.clone()];
        if !word.chars().any(is_cyrillic) {
            continue;
        }
        let by: Option<String> = word.chars().map(western).collect();
        if word.chars().any(is_latin) {
            let by = by.filter(|by| is_likely(by))?;
            let looks = word.chars().filter(|&c| is_cyrillic(c)).all(|c| to_latin(c).is_some());
            *(if looks { &mut alike } else { &mut misread }) += 1;
            found.extend(differing(range.start, word, &by));
        } else if is_word(text, &range) {
            alone.extend(by.into_iter().flat_map(|by| differing(range.start, word, &by)));
        } else {
            // What is written in Cyrillic tells that the text speaks of such letters.
            strange = true;
        }
    }
    let sure = misread * 4 > alike;
    if !sure && (alike > 0 || strange || alone.is_empty()) {
        return None;
    }
    found.extend(alone);
    found.sort_by_key(|change: &Change| change.range.start);
    Some(found)
}

/// Whether a letter alone is one that words of Western Europe are made of (`è`, `à`, `é`), between words in small letters.
fn is_word(text: &str, range: &Range<usize>) -> bool {
    let small = |c: Option<char>| c.is_some_and(|c| c.is_lowercase() && is_latin(c));
    let before = text[..range.start].strip_suffix(' ').map(|before| before.trim_end_matches(','));
    matches!(&text[range.clone()], "и" | "а" | "й")
        && before.is_some_and(|before| small(before.chars().next_back()))
        && text[range.end..].strip_prefix(' ').is_some_and(|after| small(after.chars().next()))
}

/// A letter as Windows-1252 has it where Windows-1251 has a Cyrillic one; others as they are.
fn western(c: char) -> Option<char> {
    if !is_cyrillic(c) {
        return Some(c);
    }
    let (byte, _) = Charset::Cyrillic.tables().bytes_of(c)?;
    Charset::Western.tables().single(byte).filter(|&c| is_latin(c))
}

/// Whether all pairs of letters may be part of a word.
fn is_likely(word: &str) -> bool {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    let around = [' '].into_iter().chain(word.chars().map(lower)).chain([' ']);
    let mut pairs = around.clone().zip(around.skip(1));
    pairs.all(|(a, b)| a.is_ascii() && b.is_ascii() || letters::pair_cost(a, b) <= UNLIKELY)
}

fn differing(from: usize, old: &str, new: &str) -> Vec<Change> {
    let pairs = old.char_indices().zip(new.chars()).filter(|((_, a), b)| a != b);
    pairs
        .map(|((at, a), b)| Change::new(from + at..from + at + a.len_utf8(), b, Kind::Encoding))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::clean::homoglyph;

    fn mended(text: &str) -> String {
        let changes = homoglyph::mend(text);
        let (mut out, mut at) = (String::new(), 0);
        for change in changes {
            out.push_str(&text[at..change.range.start]);
            out.push_str(&change.by);
            at = change.range.end;
        }
        out + &text[at..]
    }

    #[test]
    fn single_letters_are_read_again() {
        for (text, expected) in [
            ("PHP 7 verдndert, wie die meisten Fehler", "PHP 7 verändert, wie die meisten Fehler"),
            (
                "En cas de panne, elle est nйcessaire а tous",
                "En cas de panne, elle est nécessaire à tous",
            ),
            ("Quando non и abilitato, nulla", "Quando non è abilitato, nulla"),
            ("alcuni dei punti piщ oscuri di questo", "alcuni dei punti più oscuri di questo"),
        ] {
            assert_eq!(mended(text), expected);
        }
    }

    #[test]
    fn letters_that_look_alike_and_russian_words_stay() {
        for (text, expected) in [
            ("This filtеr inverts the layer", "This filter inverts the layer"),
            ("La lettera «и» и una lettera", "La lettera «и» и una lettera"),
            (
                "The word дом is a house, and в is a word",
                "The word дом is a house, and в is a word",
            ),
            (
                "Это API-интерфейс и SQLем по базе данных",
                "Это API-интерфейс и SQLем по базе данных",
            ),
        ] {
            assert_eq!(mended(text), expected);
        }
    }
}

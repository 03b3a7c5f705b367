//! The words of a text as models of our own see them: lower-cased runs of letters, and signs of scripts without spaces.
//!
//! A text is cut at white space and control bytes into chunks, and what a chunk gives depends on its bytes alone, so
//! that it may be kept.

/// Characters of the longest word; what follows counts as another word.
pub(crate) const LONGEST: usize = 40;

/// A word, or a sign that is a word of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit<'a> {
    /// A run of letters in lower case.
    Word(&'a [char]),
    /// A sign, and the sign directly before it.
    Sign(Option<char>, char),
}

/// The chunks of a text: maximal runs of bytes above a space.
pub(crate) fn chunks(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c <= ' ').filter(|chunk| !chunk.is_empty())
}

/// Calls `found` for the units of a chunk, in order.
pub(crate) fn each_unit(chunk: &str, word: &mut Vec<char>, mut found: impl FnMut(Unit<'_>)) {
    word.clear();
    let mut before = None;
    let mut rest = chunk.chars();
    while let Some(c) = rest.next() {
        match class(c) {
            Class::Letter => {
                before = None;
                word.extend(c.to_lowercase());
            }
            Class::Apostrophe if !word.is_empty() && next_is_letter(&rest) => word.push('\''),
            class => {
                end(word, &mut found);
                if class == Class::Sign {
                    found(Unit::Sign(before, c));
                    before = Some(c);
                } else {
                    before = None;
                }
            }
        }
        if word.len() >= LONGEST {
            end(word, &mut found);
        }
    }
    end(word, &mut found);
}

fn end(word: &mut Vec<char>, found: &mut impl FnMut(Unit<'_>)) {
    if !word.is_empty() {
        found(Unit::Word(word));
        word.clear();
    }
}

/// Whether a letter comes next.
pub(crate) fn next_is_letter(rest: &std::str::Chars<'_>) -> bool {
    rest.clone().next().is_some_and(|c| class(c) == Class::Letter)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Letter,
    /// Of a script without spaces.
    Sign,
    /// Within a word a letter, as in l'eau, м'я and oʻzbek.
    Apostrophe,
    Other,
}

pub(crate) fn class(c: char) -> Class {
    match c {
        c if c.is_ascii_alphabetic() => Class::Letter,
        '\'' | '‘' | '’' | '`' | '´' | 'ʻ' | 'ʼ' => Class::Apostrophe,
        '\0'..='\u{7F}' => Class::Other,
        // Thai, Lao, Tibetan, Myanmar, Khmer.
        '\u{0E00}'..='\u{0FFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        // Han and Kana.
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' => Class::Sign,
        c if c.is_alphabetic() || joins(c) => Class::Letter,
        _ => Class::Other,
    }
}

/// Marks of words that are no letters: accents, viramas and nuktas, joiners.
fn joins(c: char) -> bool {
    matches!(
        c,
        '\u{0300}'
            ..='\u{036F}'
                | '\u{093C}'
                | '\u{094D}'
                | '\u{09BC}'
                | '\u{09CD}'
                | '\u{0A3C}'
                | '\u{0A4D}'
                | '\u{0ACD}'
                | '\u{0B4D}'
                | '\u{0BCD}'
                | '\u{0C4D}'
                | '\u{0CCD}'
                | '\u{0D4D}'
                | '\u{0DCA}'
                | '\u{200C}'
                | '\u{200D}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<String> {
        let (mut word, mut all) = (Vec::new(), Vec::new());
        for chunk in chunks(text) {
            each_unit(chunk, &mut word, |unit| {
                all.push(match unit {
                    Unit::Word(letters) => letters.iter().collect(),
                    Unit::Sign(before, c) => format!("{}|{c}", before.unwrap_or('_')),
                });
            });
        }
        all
    }

    #[test]
    fn words_and_signs() {
        assert_eq!(units("L’Été, d'abord 3x4!"), ["l'été", "d'abord", "x"].map(str::to_owned));
        assert_eq!(units("'quoted' М'я\tО\u{2BB}zbek"), ["quoted", "м'я", "о'zbek"]);
        assert_eq!(units("東京ABCへ、行く"), ["_|東", "東|京", "abc", "_|へ", "_|行", "行|く"]);
        assert_eq!(units(" \n 12 … "), Vec::<String>::new());
    }

    #[test]
    fn a_long_word_is_cut() {
        let lengths: Vec<usize> = units(&"a".repeat(90)).iter().map(String::len).collect();
        assert_eq!(lengths, [40, 40, 10]);
    }
}

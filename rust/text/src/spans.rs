//! Where the words of shingles lie in a text: slow, for evidence that people read.

use std::ops::Range;

use crate::class::{CLASSES, Class};
use crate::stretch::Stretch;
use crate::words::word_hashes;

/// The places in bytes of the words that [`crate::shingle::shingles`] is made of, in order.
///
/// ```
/// assert_eq!(gamayun_text::word_spans("Don't go"), [0..3, 4..5, 6..8]);
/// assert_eq!(gamayun_text::word_spans("go 東京"), [0..1, 1..2, 3..6, 6..9]); // by characters
/// ```
#[must_use]
pub fn word_spans(text: &str) -> Vec<Range<usize>> {
    let mut hashes = Vec::new();
    word_hashes(text, &mut Stretch::default(), &mut hashes);
    let spans = spans(text, false);
    // What is no run of characters is a text that goes by characters, each one a word.
    if spans.len() == hashes.len() { spans } else { self::spans(text, true) }
}

fn spans(text: &str, by_characters: bool) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        match CLASSES.get(u32::from(character)).class() {
            Class::Separator => open = false,
            Class::Word if open && !by_characters => {
                if let Some(last) = spans.last_mut() {
                    last.end = end;
                }
            }
            class => {
                spans.push(at..end);
                open = class == Class::Word;
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::words::words;

    proptest! {
        #[test]
        fn a_span_holds_its_word(text in "([a-zA-ZÀ-ÿА-яΣς0-9' .,\u{301}]|東|京|の|ア|ก|한){0,60}") {
            let found: Vec<String> =
                word_spans(&text).into_iter().map(|span| text[span].to_lowercase()).collect();
            let expected: Vec<String> = words(&text).iter().map(|word| word.to_lowercase()).collect();
            let plain = |words: &[String]| words.iter().map(|word| word.replace('ς', "σ")).collect::<Vec<_>>();
            prop_assert_eq!(plain(&found), plain(&expected));
        }
    }
}

//! What stands between the characters of scripts without spaces: the part of a text that has words to go by.

use crate::characters::tally;
use crate::class::{CLASSES, Class};

/// A text that goes by characters, with spaces for the characters of scripts without spaces, so that what is left of it
/// goes by words; `None` for a text that does so as it is. Bytes stay in their places.
///
/// ```
/// assert_eq!(gamayun_text::spaced("Run make 編譯").as_deref(), Some("Run make       "));
/// assert_eq!(gamayun_text::spaced("Run make"), None);
/// ```
#[must_use]
pub fn spaced(text: &str) -> Option<String> {
    if !tally(text.as_bytes(), &CLASSES).by_characters() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if CLASSES.get(u32::from(character)).class() == Class::Single {
            out.extend(std::iter::repeat_n(' ', character.len_utf8()));
        } else {
            out.push(character);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::words::words;

    proptest! {
        #[test]
        fn what_is_left_goes_by_words(text in "([a-zA-ZÀ-ÿ' .\u{301}]|東|京|の|ア|ก|한){0,40}") {
            let Some(spaced) = spaced(&text) else {
                return Ok(());
            };
            prop_assert_eq!(spaced.len(), text.len());
            prop_assert!(super::spaced(&spaced).is_none());
            let single = |c: char| ['東', '京', 'の', 'ア', 'ก'].contains(&c);
            let plain: String = text.chars().map(|c| if single(c) { ' ' } else { c }).collect();
            prop_assert_eq!(words(&spaced), words(&plain));
        }
    }
}

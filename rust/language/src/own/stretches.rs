//! What is read of a long text: stretches of whole words, spread evenly.

/// Bytes of the longest text that is read whole.
pub(crate) const WHOLE: usize = 4096;
/// Stretches of a longer one, and the bytes of each, about.
const STRETCHES: usize = 16;
const LENGTH: usize = WHOLE / STRETCHES;
/// An end moves by so many bytes, at most, to stand between words.
const WORD: usize = 48;

/// The text, or its first and last bytes and as many in equal distances between them as it takes to read [`WHOLE`].
pub(crate) fn stretches(text: &str, whole: bool) -> impl Iterator<Item = &str> {
    let apart = if whole || text.len() <= WHOLE { 0 } else { text.len() - LENGTH };
    let count = if apart == 0 { 1 } else { STRETCHES };
    (0..count).map(move |n| {
        if apart == 0 {
            return text;
        }
        let start = between_words(text, apart / (STRETCHES - 1) * n);
        let last = n == STRETCHES - 1;
        &text[start..if last { text.len() } else { between_words(text, start + LENGTH) }]
    })
}

/// The next place behind a blank byte, if one is near, or else the next boundary of characters.
fn between_words(text: &str, at: usize) -> usize {
    let near = text.as_bytes()[at..].iter().take(WORD).position(|&byte| byte <= b' ');
    match near {
        _ if at == 0 => 0,
        Some(blank) => at + blank + 1,
        None => text.ceil_char_boundary(at),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn stretches_are_of_the_text_in_order_and_short(word in "[a-zé漢 ]{1,90}", times in 1..900_usize) {
            let text = word.repeat(times);
            let found: Vec<&str> = stretches(&text, false).collect();
            let read: usize = found.iter().map(|part| part.len()).sum();
            if text.len() <= WHOLE {
                prop_assert_eq!(&found, &[text.as_str()]);
            } else {
                prop_assert!(read <= WHOLE + STRETCHES * (WORD + 4) + STRETCHES, "{read}");
                prop_assert!(text.starts_with(found[0]) && text.ends_with(found[STRETCHES - 1]));
                let starts: Vec<usize> = found.iter().map(|part| part.as_ptr() as usize).collect();
                prop_assert!(starts.is_sorted());
            }
            prop_assert_eq!(stretches(&text, true).collect::<Vec<_>>(), [text.as_str()]);
        }
    }

    #[test]
    fn words_stay_whole() {
        let text = "one two three four five ".repeat(400);
        let words = ["one", "two", "three", "four", "five"];
        let read: Vec<&str> = stretches(&text, false).flat_map(str::split_whitespace).collect();
        assert!(read.iter().all(|word| words.contains(word)));
        assert!((700..1_000).contains(&read.len()), "{}", read.len());
    }
}

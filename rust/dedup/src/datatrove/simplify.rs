//! `simplify_text` of `datatrove` (`utils/text.py`) under its defaults: what two texts are compared without.

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use unicode_normalization::UnicodeNormalization;

/// `PUNCTUATION` of `datatrove`, but for its control characters.
const MARKS: &str =
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«´»–—’“”„…∶━►、。〈〉《》「」【】！％（），．１：；？～";

/// What `datatrove` takes for a decimal separator.
const SEPARATORS: &str = ".,،٫⎖⎗⎘";

/// The text in lower case, each number as `0`, punctuation and control characters as spaces, white space as one space,
/// none at the ends, decomposed (NFD) and without combining marks of category Mn.
///
/// In this order, as `datatrove` does it: a separator counts as part of a number before it is punctuation. Characters
/// follow the Unicode version of this library; Python 3.11 knows Unicode 14. Of the 144,762 characters that it knows
/// one is treated otherwise, U+1171E (Ahom), which is no Mn any more.
///
/// ```
/// assert_eq!(gamayun_dedup::datatrove::simplify("  Crème brûlée: 3,50 €!\n"), "creme brulee 0 €");
/// ```
#[must_use]
pub fn simplify(text: &str) -> String {
    let numbered = numbers_to_zero(&text.to_lowercase());
    let spaced = spaces_to_one(numbered.chars().map(|c| if is_punctuation(c) { ' ' } else { c }));
    if spaced.is_ascii() {
        return spaced;
    }
    let categories = CodePointMapData::<GeneralCategory>::new();
    let kept = spaced.nfd().filter(|c| categories.get(*c) != GeneralCategory::NonspacingMark);
    trimmed(kept.collect())
}

fn trimmed(text: String) -> String {
    let inner = text.trim();
    if inner.len() == text.len() { text } else { inner.to_owned() }
}

/// Digits of any script, one separator with digits after it included.
fn numbers_to_zero(text: &str) -> String {
    let categories = CodePointMapData::<GeneralCategory>::new();
    let digit = |c: &char| match c {
        '\0'..'\u{80}' => c.is_ascii_digit(),
        c => categories.get(*c) == GeneralCategory::DecimalNumber,
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if !digit(&c) {
            out.push(c);
            continue;
        }
        out.push('0');
        let after = rest.as_str().trim_start_matches(|c| digit(&c));
        rest = after.chars();
        let mut fraction = after.chars();
        if fraction.next().is_some_and(|c| SEPARATORS.contains(c))
            && fraction.clone().next().is_some_and(|c| digit(&c))
        {
            rest = fraction.as_str().trim_start_matches(|c| digit(&c)).chars();
        }
    }
    out
}

fn is_punctuation(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        '\u{80}'..='\u{9F}' => true,
        '\0'..'\u{80}' => c.is_ascii_control() || c.is_ascii_punctuation(),
        c => MARKS.contains(c),
    }
}

/// Runs of white space as one space, none at the ends.
fn spaces_to_one(text: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut waiting = false;
    for c in text {
        if c.is_whitespace() {
            waiting = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut waiting) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_takes_one_separator_only() {
        for (text, expected) in [
            ("1,234.56", "0 0"),
            ("1.2.3", "0 0"),
            ("3. Mai", "0 mai"),
            ("12٫5 ४५", "0 0"),
            ("x9y", "x0y"),
            ("1..5", "0 0"),
            ("1.", "0"),
        ] {
            assert_eq!(simplify(text), expected, "{text}");
        }
    }

    #[test]
    fn what_a_dropped_mark_leaves_is_stripped_at_the_ends_only() {
        assert_eq!(simplify("\u{301} \u{301}a \u{301} b\u{301}"), "a  b");
    }

    #[test]
    fn a_text_of_punctuation_is_empty() {
        assert_eq!(simplify("... \u{301} !?\u{85}"), "");
    }
}

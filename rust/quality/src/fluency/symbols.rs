//! Text as the models of fluency see it: lower case, digits as one sign, white space as one space.

/// What stands for every digit.
const DIGIT: char = '0';

/// The symbols of a text, in order.
///
/// A run of white space is one space, a decimal digit is `0`, a letter is in lower case (its first code point, where a
/// mapping has several). Spaces around the text are left out.
#[derive(Clone, Debug)]
pub(crate) struct Symbols<'t> {
    rest: std::str::Chars<'t>,
}

/// The symbols of `text`.
pub(crate) fn symbols(text: &str) -> Symbols<'_> {
    Symbols { rest: text.trim().chars() }
}

impl Iterator for Symbols<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c.is_ascii() {
            return Some(match c {
                'a'..='z' => c,
                'A'..='Z' => c.to_ascii_lowercase(),
                '0'..='9' => DIGIT,
                _ if c.is_whitespace() => self.space(),
                _ => c,
            });
        }
        Some(if c.is_alphabetic() {
            lower(c)
        } else if c.is_whitespace() {
            self.space()
        } else if c.is_numeric() {
            DIGIT
        } else {
            c
        })
    }
}

impl Symbols<'_> {
    /// Passes the white space that follows.
    fn space(&mut self) -> char {
        let trimmed = self.rest.as_str().trim_start();
        self.rest = trimmed.chars();
        ' '
    }
}

fn lower(c: char) -> char {
    // Most letters beyond Latin, Greek and Cyrillic have no case; the look-up costs more than the question.
    if ('\u{600}'..'\u{10a0}').contains(&c)
        || ('\u{3000}'..'\u{a640}').contains(&c)
        || ('\u{ac00}'..'\u{d7b0}').contains(&c)
    {
        return c;
    }
    c.to_lowercase().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_digits_and_white_space_are_folded() {
        let seen: String = symbols("  In 1999,\n\n\u{a0}ÜBER\t漢字 ٣٤ \r\n").collect();
        assert_eq!(seen, "in 0000, über 漢字 00");
        assert_eq!(symbols(" \n").count(), 0);
    }
}

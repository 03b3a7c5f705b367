//! Paragraphs as mC4 counts them: lines that are long.

/// Code points of the third longest line; 0 for a text of fewer than three lines.
#[must_use]
pub fn third_longest_line(text: &str) -> u64 {
    let mut longest = [None; 3];
    for line in text.split('\n') {
        let mut length = Some(line.chars().count() as u64);
        for place in &mut longest {
            if length > *place {
                std::mem::swap(place, &mut length);
            }
        }
    }
    longest[2].unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_of_three_lines_and_more() {
        assert_eq!(third_longest_line("aaa\nb"), 0);
        assert_eq!(third_longest_line("aaa\nя\nbb"), 1);
        assert_eq!(third_longest_line("a\nbbb\nbbb\ncc\nbbb"), 3);
        assert_eq!(third_longest_line("\n\n"), 0);
    }
}

//! How like two texts are: the share of their characters that both have, in the same order.

/// Characters of a text that are compared: its beginning.
const MOST: usize = 1 << 16;

/// Whether two texts are alike: of the characters of both, white space folded to single spaces, at least `share`
/// belong to a longest common subsequence.
///
/// Greedy algorithm of Myers (An O(ND) difference algorithm, 1986), which ends as soon as too much differs. Of longer
/// texts the first 65,536 characters are compared.
pub(crate) fn alike(a: &str, b: &str, share: f64) -> bool {
    let (a, b) = (folded(a), folded(b));
    let all = a.len() + b.len();
    #[expect(clippy::cast_precision_loss, reason = "at most 131,072 characters")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most that")]
    let most = ((1.0 - share).clamp(0.0, 1.0) * all as f64 + 1e-9) as usize;
    distance(&a, &b, most).is_some()
}

/// The characters of the beginning, runs of white space as single spaces, none at the ends.
fn folded(text: &str) -> Vec<char> {
    let mut out = Vec::new();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().take(MOST - out.len()));
        if out.len() + 1 >= MOST {
            break;
        }
    }
    out
}

/// The fewest characters to remove and insert that make `b` of `a`; `None` if they are more than `most`.
fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    // `reached[k + offset]`: how far into `a` the path on diagonal `k` (place in `a` less place in `b`) has come.
    let offset = most + 1;
    let mut reached = vec![0_usize; 2 * offset + 1];
    for edits in 0..=most {
        for diagonal in (offset - edits..=offset + edits).step_by(2) {
            let down = diagonal == offset - edits
                || diagonal != offset + edits && reached[diagonal - 1] < reached[diagonal + 1];
            let mut x = if down { reached[diagonal + 1] } else { reached[diagonal - 1] + 1 };
            // Outside of the table: such a path is worth nothing.
            let Some(mut y) = (x + offset).checked_sub(diagonal) else { continue };
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            if x >= a.len() && y >= b.len() {
                return Some(edits);
            }
            reached[diagonal] = x;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By the table of all prefixes.
    fn slow(a: &[char], b: &[char]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut corner = row[0];
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let same = corner;
                corner = row[j + 1];
                row[j + 1] = if x == y { same } else { 1 + row[j].min(row[j + 1]) };
            }
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn distance_is_that_of_the_table(a in "[abc]{0,24}", b in "[abc]{0,24}", most in 0..40_usize) {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            let expected = Some(slow(&a, &b)).filter(|&edits| edits <= most);
            prop_assert_eq!(distance(&a, &b, most), expected);
        }
    }

    #[test]
    fn likeness_folds_white_space_and_counts_both_texts() {
        assert!(alike("a  b\nc", " a b c", 1.0));
        assert!(!alike("ab", "a b", 1.0));
        // One letter of fifty is another: one removed, one inserted, of a hundred.
        let (text, other) = ("x".repeat(50), format!("{}y", "x".repeat(49)));
        assert!(alike(&text, &other, 0.98));
        assert!(!alike(&text, &other, 0.981));
    }
}

//! The nearest of some names, for messages.

/// The name with the smallest edit distance, if it is near: case aside, a third of the letters.
pub(crate) fn nearest(name: &str, names: &[String]) -> Option<String> {
    let wanted = name.to_lowercase();
    let (distance, found) =
        names.iter().map(|n| (distance(&wanted, &n.to_lowercase()), n)).min()?;
    (distance <= wanted.chars().count() / 3 + 1).then(|| found.clone())
}

/// Levenshtein's distance, a row of the table at a time.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_offered_and_far_ones_are_not() {
        let names = ["content".to_owned(), "url".to_owned()];
        assert_eq!(nearest("contents", &names).as_deref(), Some("content"));
        assert_eq!(nearest("URL", &names).as_deref(), Some("url"));
        assert_eq!(nearest("text", &names), None);
        assert_eq!(nearest("text", &[]), None);
    }
}

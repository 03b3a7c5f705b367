//! Phrases of the page around a text, by language.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

/// The phrases of a language, or of the user, folded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phrases {
    lines: BTreeSet<String>,
    items: BTreeSet<String>,
    held: Option<AhoCorasick>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    holds: Vec<String>,
    whole: Vec<String>,
    item: Vec<String>,
}

/// A test reads the file, so none is lost here.
static SHIPPED: LazyLock<BTreeMap<String, Phrases>> = LazyLock::new(|| {
    let tables: BTreeMap<String, Table> =
        toml::from_str(include_str!("../../data/boilerplate.toml")).unwrap_or_default();
    let phrases = |table: Table| Phrases::of(&table.holds, &table.whole, &table.item);
    tables.into_iter().map(|(language, table)| (language, phrases(table))).collect()
});

/// The shipped phrases of a language.
pub(crate) fn of_language(language: &str) -> Option<&'static Phrases> {
    SHIPPED.get(language)
}

/// Lower case, single spaces, nothing but letters, digits and marks at the ends.
pub(crate) fn folded(line: &str, out: &mut String) {
    out.clear();
    let trimmed = line.trim_matches(|c: char| !c.is_alphanumeric());
    for (n, word) in trimmed.split_whitespace().enumerate() {
        if n > 0 {
            out.push(' ');
        }
        for c in word.chars() {
            match c {
                // The two letters i of Turkish: whoever writes capitals may mean either.
                'İ' | 'ı' => out.push('i'),
                '’' => out.push('\''),
                c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
                c => out.extend(c.to_lowercase()),
            }
        }
    }
}

fn all_folded(phrases: &[String]) -> BTreeSet<String> {
    let mut scratch = String::new();
    let mut fold = |phrase: &String| {
        folded(phrase, &mut scratch);
        scratch.clone()
    };
    phrases.iter().map(&mut fold).filter(|phrase| !phrase.is_empty()).collect()
}

impl Phrases {
    fn of(held: &[String], lines: &[String], items: &[String]) -> Self {
        let held = all_folded(held);
        let held = (!held.is_empty()).then(|| AhoCorasick::new(&held).ok()).flatten();
        Self { lines: all_folded(lines), items: all_folded(items), held }
    }

    /// The phrases of a file: a line each, `#` before comments, `*so*` where a line only holds it.
    pub(crate) fn of_file(text: &str) -> Self {
        let (mut held, mut whole) = (Vec::new(), Vec::new());
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            match line.strip_prefix('*').and_then(|line| line.strip_suffix('*')) {
                Some(part) => held.push(part.to_owned()),
                None => whole.push(line.to_owned()),
            }
        }
        Self::of(&held, &whole, &[])
    }

    pub(crate) fn has_line(&self, folded: &str) -> bool {
        self.lines.contains(folded)
    }

    pub(crate) fn has_item(&self, folded: &str) -> bool {
        self.items.contains(folded)
    }

    pub(crate) fn holds(&self, folded: &str) -> bool {
        self.held.as_ref().is_some_and(|held| held.is_match(folded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_twelve_languages_have_phrases() {
        for language in ["en", "ru", "de", "fr", "es", "it", "pt", "zh", "ja", "ko", "ar", "tr"] {
            let phrases = of_language(language).unwrap();
            assert!(phrases.lines.len() > 20 && phrases.items.len() > 20, "{language}");
            assert!(phrases.held.is_some());
        }
        assert!(of_language("xx").is_none());
    }
}

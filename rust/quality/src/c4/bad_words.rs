//! A list of bad words, and whether a text holds one.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use gamayun_text::hash::hash64_seeded;

use crate::chars::is_word;

/// Common parts of words that mC4 allows though they are listed: each alone drops a tenth of its language.
const ALLOWED: [&str; 4] = ["sm", "グロ", "女の子", "性"];

/// Languages in which a bad word need not stand alone, as they are written without spaces.
const UNSPACED: [&str; 3] = ["ja", "th", "zh"];

/// Bad words to look for.
#[derive(Clone, Debug)]
pub struct BadWords {
    search: Option<AhoCorasick>,
    alone: bool,
}

impl BadWords {
    /// Those of `words` that are not allowed, to be found as `language` (ISO 639-1) is written.
    ///
    /// They are compared with the text in lower case, as they are. `None` if they are too many for one search.
    #[must_use]
    pub fn new<'w>(words: impl IntoIterator<Item = &'w str>, language: &str) -> Option<Self> {
        let words: Vec<&str> =
            words.into_iter().filter(|word| !word.is_empty() && !ALLOWED.contains(word)).collect();
        let search = (!words.is_empty())
            .then(|| AhoCorasickBuilder::new().match_kind(MatchKind::Standard).build(&words))
            .transpose()
            .ok()?;
        Some(Self { search, alone: !UNSPACED.contains(&language) })
    }

    /// Whether a text holds one of them; alone, between characters that are no part of a word, where spaces are written.
    #[must_use]
    pub fn occur_in(&self, text: &str) -> bool {
        let Some(search) = &self.search else { return false };
        let lower = text.to_lowercase();
        if !self.alone {
            return search.is_match(&lower);
        }
        search.find_overlapping_iter(&lower).any(|found| {
            !lower[..found.start()].ends_with(is_word) && !lower[found.end()..].starts_with(is_word)
        })
    }
}

/// A document's lot, above 0 and at most 1: with bad words it is dropped if the lot is above the share to be kept.
///
/// Drawn from the id alone (or another number that names the document), so that it is the same in every run.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
pub fn lot(id: u128) -> f64 {
    /// Any number: it makes lots independent of other uses of the id.
    const SEED: u64 = 0xc4;
    let draw = hash64_seeded(&id.to_le_bytes(), SEED) >> 11;
    (draw + 1) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_alone_unless_written_without_spaces() {
        let words = BadWords::new(["darn", "hot dog", "sm"], "en").unwrap();
        for text in ["darn", "Oh DARN!", "a hot dog.", "darn\n", "(darn)", "darndarn darn"] {
            assert!(words.occur_in(text), "{text}");
        }
        for text in ["", "darned", "undarn", "darn_it", "darn1", "darné", "hot  dog", "sm"] {
            assert!(!words.occur_in(text), "{text}");
        }
        let words = BadWords::new(["悪い", "性"], "ja").unwrap();
        assert!(words.occur_in("これは悪いです"));
        assert!(!words.occur_in("女性"));
        assert!(!BadWords::new(["", "sm"], "en").unwrap().occur_in("sm"));
    }

    #[test]
    fn lots_are_spread_evenly() {
        let below = (0..10_000_u128).filter(|&id| lot(id) <= 0.25).count();
        assert!((2300..2700).contains(&below), "{below}");
        assert!((0..10_000).all(|id| lot(id) > 0.0 && lot(id) <= 1.0));
    }
}

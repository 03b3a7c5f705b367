//! What of a vocabulary is of no use, or of little: tokens out of reach, parts of characters, near duplicates, runs.

use std::collections::BTreeMap;

use gamayun_text::{Monitor, Progress};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::audit::reach::{Tries, Why, unreachable};
use crate::audit::scripts::Scripts;
use crate::{Error, Result, Tokenizer};

/// A token that repeats one to four characters is a run from so many bytes on.
const RUN_BYTES: usize = 16;
/// The longest unit of a run, in characters.
const RUN_UNIT: usize = 4;
/// Tokens looked at before the monitor is heard.
const AT_ONCE: usize = 32;

/// What a look at each token finds; ids rise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VocabularyReport {
    /// Tokens of text.
    pub tokens: u64,
    /// Special tokens.
    pub special: u64,
    /// Ids without a token.
    pub holes: u64,
    /// Tokens that no text encodes to.
    pub unreachable: Vec<(u32, Why)>,
    /// Tokens of two bytes or more that begin or end inside a character.
    pub partial: Vec<u32>,
    /// Tokens of 16 bytes or more that repeat one to four characters.
    pub runs: Vec<u32>,
    /// Groups of tokens that are equal without white space around them, in NFKC and lower case.
    pub duplicates: Vec<Vec<u32>>,
    /// What the tokens are written in, and how many.
    pub scripts: BTreeMap<&'static str, u64>,
}

impl VocabularyReport {
    /// Looks at each token.
    pub fn of(tokenizer: &Tokenizer, monitor: &mut dyn Monitor) -> Result<Self> {
        let ids: Vec<u32> = (0..tokenizer.vocab_size()).collect();
        let mut report = Self::default();
        let mut tries = Tries::default();
        let mut progress = Progress { total: ids.len() as u64, ..Progress::default() };
        let (scripts, mut alike) = (Scripts::new(), BTreeMap::new());
        for ids in ids.chunks(AT_ONCE) {
            for &id in ids {
                report.add(tokenizer, id, &scripts, &mut alike, &mut tries);
            }
            progress.done += ids.len() as u64;
            monitor.advance(progress).map_err(|_| Error::Interrupted)?;
        }
        report.duplicates = alike.into_values().filter(|ids: &Vec<u32>| ids.len() > 1).collect();
        report.duplicates.sort_unstable();
        Ok(report)
    }

    fn add(
        &mut self,
        tokenizer: &Tokenizer,
        id: u32,
        scripts: &Scripts,
        alike: &mut BTreeMap<String, Vec<u32>>,
        tries: &mut Tries,
    ) {
        let Some(bytes) = tokenizer.token_bytes(id) else {
            self.holes += 1;
            return;
        };
        if tokenizer.is_special(id) {
            self.special += 1;
            return;
        }
        self.tokens += 1;
        *self.scripts.entry(scripts.of(bytes)).or_default() += 1;
        self.unreachable.extend(unreachable(tokenizer, id, bytes, tries).map(|why| (id, why)));
        match std::str::from_utf8(bytes) {
            Err(_) => self.partial.extend((bytes.len() > 1).then_some(id)),
            Ok(text) => {
                self.runs.extend(is_run(text).then_some(id));
                let plain = plain(text);
                if !plain.is_empty() {
                    alike.entry(plain).or_default().push(id);
                }
            }
        }
    }
}

/// A token as far as a reader would tell it from others.
fn plain(text: &str) -> String {
    let folded: String = text.trim().nfkc().flat_map(char::to_lowercase).collect();
    folded.nfkc().collect::<String>().trim().to_owned()
}

/// Whether a text repeats its first one to four characters.
fn is_run(text: &str) -> bool {
    let unit_ends = text.char_indices().map(|(at, _)| at).skip(1).take(RUN_UNIT);
    let repeats = |unit: usize| {
        text.as_bytes().iter().skip(unit).eq(text.as_bytes()[..text.len() - unit].iter())
    };
    text.len() >= RUN_BYTES && unit_ends.filter(|unit| unit * 4 <= text.len()).any(repeats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_repeat_a_short_unit() {
        for run in ["----------------", "=-=-=-=-=-=-=-=-", "                ", "абабабабаб"]
        {
            assert!(is_run(run), "{run}");
        }
        for other in
            ["---------------", "internationalisation", "----------------x", "aaaaaaaabbbbbbbb"]
        {
            assert!(!is_run(other), "{other}");
        }
    }

    #[test]
    fn tokens_alike_have_one_plain_form() {
        for alike in [" The", "the", "THE ", "ｔｈｅ"] {
            assert_eq!(plain(alike), "the");
        }
        assert_eq!(plain("ﬁ"), plain("FI"));
        assert_ne!(plain("a"), plain("á"));
    }
}

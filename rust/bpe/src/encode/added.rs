//! The tokens that were added beside the vocabulary, found in text as HF tokenizers finds them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use fancy_regex::Regex;

use crate::split::pattern::Normalizer;
use crate::{Error, Result};

/// What becomes of special tokens that a text holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Specials {
    /// They are text like any other.
    #[default]
    Text,
    /// They are recognised.
    Allow,
    /// Those of these names are recognised, the others are text.
    AllowSome(BTreeSet<String>),
    /// A text that holds one is refused.
    Refuse,
}

/// A token that was added, with its flags in `tokenizer.json`.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of the file")]
pub(crate) struct Added {
    pub(crate) id: u32,
    pub(crate) content: String,
    /// Only where no word goes on before or behind it.
    pub(crate) single_word: bool,
    /// It takes the white space before it.
    pub(crate) lstrip: bool,
    /// It takes the white space behind it.
    pub(crate) rstrip: bool,
    /// It is looked for in normalised text.
    pub(crate) normalized: bool,
    /// The policy for special tokens decides on it; others are always recognised.
    pub(crate) special: bool,
}

impl Added {
    /// A special token without further flags.
    pub(crate) fn special((id, content): (u32, &str)) -> Self {
        let (single_word, lstrip, rstrip, normalized) = (false, false, false, false);
        Self {
            id,
            content: content.to_owned(),
            single_word,
            lstrip,
            rstrip,
            normalized,
            special: true,
        }
    }
}

/// A part of a text: an added token, or what lies between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) token: Option<u32>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Added tokens of one kind, ready to be found.
#[derive(Clone, Debug)]
pub(crate) struct AddedTokens {
    tokens: Vec<Added>,
    automaton: AhoCorasick,
    /// None of them is recognised when special tokens are text.
    only_special: bool,
}

impl AddedTokens {
    /// None if there are no tokens. They are looked for as the normalizer writes them.
    pub(crate) fn new(tokens: Vec<Added>, normalizer: Normalizer) -> Result<Option<Self>> {
        if tokens.is_empty() {
            return Ok(None);
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(tokens.iter().map(|token| normalizer.apply(&token.content).into_owned()))
            .map_err(|error| Error::Unsupported {
                field: "added_tokens".to_owned(),
                reason: error.to_string(),
            })?;
        let only_special = tokens.iter().all(|token| token.special);
        Ok(Some(Self { tokens, automaton, only_special }))
    }

    /// Whether they can make a difference under a policy.
    pub(crate) fn matter(&self, specials: &Specials) -> bool {
        !(self.only_special && *specials == Specials::Text)
    }

    /// Bytes of the longest.
    pub(crate) fn longest(&self) -> usize {
        self.tokens.iter().map(|token| token.content.len()).max().unwrap_or(0)
    }

    /// The spans of a text where one is written, recognised or not.
    pub(crate) fn written(&self, text: &str) -> Vec<(usize, usize)> {
        self.automaton.find_iter(text).map(|found| (found.start(), found.end())).collect()
    }

    /// The parts of a text in order; none of them is empty.
    pub(crate) fn parts(&self, text: &str, specials: &Specials) -> Result<Vec<Part>> {
        let (mut parts, mut done) = (Vec::new(), 0);
        for found in self.automaton.find_iter(text) {
            let token = &self.tokens[found.pattern().as_usize()];
            let (start, end) = (found.start(), found.end());
            if !recognised(token, start, specials)? || !stands_free(token, text, start, end) {
                continue;
            }
            let start = if token.lstrip { text[..start].trim_end().len().max(done) } else { start };
            let end = if token.rstrip { end + blank(&text[end..]) } else { end };
            if done < start {
                parts.push(Part { token: None, start: done, end: start });
            }
            parts.push(Part { token: Some(token.id), start, end });
            done = end;
        }
        if done < text.len() {
            parts.push(Part { token: None, start: done, end: text.len() });
        }
        Ok(parts)
    }
}

/// Bytes of white space that a text begins with.
fn blank(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn recognised(token: &Added, byte: usize, specials: &Specials) -> Result<bool> {
    match specials {
        _ if !token.special => Ok(true),
        Specials::Text => Ok(false),
        Specials::Allow => Ok(true),
        Specials::AllowSome(names) => Ok(names.contains(&token.content)),
        Specials::Refuse => Err(Error::SpecialInText { token: token.content.clone(), byte }),
    }
}

fn stands_free(token: &Added, text: &str, start: usize, end: usize) -> bool {
    !token.single_word
        || !(text[..start].chars().next_back().is_some_and(is_word)
            || text[end..].chars().next().is_some_and(is_word))
}

/// `\w`, which no class of the standard library is.
fn is_word(char: char) -> bool {
    static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\w").ok());
    let mut buffer = [0; 4];
    let text: &str = char.encode_utf8(&mut buffer);
    WORD.as_ref().is_some_and(|word| word.is_match(text).unwrap_or(false))
}

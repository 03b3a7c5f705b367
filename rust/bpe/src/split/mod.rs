//! The known split patterns: how text is cut into pretokens.

pub(crate) mod class;
pub(crate) mod pattern;
pub(crate) mod scan;

use std::fmt;
use std::str::FromStr;

use crate::split::class::Chars;
use crate::split::scan::{Cl100k, Gamayun, O200k, Qwen, Tekken, next, next_gpt2};
use crate::{Error, Result};

macro_rules! contractions {
    () => {
        "'s|'t|'re|'ve|'m|'ll|'d"
    };
}
macro_rules! upper {
    () => {
        r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
    };
}
macro_rules! lower {
    () => {
        r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
    };
}
macro_rules! uncased {
    ($digits:literal) => {
        concat!(
            "(?i:",
            contractions!(),
            r")|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}",
            $digits,
            r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        )
    };
}
macro_rules! cased {
    ($suffix:expr, $digits:literal) => {
        concat!(
            r"[^\r\n\p{L}\p{N}]?",
            upper!(),
            "*",
            lower!(),
            "+",
            $suffix,
            r"|[^\r\n\p{L}\p{N}]?",
            upper!(),
            "+",
            lower!(),
            "*",
            $suffix,
            r"|\p{N}",
            $digits,
            r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        )
    };
}

const GAMAYUN: &str = cased!("", "{1,3}");
const GPT2: &str = concat!(contractions!(), r"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");
const CL100K: &str = uncased!("{1,3}");
const QWEN: &str = uncased!("");
const O200K: &str = cased!(concat!("(?i:", contractions!(), ")?"), "{1,3}");
const TEKKEN: &str = cased!("", "");

/// A split pattern with a hand-written scanner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Split {
    /// As o200k (words split by case, marks stay with letters, digits in threes from the left), but without the English
    /// contractions, which cut Turkish and Italian words.
    #[default]
    Gamayun,
    /// GPT-2, `OLMo`: lower-case English contractions, digits in one run.
    Gpt2,
    /// GPT-4, Llama 3: English contractions, digits in threes.
    Cl100k,
    /// GPT-4o: words split by case, contractions stay with the word, digits in threes.
    O200k,
    /// Mistral tekken: as o200k without contractions, single digits.
    Tekken,
    /// Qwen 2 and 3: as cl100k with single digits.
    Qwen,
}

impl Split {
    /// All patterns, the default first.
    pub const ALL: [Self; 6] =
        [Self::Gamayun, Self::Gpt2, Self::Cl100k, Self::O200k, Self::Tekken, Self::Qwen];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 6] = ["gamayun", "gpt2", "cl100k", "o200k", "tekken", "qwen"];

    /// The name, as [`Split::from_str`] takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gamayun => "gamayun",
            Self::Gpt2 => "gpt2",
            Self::Cl100k => "cl100k",
            Self::O200k => "o200k",
            Self::Tekken => "tekken",
            Self::Qwen => "qwen",
        }
    }

    /// The regex that the scanner equals, in the syntax of Oniguruma and of `fancy-regex`.
    #[must_use]
    pub fn regex(self) -> &'static str {
        match self {
            Self::Gamayun => GAMAYUN,
            Self::Gpt2 => GPT2,
            Self::Cl100k => CL100K,
            Self::O200k => O200K,
            Self::Tekken => TEKKEN,
            Self::Qwen => QWEN,
        }
    }

    /// The pattern that a regex is, if it is a known one.
    #[must_use]
    pub fn from_regex(regex: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|split| split.regex() == regex)
    }

    /// Calls `f` with each pretoken of a text, in order; together they are the text.
    #[inline]
    pub fn pretokens<'t>(self, text: &'t str, f: impl FnMut(&'t str)) {
        match self {
            Self::Gamayun => walk(text, next::<Gamayun>, f),
            Self::Gpt2 => walk(text, next_gpt2, f),
            Self::Cl100k => walk(text, next::<Cl100k>, f),
            Self::O200k => walk(text, next::<O200k>, f),
            Self::Tekken => walk(text, next::<Tekken>, f),
            Self::Qwen => walk(text, next::<Qwen>, f),
        }
    }
}

#[inline]
fn walk<'t>(text: &'t str, next: impl Fn(Chars<'t>, usize) -> usize, mut f: impl FnMut(&'t str)) {
    let chars = Chars::new(text);
    let mut at = 0;
    while at < text.len() {
        let end = next(chars, at);
        f(&text[at..end]);
        at = end;
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Split {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|split| split.name() == name)
            .ok_or_else(|| Error::UnknownSplit(name.to_owned()))
    }
}

//! The known split patterns: how text is cut into pretokens.

pub(crate) mod class;
mod edges;
mod masks;
pub(crate) mod pattern;
pub(crate) mod scan;
mod walk;

use std::fmt;
use std::str::FromStr;

use crate::split::scan::{Cl100k, Gamayun, O200k, Right, Run, Single, Threes, next, next_gpt2};
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
macro_rules! digits {
    (Run) => {
        r"\p{N}+"
    };
    (Single) => {
        r"\p{N}"
    };
    (Threes) => {
        r"\p{N}{1,3}"
    };
    (Right) => {
        r"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))"
    };
}
macro_rules! cased {
    ($suffix:expr, $digits:ident) => {
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
            "|",
            digits!($digits),
            r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        )
    };
}
macro_rules! regex {
    (Gamayun, $digits:ident) => {
        cased!("", $digits)
    };
    (O200k, $digits:ident) => {
        cased!(concat!("(?i:", contractions!(), ")?"), $digits)
    };
    (Cl100k, $digits:ident) => {
        concat!(
            "(?i:",
            contractions!(),
            r")|[^\r\n\p{L}\p{N}]?\p{L}+|",
            digits!($digits),
            r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        )
    };
    (Gpt2, $digits:ident) => {
        concat!(
            contractions!(),
            r"| ?\p{L}+| ?",
            digits!($digits),
            r"| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
        )
    };
}
macro_rules! scanner {
    (Gpt2, $digits:ident) => {
        next_gpt2::<$digits>
    };
    ($family:ident, $digits:ident) => {
        next::<$family, $digits>
    };
}

macro_rules! walk {
    (Gpt2, $digits:ident, $text:ident, $f:ident) => {
        edges::walk::<edges::Gpt2, $digits>($text, scanner!(Gpt2, $digits), $f)
    };
    (Cl100k, $digits:ident, $text:ident, $f:ident) => {
        edges::walk::<edges::Cl100k, $digits>($text, scanner!(Cl100k, $digits), $f)
    };
    ($family:ident, $digits:ident, $text:ident, $f:ident) => {
        walk::walk::<walk::Cased<$family>>($text, scanner!($family, $digits), $f)
    };
}

/// Writes the enum and all that is told of each pattern from one line for each.
macro_rules! splits {
    ($($(#[$about:meta])* $split:ident $name:literal: $family:ident $digits:ident;)+) => {
        /// A split pattern with a hand-written scanner: a family, and how it cuts runs of digits.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum Split {
            $($(#[$about])* $split,)+
        }

        impl Split {
            /// All patterns, the default first.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$split),+];
            /// Their names, in the same order.
            pub const NAMES: [&'static str; [$($name),+].len()] = [$($name),+];

            /// The name, as [`Split::from_str`] takes it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$split => $name,)+
                }
            }

            /// The regex that the scanner equals, in the syntax of Oniguruma and of `fancy-regex`.
            #[must_use]
            pub fn regex(self) -> &'static str {
                match self {
                    $(Self::$split => regex!($family, $digits),)+
                }
            }

            /// Calls `f` with each pretoken of a text, in order; together they are the text.
            #[inline]
            pub fn pretokens<'t>(self, text: &'t str, mut f: impl FnMut(&'t str)) {
                self.spans(text, |start, end| f(&text[start..end]));
            }

            /// Calls `f` with start and end of each pretoken of a text, in bytes and in order.
            #[inline]
            pub(crate) fn spans(self, text: &str, f: impl FnMut(usize, usize)) {
                match self {
                    $(Self::$split => walk!($family, $digits, text, f),)+
                }
            }
        }
    };
}

splits! {
    /// As o200k (words split by case, marks stay with letters, digits in threes from the left), but without the English
    /// contractions, which cut Turkish and Italian words.
    #[default]
    Gamayun "gamayun": Gamayun Threes;
    /// GPT-2, `OLMo`: lower-case English contractions, digits in one run, with the space before them.
    Gpt2 "gpt2": Gpt2 Run;
    /// GPT-4, Llama 3: English contractions, digits in threes.
    Cl100k "cl100k": Cl100k Threes;
    /// GPT-4o, Llama 4: words split by case, contractions stay with the word, digits in threes.
    O200k "o200k": O200k Threes;
    /// Mistral tekken: gamayun with single digits.
    Tekken "tekken": Gamayun Single;
    /// Qwen 2 and 3: cl100k with single digits.
    Qwen "qwen": Cl100k Single;
    /// Gamayun with digits in threes from the right, as numbers are read: 1 234 567.
    GamayunRight "gamayun-right": Gamayun Right;
    /// Gamayun with digits in one run.
    GamayunRun "gamayun-run": Gamayun Run;
    /// GPT-2 with single digits.
    Gpt2Single "gpt2-single": Gpt2 Single;
    /// GPT-2 with digits in threes.
    Gpt2Threes "gpt2-threes": Gpt2 Threes;
    /// GPT-2 with digits in threes from the right.
    Gpt2Right "gpt2-right": Gpt2 Right;
    /// Cl100k with digits in threes from the right.
    Cl100kRight "cl100k-right": Cl100k Right;
    /// Cl100k with digits in one run.
    Cl100kRun "cl100k-run": Cl100k Run;
    /// O200k with single digits.
    O200kSingle "o200k-single": O200k Single;
    /// O200k with digits in threes from the right.
    O200kRight "o200k-right": O200k Right;
    /// O200k with digits in one run.
    O200kRun "o200k-run": O200k Run;
}

/// Other spellings of known patterns in published files, each equal to ours on every text.
const SPELLINGS: [(&str, Split); 4] = [
    (r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", Split::Gpt2),
    (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
        Split::Cl100k,
    ),
    (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
        Split::Qwen,
    ),
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        Split::Qwen,
    ),
];

impl Split {
    /// The pattern that a regex is, if it is a known one in a known spelling.
    #[must_use]
    pub fn from_regex(regex: &str) -> Option<Self> {
        let own = Self::ALL.into_iter().find(|split| split.regex() == regex);
        own.or_else(|| SPELLINGS.iter().find(|known| known.0 == regex).map(|known| known.1))
    }

    /// The other spellings of known patterns, with the pattern that each is.
    pub fn spellings() -> impl Iterator<Item = (&'static str, Self)> {
        SPELLINGS.into_iter()
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

//! How a tokenizer cuts text: by a known split with its scanner, or by the regexes of a `tokenizer.json`.

use std::borrow::Cow;

use fancy_regex::{Regex, RegexBuilder};

use crate::{Error, Result, Split};

/// The pre-tokenizer of a tokenizer.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// A hand-written scanner.
    Known(Split),
    /// One regex after the other, each on the pieces of those before it.
    Stages(Vec<Stage>),
}

/// A regex that cuts text around its matches.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    regex: Regex,
    /// Text between two matches is dropped (`Removed` with `invert`), not a piece.
    drop_gaps: bool,
}

impl Stage {
    /// Compiles a regex of the Oniguruma syntax as far as `fancy-regex` knows it.
    pub(crate) fn new(regex: &str, drop_gaps: bool) -> Result<Self> {
        // The engine gives up when it has gone back too often; a long run of white space does so by right.
        let regex =
            RegexBuilder::new(regex).backtrack_limit(usize::MAX).build().map_err(|error| {
                Error::Unsupported { field: "pre_tokenizer".to_owned(), reason: error.to_string() }
            })?;
        Ok(Self { regex, drop_gaps })
    }

    fn cut<'t>(&self, text: &'t str, f: &mut dyn FnMut(&'t str)) {
        let mut at = 0;
        let mut piece = |from: usize, to: usize| {
            if from < to {
                f(&text[from..to]);
            }
        };
        // An engine error ends the search: the rest is one piece, and nothing is lost.
        for found in self.regex.find_iter(text).map_while(std::result::Result::ok) {
            if !self.drop_gaps {
                piece(at, found.start());
            }
            piece(found.start(), found.end());
            at = found.end();
        }
        if !self.drop_gaps {
            piece(at, text.len());
        }
    }
}

impl Pattern {
    /// Calls `f` with each pretoken of a text, in order.
    #[inline]
    pub(crate) fn pretokens<'t>(&self, text: &'t str, mut f: impl FnMut(&'t str)) {
        match self {
            Self::Known(split) => split.pretokens(text, f),
            Self::Stages(stages) => cut(stages, text, &mut f),
        }
    }
}

fn cut<'t>(stages: &[Stage], text: &'t str, f: &mut dyn FnMut(&'t str)) {
    match stages {
        [] if text.is_empty() => {}
        [] => f(text),
        [stage, rest @ ..] => stage.cut(text, &mut |piece| cut(rest, piece, f)),
    }
}

/// The form of Unicode text that a tokenizer asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Normalizer {
    /// Text as it is.
    #[default]
    None,
    /// Canonical composition.
    Nfc,
}

impl Normalizer {
    pub(crate) fn apply(self, text: &str) -> Cow<'_, str> {
        use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
        if self == Self::None || is_nfc_quick(text.chars()) == IsNormalized::Yes {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.nfc().collect())
    }
}

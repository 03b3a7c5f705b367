//! How a tokenizer cuts text: by a known split with its scanner, or by regexes that the engine runs.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use fancy_regex::{Regex, RegexBuilder};

use crate::key::offset;
use crate::{Error, Result, Split};

/// What begins the name of a pattern that is one regex.
const REGEX: &str = "regex:";
/// What begins the name of a pattern of several steps, written as JSON: `[[regex, drop_gaps], …]`.
const REGEXES: &str = "regexes:";

/// A split pattern: a known one, or regexes of one's own.
///
/// Its name is that of the known split, or `regex:` and the regex; [`Pattern::from_str`] takes both. A regex is of the
/// syntax of Oniguruma as far as `fancy-regex` knows it, and is looked for as HF tokenizers' `Isolated` does: each match is
/// a pretoken, and so is what lies between two matches.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// A hand-written scanner.
    Known(Split),
    /// Regexes, run by the engine.
    Regexes(Regexes),
}

/// One regex after the other, each on the pieces of those before it.
#[derive(Clone, Debug)]
pub struct Regexes {
    name: Arc<str>,
    stages: Arc<[Stage]>,
}

/// A regex that cuts text around its matches.
#[derive(Clone, Debug)]
struct Stage {
    regex: Regex,
    step: Step,
}

/// A regex as it is written, and whether text between two matches is dropped (`Removed` with `invert`).
pub(crate) type Step = (String, bool);

impl Stage {
    fn new(step: &Step) -> Result<Self> {
        // The engine gives up when it has gone back too often; a long run of white space does so by right.
        let regex = RegexBuilder::new(&step.0)
            .backtrack_limit(usize::MAX)
            // As in Oniguruma, ^ and $ are the ends of lines.
            .multi_line(true)
            .build()
            .map_err(|error| bad_regex(&step.0, &error.to_string()))?;
        Ok(Self { regex, step: step.clone() })
    }

    fn cut<'t>(&self, text: &'t str, f: &mut dyn FnMut(&'t str) -> Result<()>) -> Result<()> {
        let mut at = 0;
        let mut piece =
            |from: usize, to: usize| if from < to { f(&text[from..to]) } else { Ok(()) };
        for found in self.regex.find_iter(text) {
            let found = found.map_err(|error| Error::SplitEngine {
                regex: self.step.0.clone(),
                byte: at,
                reason: error.to_string(),
            })?;
            if !self.step.1 {
                piece(at, found.start())?;
            }
            piece(found.start(), found.end())?;
            at = found.end();
        }
        if self.step.1 { Ok(()) } else { piece(at, text.len()) }
    }
}

fn bad_regex(regex: &str, reason: &str) -> Error {
    Error::SplitRegex { regex: regex.to_owned(), reason: reason.to_owned() }
}

impl Pattern {
    /// The pattern of a regex: the scanner of a known one, else the engine.
    pub fn regex(regex: &str) -> Result<Self> {
        Self::steps(&[(regex.to_owned(), false)])
    }

    /// The pattern of several steps.
    pub(crate) fn steps(steps: &[Step]) -> Result<Self> {
        if let [(one, _)] = steps
            && let Some(split) = Split::from_regex(one)
        {
            return Ok(Self::Known(split));
        }
        let name = match steps {
            [(one, false)] => format!("{REGEX}{one}"),
            _ => format!("{REGEXES}{}", serde_json::to_string(steps)?),
        };
        let stages = steps.iter().map(Stage::new).collect::<Result<_>>()?;
        Ok(Self::Regexes(Regexes { name: name.into(), stages }))
    }

    /// The name, as [`Pattern::from_str`] takes it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Known(split) => split.name(),
            Self::Regexes(regexes) => &regexes.name,
        }
    }

    /// The known split.
    #[must_use]
    pub fn split(&self) -> Option<Split> {
        match self {
            Self::Known(split) => Some(*split),
            Self::Regexes(_) => None,
        }
    }

    /// The regexes of all steps, as they are written.
    pub(crate) fn written(&self) -> Vec<Step> {
        match self {
            Self::Known(split) => vec![(split.regex().to_owned(), false)],
            Self::Regexes(regexes) => {
                regexes.stages.iter().map(|stage| stage.step.clone()).collect()
            }
        }
    }

    /// As [`Pattern::pretokens`], with where each begins and ends, in bytes.
    #[inline]
    pub(crate) fn spans(&self, text: &str, mut f: impl FnMut(usize, usize)) -> Result<()> {
        if let Self::Known(split) = self {
            split.spans(text, f);
            return Ok(());
        }
        self.pretokens(text, |pretoken| {
            let start = offset(text, pretoken);
            f(start, start + pretoken.len());
        })
    }

    /// Calls `f` with each pretoken of a text, in order. An error if the engine gives up on the text, which a scanner never
    /// does; the pretokens before were handed out then.
    #[inline]
    pub fn pretokens<'t>(&self, text: &'t str, mut f: impl FnMut(&'t str)) -> Result<()> {
        match self {
            Self::Known(split) => split.pretokens(text, f),
            Self::Regexes(regexes) => cut(&regexes.stages, text, &mut |piece| {
                f(piece);
                Ok(())
            })?,
        }
        Ok(())
    }
}

fn cut<'t>(
    stages: &[Stage],
    text: &'t str,
    f: &mut dyn FnMut(&'t str) -> Result<()>,
) -> Result<()> {
    match stages {
        [] if text.is_empty() => Ok(()),
        [] => f(text),
        [stage, rest @ ..] => stage.cut(text, &mut |piece| cut(rest, piece, f)),
    }
}

impl Default for Pattern {
    fn default() -> Self {
        Self::Known(Split::default())
    }
}

impl From<Split> for Pattern {
    fn from(split: Split) -> Self {
        Self::Known(split)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Pattern {}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        if let Some(regex) = name.strip_prefix(REGEX) {
            return Self::regex(regex);
        }
        match name.strip_prefix(REGEXES) {
            Some(steps) => Self::steps(&serde_json::from_str::<Vec<Step>>(steps)?),
            None => name.parse().map(Self::Known),
        }
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

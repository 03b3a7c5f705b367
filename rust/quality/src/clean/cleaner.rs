//! A cleaner: the switches of a run, and what it does to a text.

use gamayun_text::normalise;

use super::edits::{Change, Cleaned};
use super::kind::Kind;
use super::lines::LineFilter;
use super::private;
use super::repair::{Repairs, repair};
use crate::error::{Error, Result};

/// What cleans texts.
#[derive(Clone, Debug)]
pub struct Cleaner {
    repairs: Repairs,
    private: Vec<Kind>,
    keep_originals: bool,
    lines: LineFilter,
}

/// The repairs by name.
pub const REPAIRS: [&str; 6] =
    ["encoding", "markup", "invisible", "homoglyphs", "hyphens", "spaced"];

/// What is private, by name.
pub const PRIVATE: [Kind; 6] =
    [Kind::Email, Kind::Ip, Kind::Phone, Kind::Iban, Kind::Card, Kind::Secret];

impl Cleaner {
    /// A cleaner that makes these repairs and replaces these kinds of what is private.
    ///
    /// `keep_originals`: edits keep what is private too; without it they keep its place and kind alone.
    ///
    /// # Errors
    /// [`Error::UnknownCleaning`] for a name that is none of [`REPAIRS`] or of [`PRIVATE`].
    pub fn new(repairs: &[String], private: &[String], keep_originals: bool) -> Result<Self> {
        let mut switches = Repairs::NONE;
        for name in repairs {
            match name.as_str() {
                "encoding" => switches.encoding = true,
                "markup" => switches.markup = true,
                "invisible" => switches.invisible = true,
                "homoglyphs" => switches.homoglyphs = true,
                "hyphens" => switches.hyphens = true,
                "spaced" => switches.spaced = true,
                _ => return Err(unknown("repair", name, &REPAIRS.join(", "))),
            }
        }
        let known = PRIVATE.map(Kind::name).join(", ");
        let kind = |name: &String| {
            let found = PRIVATE.into_iter().find(|kind| kind.name() == name);
            found.ok_or_else(|| unknown("private", name, &known))
        };
        let private = private.iter().map(kind).collect::<Result<Vec<Kind>>>()?;
        let lines = LineFilter::default();
        Ok(Self { repairs: switches, private, keep_originals, lines })
    }

    /// The same, and these lines go.
    #[must_use]
    pub fn with_lines(self, lines: LineFilter) -> Self {
        Self { lines, ..self }
    }

    /// The lines that go of a text of a language.
    #[must_use]
    pub fn lines(&self, text: &str, language: &str) -> Vec<Change> {
        self.lines.changes(text, language)
    }

    /// The repairs that it makes.
    #[must_use]
    pub fn repairs(&self) -> Repairs {
        self.repairs
    }

    /// The text of a record, cleaned and normalised; `None` if normalising is all there is to do.
    #[must_use]
    pub fn clean(&self, raw: &str) -> Option<Cleaned> {
        let mut cleaned = repair(raw, self.repairs);
        if self.private.is_empty() {
            return cleaned;
        }
        let normal;
        let text = if let Some(cleaned) = &cleaned {
            &cleaned.text
        } else {
            normal = normalise(raw).0;
            &*normal
        };
        let changes = private::replace(text, &self.private);
        if changes.is_empty() {
            return cleaned;
        }
        let text = text.to_owned();
        let owner = cleaned.get_or_insert_with(|| Cleaned::untouched(text));
        owner.apply(&changes);
        if !self.keep_originals {
            owner.redact();
        }
        cleaned
    }
}

fn unknown(what: &'static str, name: &str, known: &str) -> Error {
    Error::UnknownCleaning { what, name: name.to_owned(), known: known.to_owned() }
}

//! Sources: named origins of documents, and the rules that judge theirs.

use std::sync::Arc;

use gamayun_io::{ReadParams, Record};
use gamayun_quality::Profile;
use gamayun_text::DocId;

/// A named origin of documents.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name: part of every document's identity.
    pub name: String,
    /// Files, folders, globs, or `-`.
    pub paths: Vec<String>,
    /// Among duplicates the source of smaller number is preferred, if the survivor order says `priority`.
    pub priority: i32,
    /// `web`, `code`, `stem` …: half of a pool's name.
    pub domain: String,
    /// Its licence, as the user writes it.
    pub licence: String,
    /// All its documents have this language; none is scored.
    pub language: Option<String>,
    /// The rules that its documents pass.
    pub rules: Rules,
    /// How its files are read.
    pub read: ReadParams,
}

impl Source {
    /// The id of a record: of the name that it has in this source, else of its text.
    pub(crate) fn doc_id(&self, record: &Record, text: &str) -> DocId {
        match &record.id {
            Some(id) => DocId::of_name(&self.name, id),
            None => DocId::of_text(&self.name, text),
        }
    }
}

/// Which profile judges a source.
#[derive(Clone, Debug)]
pub enum Rules {
    /// The shipped profile of each document's language.
    ByLanguage,
    /// The shipped profile of each document's language, then the profile `junk`.
    ByLanguageAndJunk,
    /// None: nothing is measured or dropped by rules.
    None,
    /// This one, whatever the language.
    Profile(Arc<Profile>),
}

impl Rules {
    /// Whether a profile of these rules may change texts, in some of `languages`.
    pub(crate) fn edit<'l>(&self, mut languages: impl Iterator<Item = &'l String>) -> bool {
        languages.any(|l| self.profile(l).is_some_and(|profile| profile.c4_lines().is_some()))
    }

    /// The profile for a document of this language; `None` if no rules apply.
    pub(crate) fn profile(&self, language: &str) -> Option<&Profile> {
        match self {
            Self::ByLanguage | Self::ByLanguageAndJunk => {
                Some(Profile::for_language_or_default(language))
            }
            Self::None => None,
            Self::Profile(profile) => Some(profile),
        }
    }

    pub(crate) fn judges(&self, language: &str) -> impl Iterator<Item = &Profile> {
        let junk =
            matches!(self, Self::ByLanguageAndJunk).then(|| Profile::shipped("junk")).flatten();
        self.profile(language).into_iter().chain(junk)
    }
}

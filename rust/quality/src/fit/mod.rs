//! A profile derived from reference text: thresholds from the distribution of each measurement, and stop words.
//!
//! FineWeb2 (Penedo et al. 2025, section 3) compares such derivations for each of its filters; which one it chose for which is
//! not published, so these are our own, and each threshold says how it was found.

mod columns;
mod stop_words;
mod threshold;

pub use columns::Columns;
pub use stop_words::StopWordCounter;
pub use threshold::{Derived, Method};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::profile::Profile;
use crate::rules::{Group, Rule, catalogue};

/// Parameters that no reference text tells: how long a document should be is the user's choice.
const KEPT: [&str; 3] = ["min_doc_words", "max_doc_words", "min_stop_words"];

/// Stop words that must occur, as in FineWeb2.
const MIN_STOP_WORDS: i64 = 2;

/// Reference text of English, for the methods that carry English thresholds over.
#[derive(Clone, Copy, Debug)]
pub struct English<'c> {
    /// Its measurements.
    pub columns: &'c Columns,
    /// The thresholds that are carried over.
    pub profile: &'c Profile,
}

/// A profile, and how each of its values was found.
#[derive(Clone, Debug, Serialize)]
pub struct Fitted {
    /// The profile as TOML.
    pub toml: String,
    /// Every fitted threshold, in the order of the rules.
    pub thresholds: Vec<Derived>,
    /// The stop words, and the share of the reference documents that hold each.
    pub stop_words: Vec<(String, f64)>,
    /// Documents of the reference.
    pub documents: u64,
}

/// Derives a profile for `language` from reference text: the rules that `base` has, in its order, with new thresholds.
///
/// Errors if there are no documents, or if the method needs English text and there is none.
pub fn fit(
    language: &str,
    base: &Profile,
    reference: &Columns,
    words: &StopWordCounter,
    method: Method,
    english: Option<English<'_>>,
) -> Result<Fitted> {
    if reference.documents() == 0 {
        return Err(Error::NoReference { language: language.to_owned() });
    }
    let mut thresholds: Vec<Derived> = Vec::new();
    for rule in catalogue().filter(|rule| is_fitted(rule, base)) {
        let derived = threshold::derive(rule, base, reference, method, english)?;
        match thresholds.iter_mut().find(|other| other.parameter == derived.parameter) {
            // Two rules share the parameter: the looser one holds for both.
            Some(other) if other.value < derived.value => *other = derived,
            Some(_) => {}
            None => thresholds.push(derived),
        }
    }
    let stop_words = words.most_common(reference.documents());
    let toml = toml_of(language, base, &thresholds, &stop_words, method, reference.documents());
    Profile::parse(&toml, language)?;
    Ok(Fitted { toml, thresholds, stop_words, documents: reference.documents() })
}

fn is_fitted(rule: &Rule, base: &Profile) -> bool {
    let group = matches!(
        rule.group,
        Group::GopherRepetition | Group::FineWebQuality | Group::GopherQuality
    );
    let named = !rule.parameter.is_empty() && !KEPT.contains(&rule.parameter);
    group && named && base.order().contains(&rule.group) && rule.threshold(base).is_some()
}

fn toml_of(
    language: &str,
    base: &Profile,
    thresholds: &[Derived],
    stop_words: &[(String, f64)],
    method: Method,
    documents: u64,
) -> String {
    let mut profile: toml::Table = base.to_toml().parse().unwrap_or_default();
    let source = format!("Fitted to {documents} documents by the method {}.", method.name());
    profile.insert("name".into(), language.into());
    profile.insert("language".into(), language.into());
    profile.insert("source".into(), source.into());
    for derived in thresholds {
        set(&mut profile, derived.group, derived.parameter, derived.value.into());
    }
    let words: Vec<toml::Value> = stop_words.iter().map(|(word, _)| word.as_str().into()).collect();
    if words.len() as u64 >= MIN_STOP_WORDS.unsigned_abs() {
        set(&mut profile, Group::GopherQuality.name(), "min_stop_words", MIN_STOP_WORDS.into());
        set(&mut profile, Group::GopherQuality.name(), "stop_words", words.into());
    }
    toml::to_string(&profile).unwrap_or_default()
}

fn set(profile: &mut toml::Table, group: &str, key: &str, value: toml::Value) {
    let table = profile.entry(group).or_insert_with(|| toml::Table::new().into());
    if let Some(table) = table.as_table_mut() {
        table.insert(key.into(), value);
    }
}

#[cfg(test)]
mod tests;

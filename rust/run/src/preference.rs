//! What makes a document preferred among its duplicates, as numbers that compare in that order.

use serde_json::value::RawValue;
use speedate::{Date, DateTime};
use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// The most keys beside the id.
pub(crate) const KEYS: usize = 6;

/// A place in the survivor order: smaller is preferred. Keys that are not used are 0.
pub(crate) type Preference = [u64; KEYS];

/// What is preferred last: a document without the value that a key asks for.
const ABSENT: u64 = u64::MAX;

/// What makes a document preferred among duplicates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SurvivorKey {
    /// The source of the smaller priority number.
    Priority,
    /// The higher language score.
    Quality,
    /// The higher number in this field of the record.
    Score(String),
    /// The longer text, in bytes.
    Longest,
    /// The later date in this field of the record: ISO 8601, or seconds or milliseconds since 1970.
    Newest(String),
    /// The smaller document id; always the last key, which makes the order total.
    Id,
}

impl std::str::FromStr for SurvivorKey {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name.split_once(':').map_or((name, None), |(key, field)| (key, Some(field))) {
            ("priority", None) => Ok(Self::Priority),
            ("quality", None) => Ok(Self::Quality),
            ("quality", Some(field)) if !field.is_empty() => Ok(Self::Score(field.to_owned())),
            ("longest", None) => Ok(Self::Longest),
            ("newest", None) => Ok(Self::Newest("date".to_owned())),
            ("newest", Some(field)) if !field.is_empty() => Ok(Self::Newest(field.to_owned())),
            ("id", None) => Ok(Self::Id),
            _ => Err(Error::Parameter {
                parameter: "keep".into(),
                found: name.into(),
                expected: "priority, quality, quality:FIELD, longest, newest, newest:FIELD or id"
                    .into(),
            }),
        }
    }
}

/// What a document offers to the keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offered<'a> {
    pub priority: i32,
    pub language_score: Option<f32>,
    pub bytes: u64,
    /// The other fields of its record, as a JSON object; needed by keys that name one.
    pub metadata: Option<&'a str>,
}

/// The keys of a run, and how often a document lacked what one asks for.
#[derive(Debug)]
pub(crate) struct Order<'k> {
    keys: &'k [SurvivorKey],
}

impl<'k> Order<'k> {
    /// The keys up to the id, behind which none can matter.
    pub(crate) fn new(keys: &'k [SurvivorKey]) -> Result<Self> {
        let end = keys.iter().position(|key| *key == SurvivorKey::Id).unwrap_or(keys.len());
        if end > KEYS {
            return Err(Error::Parameter {
                parameter: "keep".into(),
                found: format!("{end} keys"),
                expected: format!("at most {KEYS} before the id"),
            });
        }
        Ok(Self { keys: &keys[..end] })
    }

    /// Some key is a field of the record.
    pub(crate) fn needs_metadata(&self) -> bool {
        self.keys.iter().any(|key| field(key).is_some())
    }

    /// The name of each field that a key asks for.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'k str> {
        self.keys.iter().filter_map(field)
    }

    /// The document's place; raises `absent[i]` for each of [`Self::fields`] that it lacks.
    pub(crate) fn place(&self, offered: &Offered<'_>, absent: &mut [u64]) -> Preference {
        let record = offered.metadata.filter(|_| self.needs_metadata()).and_then(parse);
        let mut place = [0; KEYS];
        let mut absent = absent.iter_mut();
        for (value, key) in place.iter_mut().zip(self.keys) {
            let raw = field(key).and_then(|name| record.as_ref()?.get(name)).map(|raw| raw.get());
            *value = match key {
                SurvivorKey::Priority => rising(i64::from(offered.priority)),
                SurvivorKey::Quality => {
                    offered.language_score.map_or(ABSENT, |score| falling(f64::from(score)))
                }
                SurvivorKey::Longest => !offered.bytes,
                SurvivorKey::Score(_) => raw.and_then(number).map_or(ABSENT, falling),
                SurvivorKey::Newest(_) => raw.and_then(date).map_or(ABSENT, |at| !rising(at)),
                SurvivorKey::Id => 0,
            };
            if field(key).is_some()
                && let Some(count) = absent.next()
            {
                *count += u64::from(*value == ABSENT);
            }
        }
        place
    }
}

fn field(key: &SurvivorKey) -> Option<&str> {
    match key {
        SurvivorKey::Score(field) | SurvivorKey::Newest(field) => Some(field),
        _ => None,
    }
}

fn parse(metadata: &str) -> Option<BTreeMap<&str, &RawValue>> {
    serde_json::from_str(metadata).ok()
}

/// The number in a field of a record, if it has one.
pub(crate) fn number_in(metadata: &str, field: &str) -> Option<f64> {
    number(parse(metadata)?.get(field)?.get())
}

/// A number, or a string that is one.
fn number(raw: &str) -> Option<f64> {
    raw.trim_matches('"').parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Microseconds since 1970; a date without a time is its midnight, and without an offset UTC is meant.
fn date(raw: &str) -> Option<i64> {
    let text = raw.trim_matches('"');
    if let Ok(at) = DateTime::parse_str(text) {
        return Some(at.timestamp_tz() * 1_000_000 + i64::from(at.time.microsecond));
    }
    Some(Date::parse_str(text).ok()?.timestamp() * 1_000_000)
}

/// Smaller stays smaller.
fn rising(value: i64) -> u64 {
    value.cast_unsigned() ^ (1 << 63)
}

/// The larger number comes first. The bits of floats compare like signed magnitudes.
fn falling(value: f64) -> u64 {
    let bits = value.to_bits();
    let rising = if bits >> 63 == 1 { !bits } else { bits ^ (1 << 63) };
    // `ABSENT` is behind the least number that is finite.
    !rising
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(keys: &[&str], metadata: &str) -> Preference {
        let keys: Vec<SurvivorKey> = keys.iter().map(|key| key.parse().unwrap()).collect();
        let offered =
            Offered { priority: 3, language_score: Some(0.5), bytes: 10, metadata: Some(metadata) };
        Order::new(&keys).unwrap().place(&offered, &mut [0; KEYS])
    }

    #[test]
    fn the_higher_number_comes_first_and_none_comes_last() {
        let scores = ["1e300", "7", "\"6.5\"", "0.25", "0", "-2", "-1e300", "null"];
        let places: Vec<_> = scores
            .iter()
            .map(|score| place(&["quality:edu"], &format!("{{\"edu\":{score}}}")))
            .collect();
        assert!(places.is_sorted());
        assert_eq!(place(&["quality:edu"], "{}"), places[7]);
        assert!(places[6] < places[7]);
    }

    #[test]
    fn the_later_date_comes_first_however_it_is_written() {
        let dates = [
            "\"2026-01-02T00:30:00+01:00\"",
            "\"2026-01-01 23:00:00\"",
            "\"2026-01-01\"",
            "1700000000",
            "\"1969-12-31\"",
            "\"yesterday\"",
        ];
        let places: Vec<_> =
            dates.iter().map(|date| place(&["newest"], &format!("{{\"date\":{date}}}"))).collect();
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!(
            place(&["newest:at"], "{\"at\":\"2026-01-01T12:00:00Z\"}"),
            place(&["newest:at"], "{\"at\":\"2026-01-01T13:00:00+01:00\"}")
        );
        assert_eq!(place(&["newest:at"], "{\"at\":1700000000}")[0], {
            place(&["newest:at"], "{\"at\":1700000000000}")[0]
        });
    }

    #[test]
    fn what_a_document_lacks_is_counted() {
        let keys: Vec<SurvivorKey> = ["quality", "quality:a", "newest:b", "id", "longest"]
            .map(|k| k.parse().unwrap())
            .into();
        let order = Order::new(&keys).unwrap();
        assert_eq!(order.fields().collect::<Vec<_>>(), ["a", "b"]);
        let mut absent = [0, 0];
        let offered =
            Offered { priority: 0, language_score: None, bytes: 0, metadata: Some("{\"a\":1}") };
        order.place(&offered, &mut absent);
        assert_eq!(absent, [0, 1]);
    }

    #[test]
    fn strange_keys_are_refused() {
        for name in ["best", "quality:", "longest:x", ""] {
            assert!(name.parse::<SurvivorKey>().is_err());
        }
    }
}

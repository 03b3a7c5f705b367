//! What drops documents beside language scores and rules: blocked addresses, and languages that are mixed.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field, Schema};
use gamayun_io::TableWriter;
use serde::Deserialize;

use crate::blocklist::{Blocked, Blocklist};
use crate::error::Result;
use crate::language_rows::SEGMENTS;
use crate::layout::Layout;
use crate::part::Part;
use crate::tables::{self, for_each_batch};

/// The folder of what blocked documents, if anything may.
pub(crate) const BLOCKED: &str = "blocked";

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub struct OutsideParams {
    /// The lists, if there are any.
    pub blocklist: Option<Arc<Blocklist>>,
    /// Documents whose foreign paragraphs have at least this share are dropped.
    pub mixed_share: Option<f64>,
}

/// What was found in a part, by row.
#[derive(Default)]
pub(crate) struct Outside {
    blocked: BTreeMap<usize, Blocked>,
    mixed: BTreeMap<usize, f64>,
}

#[derive(Deserialize)]
struct Address {
    url: Option<String>,
}

impl Outside {
    pub(crate) fn of(layout: &Layout, part: &Part, params: &OutsideParams) -> Result<Self> {
        let mut found = Self::default();
        if let Some(list) = &params.blocklist {
            found.block(layout, part, list)?;
        }
        if let Some(share) = params.mixed_share {
            let path = layout.path(format!("{SEGMENTS}/{}.parquet", part.stem));
            for_each_batch(&path, &["foreign_share"], |first, rows| {
                let shares = rows.f64s("foreign_share")?;
                let rows = (0..rows.len()).filter(|&row| shares.is_valid(row));
                let mixed = rows.map(|row| (first + row, shares.value(row)));
                found.mixed.extend(mixed.filter(|one| one.1 > 0.0 && one.1 >= share));
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// Looks the addresses of a part up, and writes what was found of each document.
    fn block(&mut self, layout: &Layout, part: &Part, list: &Blocklist) -> Result<()> {
        let schema = Arc::new(Schema::new(vec![Field::new("blocked_by", DataType::Utf8, true)]));
        let path = layout.path(format!("{BLOCKED}/{}.parquet", part.stem));
        let mut writer = TableWriter::create(&path, schema.clone())?;
        let documents = layout.path(format!("documents/{}.parquet", part.stem));
        for_each_batch(&documents, &["metadata"], |first, rows| {
            let metadata = rows.strings("metadata")?;
            let mut entries = StringBuilder::new();
            for row in 0..rows.len() {
                let blocked = address(metadata.value(row)).and_then(|url| list.check(&url));
                entries.append_option(blocked.as_ref().map(|blocked| &blocked.entry));
                self.blocked.extend(blocked.map(|blocked| (first + row, blocked)));
            }
            let columns: Vec<ArrayRef> = vec![Arc::new(entries.finish())];
            writer.write(&tables::batch(schema.clone(), columns)?)?;
            Ok(())
        })?;
        Ok(writer.finish().map(|_| ())?)
    }

    /// The reason for which a document is blocked.
    pub(crate) fn blocked(&self, row: usize) -> Option<&'static str> {
        self.blocked.get(&row).map(|blocked| blocked.reason)
    }

    /// The share of foreign paragraphs for which a document is dropped.
    pub(crate) fn mixed(&self, row: usize) -> Option<f64> {
        self.mixed.get(&row).copied()
    }
}

/// The field `url` of a record.
fn address(metadata: &str) -> Option<String> {
    let may = metadata.contains("\"url\"");
    may.then(|| serde_json::from_str::<Address>(metadata).ok())??.url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_a_field_of_the_record() {
        assert_eq!(address(r#"{"a":1,"url":"http://x.org"}"#).as_deref(), Some("http://x.org"));
        assert_eq!(address(r#"{"a":{"url":"http://x.org"}}"#), None);
        assert_eq!(address(r#"{"url":null}"#), None);
        assert_eq!(address(r#"{"url":3}"#), None);
    }
}

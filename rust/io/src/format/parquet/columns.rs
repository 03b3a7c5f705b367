//! Which columns of a Parquet file are the text, the id and the metadata.

use std::path::Path;

use arrow_schema::{DataType, Schema};

use crate::table::column;
use crate::{Error, ReadParams, Result, json};

/// The places of the columns.
pub(super) struct Columns {
    pub(super) text: usize,
    pub(super) text_name: String,
    pub(super) id: Option<usize>,
    /// The others: the key as JSON, with its colon, and the column; sorted by key.
    pub(super) others: Vec<(String, usize)>,
}

impl Columns {
    pub(super) fn find(path: &Path, schema: &Schema, params: &ReadParams) -> Result<Self> {
        let names = &params.columns;
        let text = column(path, schema, &names.text)?;
        check(path, schema, text, is_text, "strings")?;
        let id = names.id.as_ref().and_then(|id| schema.index_of(id).ok());
        if let Some(id) = id {
            check(path, schema, id, is_id, "strings or integers")?;
        }
        let mut others: Vec<_> = (0..schema.fields().len()).collect();
        others.retain(|&i| params.metadata && i != text && Some(i) != id);
        others.sort_by_key(|&i| schema.field(i).name());
        let others = others.into_iter().map(|i| (key(schema.field(i).name()), i)).collect();
        Ok(Self { text, text_name: names.text.clone(), id, others })
    }
}

fn key(name: &str) -> String {
    let mut key = String::new();
    json::write_string(name, &mut key);
    key.push(':');
    key
}

fn check(
    path: &Path,
    schema: &Schema,
    i: usize,
    fits: fn(&DataType) -> bool,
    expected: &'static str,
) -> Result<()> {
    let field = schema.field(i);
    if fits(field.data_type()) {
        return Ok(());
    }
    Err(Error::ColumnType {
        path: path.display().to_string(),
        column: field.name().clone(),
        found: field.data_type().to_string(),
        expected,
    })
}

/// Bytes are text as well: some programs write strings without saying so, and each row is checked.
fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_text(values),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => true,
        other => other.is_string() || other.is_null(),
    }
}

fn is_id(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_text(values),
        other => is_text(other) || other.is_integer(),
    }
}

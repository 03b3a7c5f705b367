//! Reading the strings of Parquet as bytes, for files whose strings are not all UTF-8.
//!
//! The Parquet reader refuses a whole batch, or all rows of a dictionary, for one bad string; read
//! as bytes, each row is checked alone. Strings within lists and structs stay as they are.

use std::sync::Arc;

use arrow_schema::{ArrowError, DataType, Schema};
use parquet::basic::Type as PhysicalType;
use parquet::errors::Result;
use parquet::schema::types::{SchemaDescriptor, Type};

/// The Parquet reader says in words only that a string is not UTF-8.
pub(super) fn is_utf8_error(error: &ArrowError) -> bool {
    let message = error.to_string().to_lowercase();
    message.contains("utf-8") || message.contains("utf8")
}

/// A Parquet schema whose top-level strings are mere bytes.
pub(super) fn without_strings(schema: &SchemaDescriptor) -> Result<SchemaDescriptor> {
    let root = schema.root_schema();
    let fields = root.get_fields().iter().map(|field| match field.as_ref() {
        Type::PrimitiveType { basic_info, physical_type: PhysicalType::BYTE_ARRAY, .. } => {
            let builder = Type::primitive_type_builder(field.name(), PhysicalType::BYTE_ARRAY);
            Ok(Arc::new(builder.with_repetition(basic_info.repetition()).build()?))
        }
        _ => Ok(field.clone()),
    });
    let fields = fields.collect::<Result<_>>()?;
    let root = Type::group_type_builder(root.name()).with_fields(fields).build()?;
    Ok(SchemaDescriptor::new(Arc::new(root)))
}

/// For each column, whether it was of strings and is now of bytes.
pub(super) fn columns(was: &Schema, is: &Schema) -> Vec<bool> {
    let pairs = was.fields().iter().zip(is.fields());
    pairs.map(|(was, is)| is_string(was.data_type()) && !is_string(is.data_type())).collect()
}

fn is_string(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_string(values),
        other => other.is_string(),
    }
}

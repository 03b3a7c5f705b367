//! A value of an Arrow column as canonical JSON.
//!
//! Numbers, strings, booleans, lists, structs and maps of strings are what they are in JSON; not a
//! number and the infinities are null. Dates, times and timestamps are ISO 8601 strings, decimals
//! strings of digits, bytes strings of hexadecimal digits. Other types are null.

use std::fmt::Write;

use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType, Time32SecondType,
    Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, MapArray, StructArray, cast::AsArray};
use arrow_schema::{DataType, TimeUnit};

use crate::json::{sorted, write_f64, write_string};

/// Writes a plain number.
macro_rules! number {
    ($column:expr, $row:expr, $out:expr, $type:ty) => {{
        let _ = write!($out, "{}", $column.as_primitive::<$type>().value($row));
    }};
}

/// Writes a date, a time or both, in the form of ISO 8601.
macro_rules! moment {
    ($column:expr, $row:expr, $out:expr, $type:ty, $value:ident) => {
        match $column.as_primitive::<$type>().$value($row) {
            Some(moment) => {
                let _ = write!($out, "\"{moment:?}\"");
            }
            None => $out.push_str("null"),
        }
    };
}

/// Writes the value of a row.
pub(crate) fn write_cell(column: &ArrayRef, row: usize, out: &mut String) {
    use DataType as T;
    if column.is_null(row) {
        return out.push_str("null");
    }
    match column.data_type() {
        T::Boolean => out.push_str(if column.as_boolean().value(row) { "true" } else { "false" }),
        T::Int8 => number!(column, row, out, Int8Type),
        T::Int16 => number!(column, row, out, Int16Type),
        T::Int32 => number!(column, row, out, Int32Type),
        T::Int64 => number!(column, row, out, Int64Type),
        T::UInt8 => number!(column, row, out, UInt8Type),
        T::UInt16 => number!(column, row, out, UInt16Type),
        T::UInt32 => number!(column, row, out, UInt32Type),
        T::UInt64 => number!(column, row, out, UInt64Type),
        T::Float16 => write_f64(column.as_primitive::<Float16Type>().value(row).to_f64(), out),
        T::Float32 => write_f32(column.as_primitive::<Float32Type>().value(row), out),
        T::Float64 => write_f64(column.as_primitive::<Float64Type>().value(row), out),
        T::Utf8 => write_string(column.as_string::<i32>().value(row), out),
        T::LargeUtf8 => write_string(column.as_string::<i64>().value(row), out),
        T::Utf8View => write_string(column.as_string_view().value(row), out),
        T::Binary => write_hex(column.as_binary::<i32>().value(row), out),
        T::LargeBinary => write_hex(column.as_binary::<i64>().value(row), out),
        T::BinaryView => write_hex(column.as_binary_view().value(row), out),
        T::FixedSizeBinary(_) => write_hex(column.as_fixed_size_binary().value(row), out),
        T::List(_) => write_list(&column.as_list::<i32>().value(row), out),
        T::LargeList(_) => write_list(&column.as_list::<i64>().value(row), out),
        T::FixedSizeList(..) => write_list(&column.as_fixed_size_list().value(row), out),
        T::Struct(_) => write_struct(column.as_struct(), row, out),
        T::Map(..) => write_map(column.as_map(), row, out),
        T::Dictionary(..) => write_dictionary(column, row, out),
        T::Decimal128(..) => {
            let _ =
                write!(out, "\"{}\"", column.as_primitive::<Decimal128Type>().value_as_string(row));
        }
        T::Decimal256(..) => {
            let _ =
                write!(out, "\"{}\"", column.as_primitive::<Decimal256Type>().value_as_string(row));
        }
        _ => write_moment(column, row, out),
    }
}

/// Writes the shortest decimal of the `f32`: 0.1, not 0.10000000149011612.
fn write_f32(value: f32, out: &mut String) {
    write_f64(value.to_string().parse().unwrap_or(f64::NAN), out);
}

fn write_moment(column: &ArrayRef, row: usize, out: &mut String) {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    match column.data_type() {
        DataType::Date32 => moment!(column, row, out, Date32Type, value_as_date),
        DataType::Date64 => moment!(column, row, out, Date64Type, value_as_date),
        DataType::Time32(Second) => moment!(column, row, out, Time32SecondType, value_as_time),
        DataType::Time32(_) => moment!(column, row, out, Time32MillisecondType, value_as_time),
        DataType::Time64(Microsecond) => {
            moment!(column, row, out, Time64MicrosecondType, value_as_time);
        }
        DataType::Time64(_) => moment!(column, row, out, Time64NanosecondType, value_as_time),
        DataType::Timestamp(Second, _) => {
            moment!(column, row, out, TimestampSecondType, value_as_datetime);
        }
        DataType::Timestamp(Millisecond, _) => {
            moment!(column, row, out, TimestampMillisecondType, value_as_datetime);
        }
        DataType::Timestamp(Microsecond, _) => {
            moment!(column, row, out, TimestampMicrosecondType, value_as_datetime);
        }
        DataType::Timestamp(Nanosecond, _) => {
            moment!(column, row, out, TimestampNanosecondType, value_as_datetime);
        }
        _ => out.push_str("null"),
    }
}

fn write_hex(bytes: &[u8], out: &mut String) {
    out.push('"');
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.push('"');
}

fn write_list(values: &ArrayRef, out: &mut String) {
    out.push('[');
    for row in 0..values.len() {
        if row > 0 {
            out.push(',');
        }
        write_cell(values, row, out);
    }
    out.push(']');
}

fn write_struct(column: &StructArray, row: usize, out: &mut String) {
    let fields = column.fields().iter().zip(column.columns());
    write_object(fields.map(|(field, values)| (field.name().clone(), values, row)), out);
}

fn write_map(column: &MapArray, row: usize, out: &mut String) {
    let entries = column.value(row);
    let (keys, values) = (entries.column(0), entries.column(1));
    write_object((0..entries.len()).map(|i| (key_at(keys, i), values, i)), out);
}

/// A key of a map: strings as they are, other values as their JSON.
fn key_at(keys: &ArrayRef, row: usize) -> String {
    match keys.data_type() {
        DataType::Utf8 => keys.as_string::<i32>().value(row).to_owned(),
        DataType::LargeUtf8 => keys.as_string::<i64>().value(row).to_owned(),
        DataType::Utf8View => keys.as_string_view().value(row).to_owned(),
        _ => {
            let mut key = String::new();
            write_cell(keys, row, &mut key);
            key
        }
    }
}

fn write_object<'a>(fields: impl Iterator<Item = (String, &'a ArrayRef, usize)>, out: &mut String) {
    let mut written = String::new();
    let mut entries = Vec::new();
    for (key, values, row) in fields {
        let start = written.len();
        written.push_str(&key);
        let end = written.len();
        write_cell(values, row, &mut written);
        entries.push((start..end, end..written.len()));
    }
    out.push_str(&sorted(&written, &mut entries));
}

fn write_dictionary(column: &ArrayRef, row: usize, out: &mut String) {
    match dictionary_value(column, row) {
        Some((values, key)) => write_cell(values, key, out),
        None => out.push_str("null"),
    }
}

/// The values of a dictionary column and the place of a row's among them; `None` for null.
fn dictionary_value(column: &ArrayRef, row: usize) -> Option<(&ArrayRef, usize)> {
    use DataType as T;
    let dictionary = column.as_any_dictionary_opt()?;
    let keys = dictionary.keys();
    if keys.is_null(row) {
        return None;
    }
    let key = match keys.data_type() {
        T::Int8 => usize::try_from(keys.as_primitive::<Int8Type>().value(row)).ok(),
        T::Int16 => usize::try_from(keys.as_primitive::<Int16Type>().value(row)).ok(),
        T::Int32 => usize::try_from(keys.as_primitive::<Int32Type>().value(row)).ok(),
        T::Int64 => usize::try_from(keys.as_primitive::<Int64Type>().value(row)).ok(),
        T::UInt8 => Some(usize::from(keys.as_primitive::<UInt8Type>().value(row))),
        T::UInt16 => Some(usize::from(keys.as_primitive::<UInt16Type>().value(row))),
        T::UInt32 => usize::try_from(keys.as_primitive::<UInt32Type>().value(row)).ok(),
        T::UInt64 => usize::try_from(keys.as_primitive::<UInt64Type>().value(row)).ok(),
        _ => None,
    };
    Some((dictionary.values(), key?))
}

/// The bytes of a string, `None` for null.
pub(crate) fn bytes_at(column: &ArrayRef, row: usize) -> Option<&[u8]> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(row).as_bytes()),
        DataType::LargeUtf8 => Some(column.as_string::<i64>().value(row).as_bytes()),
        DataType::Utf8View => Some(column.as_string_view().value(row).as_bytes()),
        DataType::Binary => Some(column.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Some(column.as_binary::<i64>().value(row)),
        DataType::BinaryView => Some(column.as_binary_view().value(row)),
        DataType::Dictionary(..) => {
            let (values, row) = dictionary_value(column, row)?;
            bytes_at(values, row)
        }
        _ => None,
    }
}

//! The columns of a run's tables, and typed access to them.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, UInt32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, FixedSizeBinaryArray, Float32Array, Float64Array, RecordBatch,
    StringArray, UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use gamayun_text::DocId;

use crate::error::{Error, Result};

/// Labels and scores kept for each document.
pub(crate) const TOP_LABELS: usize = 3;

/// Bytes of a stored `DocId` or 128-bit hash.
pub(crate) const ID_BYTES: i32 = 16;

fn field(name: &str, kind: DataType, nullable: bool) -> Field {
    Field::new(name, kind, nullable)
}

fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

/// `documents/`: base text, immutable after normalise.
pub(crate) fn documents() -> SchemaRef {
    schema(vec![
        field("source", DataType::Utf8, false),
        field("input", DataType::Utf8, false),
        field("record", DataType::UInt64, false),
        field("id", DataType::Utf8, true),
        field("text", DataType::Utf8, false),
        field("metadata", DataType::Utf8, false),
    ])
}

/// `annotations/`: row i speaks of document i.
pub(crate) fn annotations() -> SchemaRef {
    let mut fields = vec![
        field("doc_id", DataType::FixedSizeBinary(ID_BYTES), false),
        field("content_hash", DataType::FixedSizeBinary(ID_BYTES), false),
        field("tie_hash", DataType::FixedSizeBinary(ID_BYTES), false),
        field("language", DataType::Utf8, false),
        field("language_score", DataType::Float32, true),
    ];
    for n in 1..=TOP_LABELS {
        fields.push(field(&format!("label_{n}"), DataType::Utf8, true));
        fields.push(field(&format!("score_{n}"), DataType::Float32, true));
    }
    for name in ["text_bytes", "text_characters", "rule_words"] {
        fields.push(field(name, DataType::UInt64, false));
    }
    fields.push(field("shingles", DataType::UInt32, false));
    for measurement in gamayun_quality::MEASUREMENTS {
        fields.push(field(measurement.name, DataType::Float64, true));
    }
    schema(fields)
}

/// `documents/` where only a list of removals is made: no text, and other fields only if the survivor order needs them.
pub(crate) fn listed_documents(metadata: bool) -> SchemaRef {
    let mut fields =
        vec![field("record", DataType::UInt64, false), field("id", DataType::Utf8, true)];
    fields.extend(metadata.then(|| field("metadata", DataType::Utf8, false)));
    schema(fields)
}

/// `annotations/` beside them: no language is scored.
pub(crate) fn listed_annotations() -> SchemaRef {
    schema(vec![
        field("doc_id", DataType::FixedSizeBinary(ID_BYTES), false),
        field("tie_hash", DataType::FixedSizeBinary(ID_BYTES), false),
        field("language_score", DataType::Float32, true),
        field("text_bytes", DataType::UInt64, false),
    ])
}

/// `removed`: the removed documents, ordered by id, with what is kept for each and the proof.
pub(crate) fn removed() -> SchemaRef {
    schema(vec![
        field("source", DataType::Utf8, false),
        field("id", DataType::Utf8, true),
        field("input", DataType::Utf8, false),
        field("record", DataType::UInt64, false),
        field("doc_id", DataType::Utf8, false),
        field("kept_doc_id", DataType::Utf8, false),
        field("measure", DataType::Utf8, false),
        field("similarity", DataType::Float64, false),
        field("cluster_size", DataType::UInt64, false),
        field("kept_source", DataType::Utf8, false),
        field("kept_id", DataType::Utf8, true),
    ])
}

/// `decisions/`: the verdict on document i, and what decided it.
pub(crate) fn decisions() -> SchemaRef {
    schema(vec![
        field("passed_language", DataType::Boolean, false),
        field("passed", DataType::Boolean, false),
        field("step", DataType::Utf8, true),
        field("reason", DataType::Utf8, true),
        field("measurement", DataType::Utf8, true),
        field("value", DataType::Float64, true),
        field("threshold", DataType::Float64, true),
    ])
}

/// `contamination/part-*`: whether document i holds an item of a benchmark, and the item that it holds most of.
pub(crate) fn contamination() -> SchemaRef {
    schema(vec![
        field("contaminated", DataType::Boolean, false),
        field("dropped", DataType::Boolean, false),
        field("benchmark", DataType::Utf8, true),
        field("item", DataType::Utf8, true),
        field("score", DataType::Float64, true),
    ])
}

/// `contamination/matches`: every item in every document that holds it, with both texts.
pub(crate) fn matches() -> SchemaRef {
    schema(vec![
        field("doc_id", DataType::FixedSizeBinary(ID_BYTES), false),
        field("id", DataType::Utf8, true),
        field("source", DataType::Utf8, false),
        field("benchmark", DataType::Utf8, false),
        field("item", DataType::Utf8, false),
        field("score", DataType::Float64, false),
        field("ngrams", DataType::UInt64, false),
        field("item_ngrams", DataType::UInt64, false),
        field("start", DataType::UInt64, false),
        field("end", DataType::UInt64, false),
        field("excerpt", DataType::Utf8, false),
        field("item_text", DataType::Utf8, false),
    ])
}

/// `dedup/`: the cluster of document i; if it is removed, the kept document, with its source and the id that its user gave
/// it (`kept_name`), what the earlier run that it is of is called (`kept_from`), if it is, and the proof.
pub(crate) fn dedup() -> SchemaRef {
    schema(vec![
        field("doc_id", DataType::FixedSizeBinary(ID_BYTES), false),
        field("cluster", DataType::FixedSizeBinary(ID_BYTES), false),
        field("cluster_size", DataType::UInt64, false),
        field("kept_id", DataType::FixedSizeBinary(ID_BYTES), true),
        field("kept_source", DataType::Utf8, true),
        field("kept_name", DataType::Utf8, true),
        field("kept_from", DataType::Utf8, true),
        field("measure", DataType::Utf8, true),
        field("similarity", DataType::Float64, true),
    ])
}

/// `against/`: the documents that earlier runs have too.
pub(crate) fn against() -> SchemaRef {
    schema(vec![
        field("doc_id", DataType::FixedSizeBinary(ID_BYTES), false),
        field("source", DataType::Utf8, false),
        field("id", DataType::Utf8, true),
        field("old_doc_id", DataType::FixedSizeBinary(ID_BYTES), false),
        field("old_source", DataType::Utf8, false),
        field("old_id", DataType::Utf8, true),
        field("reference", DataType::Utf8, false),
        field("measure", DataType::Utf8, true),
        field("similarity", DataType::Float64, true),
    ])
}

/// `selection/`: the survivors, partitioned and ordered by `doc_id`.
pub(crate) fn selection() -> SchemaRef {
    schema(vec![
        field("doc_id", DataType::FixedSizeBinary(ID_BYTES), false),
        field("id", DataType::Utf8, true),
        field("source", DataType::Utf8, false),
        field("language", DataType::Utf8, false),
        field("domain", DataType::Utf8, false),
        field("split", DataType::Utf8, false),
        field("cluster", DataType::FixedSizeBinary(ID_BYTES), false),
        field("cluster_size", DataType::UInt64, false),
        field("copies", DataType::UInt32, false),
        field("words", DataType::UInt64, false),
        field("bytes", DataType::UInt64, false),
        field("text", DataType::Utf8, false),
        field("metadata", DataType::Utf8, false),
    ])
}

/// `documents/` of an index: what was kept, by `doc_id`.
pub(crate) fn index() -> SchemaRef {
    schema(vec![
        field("doc_id", DataType::FixedSizeBinary(ID_BYTES), false),
        field("source", DataType::Utf8, false),
        field("id", DataType::Utf8, true),
        field("text", DataType::Utf8, false),
    ])
}

/// A batch of these columns, which the code that built them keeps equal to the schema.
pub(crate) fn batch(schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    RecordBatch::try_new(schema, columns)
        .map_err(|error| Error::damaged("a batch in memory", error.to_string()))
}

/// A batch of a table with its file, for typed columns and errors that name the place.
pub(crate) struct Rows<'a> {
    batch: RecordBatch,
    path: &'a Path,
}

macro_rules! column {
    ($name:ident, $array:ty, $cast:ident $(::<$kind:ty>)?) => {
        pub(crate) fn $name(&self, name: &str) -> Result<&$array> {
            self.column(name)?.$cast$(::<$kind>)?().ok_or_else(|| self.wrong(name, stringify!($array)))
        }
    };
}

impl<'a> Rows<'a> {
    /// A batch that was read from `path`.
    pub(crate) fn new(batch: RecordBatch, path: &'a Path) -> Self {
        Self { batch, path }
    }

    column!(strings, StringArray, as_string_opt::<i32>);
    column!(booleans, BooleanArray, as_boolean_opt);
    column!(u32s, UInt32Array, as_primitive_opt::<UInt32Type>);
    column!(u64s, UInt64Array, as_primitive_opt::<UInt64Type>);
    column!(f32s, Float32Array, as_primitive_opt::<Float32Type>);
    column!(f64s, Float64Array, as_primitive_opt::<Float64Type>);
    column!(ids, FixedSizeBinaryArray, as_fixed_size_binary_opt);

    pub(crate) fn column(&self, name: &str) -> Result<&ArrayRef> {
        self.batch
            .column_by_name(name)
            .ok_or_else(|| Error::damaged(self.path, format!("column {name} is missing")))
    }

    fn wrong(&self, name: &str, expected: &str) -> Error {
        let found =
            self.batch.column_by_name(name).map(|c| c.data_type().to_string()).unwrap_or_default();
        Error::damaged(self.path, format!("column {name} is {found}, expected {expected}"))
    }

    pub(crate) fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    pub(crate) fn len(&self) -> usize {
        self.batch.num_rows()
    }
}

/// Calls `f` with each batch of a table, `columns` alone, and with the row number of its first row.
pub(crate) fn for_each_batch(
    path: &Path,
    columns: &[&str],
    mut f: impl FnMut(usize, &Rows<'_>) -> Result<()>,
) -> Result<usize> {
    let mut row = 0;
    for batch in gamayun_io::read_table(path, Some(columns))? {
        let rows = Rows { batch: batch?, path };
        f(row, &rows)?;
        row += rows.len();
    }
    Ok(row)
}

/// The `DocId` or 128-bit hash in row `row`.
pub(crate) fn id_at(ids: &FixedSizeBinaryArray, row: usize) -> DocId {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(ids.value(row));
    DocId::from_bytes(bytes)
}

/// The string in row `row`, if there is one.
pub(crate) fn string_at(strings: &StringArray, row: usize) -> Option<&str> {
    strings.is_valid(row).then(|| strings.value(row))
}

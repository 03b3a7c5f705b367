//! The table `segments/`: the languages of the paragraphs of each document.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float64Builder, ListBuilder, StringBuilder, StructBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};

use crate::error::Result;
use crate::paragraphs::Languages;
use crate::tables;

/// The folder, if a run looks at paragraphs.
pub(crate) const SEGMENTS: &str = "segments";

fn fields() -> Fields {
    Fields::from(vec![
        Field::new("language", DataType::Utf8, false),
        Field::new("bytes", DataType::UInt64, false),
    ])
}

/// Row i tells the languages of document i, before foreign paragraphs were removed; nothing of what was not looked at.
pub(crate) fn schema() -> SchemaRef {
    let item = Field::new("item", DataType::Struct(fields()), false);
    Arc::new(Schema::new(vec![
        Field::new("languages", DataType::List(Arc::new(item)), false),
        Field::new("unknown_bytes", DataType::UInt64, false),
        Field::new("foreign_share", DataType::Float64, true),
        Field::new("mixed", DataType::Boolean, false),
    ]))
}

/// Makes the rows of a batch.
pub(crate) struct LanguageRows {
    languages: ListBuilder<StructBuilder>,
    unknown: UInt64Builder,
    foreign: Float64Builder,
    mixed: BooleanBuilder,
    /// Documents that are mixed.
    pub mixed_documents: u64,
}

impl LanguageRows {
    pub(crate) fn new() -> Self {
        let item = Field::new("item", DataType::Struct(fields()), false);
        let builder = StructBuilder::from_fields(fields(), 0);
        Self {
            languages: ListBuilder::new(builder).with_field(item),
            unknown: UInt64Builder::new(),
            foreign: Float64Builder::new(),
            mixed: BooleanBuilder::new(),
            mixed_documents: 0,
        }
    }

    /// The next document.
    pub(crate) fn push(&mut self, found: &Languages) {
        for (language, bytes) in &found.bytes {
            let row = self.languages.values();
            // The builders are those of the fields above, in their order.
            if let Some(builder) = row.field_builder::<StringBuilder>(0) {
                builder.append_value(language);
            }
            if let Some(builder) = row.field_builder::<UInt64Builder>(1) {
                builder.append_value(*bytes);
            }
            row.append(true);
        }
        self.languages.append(true);
        self.unknown.append_value(found.unknown_bytes);
        self.foreign.append_option(found.foreign_share);
        self.mixed.append_value(found.mixed);
        self.mixed_documents += u64::from(found.mixed);
    }

    pub(crate) fn finish(mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.languages.finish()),
            Arc::new(self.unknown.finish()),
            Arc::new(self.foreign.finish()),
            Arc::new(self.mixed.finish()),
        ];
        tables::batch(schema(), columns)
    }
}

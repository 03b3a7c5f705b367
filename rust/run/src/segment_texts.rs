//! Texts in memory to the languages of their paragraphs.

use std::sync::Arc;

use arrow_array::builder::{
    Float32Builder, ListBuilder, StringBuilder, StructBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use gamayun_language::{Model, Scratch, canonical};
use rayon::prelude::*;

use crate::batchwise::batch_pool;
use crate::error::Result;
use crate::language_rows::{self, LanguageRows};
use crate::paragraphs::{Paragraph, ParagraphParams, languages, paragraphs};
use crate::tables;

/// A text with its language and its paragraphs.
pub(crate) type Looked = (String, Vec<Paragraph>);

fn fields() -> Fields {
    Fields::from(vec![
        Field::new("start", DataType::UInt64, false),
        Field::new("end", DataType::UInt64, false),
        Field::new("language", DataType::Utf8, true),
        Field::new("score", DataType::Float32, true),
    ])
}

/// Row by row the language of a text, its paragraphs with theirs, and the shares that `segments/` of a run has.
///
/// The language of a text is `home`, or without it the best label of the whole.
pub fn segment_texts(
    model: &Model,
    texts: &[&str],
    home: Option<&str>,
    params: &ParagraphParams,
    threads: usize,
) -> Result<RecordBatch> {
    let names = names(model);
    let looked = batch_pool(threads)?.install(|| look_at(model, &names, texts, home, params));
    table(&looked, &names, params)
}

/// The languages that the labels of a model stand for.
pub(crate) fn names(model: &Model) -> Vec<String> {
    model.labels().iter().map(|label| canonical(label).into_owned()).collect()
}

/// The texts with their languages and paragraphs, on the threads of the pool that it is called in.
pub(crate) fn look_at<T: AsRef<str> + Sync>(
    model: &Model,
    names: &[String],
    texts: &[T],
    home: Option<&str>,
    params: &ParagraphParams,
) -> Vec<Looked> {
    let look = |scratch: &mut Scratch, text: &T| -> Looked {
        let mut scores = Vec::new();
        if home.is_none() {
            model.predict(text.as_ref(), 1, scratch, &mut scores);
        }
        let best = scores.first().map(|score| names[score.label as usize].as_str());
        let home = home.or(best).unwrap_or("und").to_owned();
        let found = paragraphs(text.as_ref(), &home, model, names, params, scratch);
        (home, found)
    };
    texts.par_iter().map_init(Scratch::default, look).collect()
}

fn item() -> Field {
    Field::new("item", DataType::Struct(fields()), false)
}

pub(crate) fn schema() -> SchemaRef {
    let mut schema = vec![
        Arc::new(Field::new("language", DataType::Utf8, false)),
        Arc::new(Field::new("paragraphs", DataType::List(Arc::new(item())), false)),
    ];
    schema.extend(language_rows::schema().fields().iter().cloned());
    Arc::new(Schema::new(schema))
}

/// Row i tells what was found of text i.
pub(crate) fn table(
    looked: &[Looked],
    names: &[String],
    params: &ParagraphParams,
) -> Result<RecordBatch> {
    let (mut home, mut shares) = (StringBuilder::new(), LanguageRows::new());
    let mut lists = ListBuilder::new(StructBuilder::from_fields(fields(), 0)).with_field(item());
    for (language, found) in looked {
        home.append_value(language);
        for paragraph in found {
            row(lists.values(), paragraph, names);
        }
        lists.append(true);
        shares.push(&languages(found, language, names, params));
    }
    let mut columns: Vec<ArrayRef> = vec![Arc::new(home.finish()), Arc::new(lists.finish())];
    columns.extend(shares.finish()?.columns().iter().cloned());
    tables::batch(schema(), columns)
}

fn row(row: &mut StructBuilder, paragraph: &Paragraph, names: &[String]) {
    // The builders are those of the fields above, in their order.
    for (n, value) in [(0, paragraph.range.start), (1, paragraph.range.end)] {
        if let Some(builder) = row.field_builder::<UInt64Builder>(n) {
            builder.append_value(value as u64);
        }
    }
    if let Some(builder) = row.field_builder::<StringBuilder>(2) {
        builder.append_option(paragraph.label.map(|label| &names[label as usize]));
    }
    if let Some(builder) = row.field_builder::<Float32Builder>(3) {
        builder.append_option(paragraph.label.map(|_| paragraph.score));
    }
    row.append(true);
}

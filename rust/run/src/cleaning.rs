//! What was changed in texts before they became documents: the table `cleaning/`, from which the text before can be made again.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder, StructBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use gamayun_quality::clean::{Cleaner, Edit};
use gamayun_text::normalise;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::batchwise::batch_pool;
use crate::draft::Draft;
use crate::error::Result;
use crate::tables;

/// The folder, if anything of a run may change texts.
pub(crate) const CLEANING: &str = "cleaning";

/// What was done to texts, by kind of change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCount {
    /// Documents with a change of the kind.
    pub documents: u64,
    /// Changes.
    pub changes: u64,
    /// Bytes that were taken out of texts.
    pub removed_bytes: u64,
    /// Bytes that were put in.
    pub added_bytes: u64,
}

impl KindCount {
    pub(crate) fn add(&mut self, other: Self) {
        self.documents += other.documents;
        self.changes += other.changes;
        self.removed_bytes += other.removed_bytes;
        self.added_bytes += other.added_bytes;
    }
}

/// What was done to texts, by language and kind of change.
pub type KindCounts = BTreeMap<String, BTreeMap<String, KindCount>>;

/// Adds counts up.
pub(crate) fn add_counts(sum: &mut KindCounts, counts: &KindCounts) {
    for (language, kinds) in counts {
        let sum = sum.entry(language.clone()).or_default();
        for (kind, count) in kinds {
            sum.entry(kind.clone()).or_default().add(*count);
        }
    }
}

fn change_fields() -> Fields {
    Fields::from(vec![
        Field::new("kind", DataType::Utf8, false),
        Field::new("start", DataType::UInt64, false),
        Field::new("end", DataType::UInt64, false),
        Field::new("bytes_before", DataType::UInt64, false),
        // Null where what stood there is private and not kept.
        Field::new("original", DataType::Utf8, true),
    ])
}

/// Row i tells the changes of document i, in order, without overlaps: at bytes `start..end` of its text stood `original`, of
/// `bytes_before` bytes.
pub(crate) fn schema() -> SchemaRef {
    let item = Field::new("item", DataType::Struct(change_fields()), false);
    Arc::new(Schema::new(vec![Field::new("changes", DataType::List(Arc::new(item)), false)]))
}

/// Makes the rows of a batch.
pub(crate) struct Rows {
    lists: ListBuilder<StructBuilder>,
    /// Bytes of texts before they were changed.
    bytes_before: u64,
    /// Documents that were changed.
    documents: u64,
    sum: KindCount,
    /// What was counted, by language and kind.
    pub kinds: KindCounts,
}

impl Rows {
    pub(crate) fn new(rows: usize) -> Self {
        let builder = StructBuilder::from_fields(change_fields(), 0);
        let item = Field::new("item", DataType::Struct(change_fields()), false);
        let lists = ListBuilder::with_capacity(builder, rows).with_field(item);
        let (sum, kinds) = (KindCount::default(), KindCounts::new());
        Self { lists, bytes_before: 0, documents: 0, sum, kinds }
    }

    /// The changes of the next document.
    pub(crate) fn push(&mut self, language: &str, bytes_before: u64, edits: &[Edit]) {
        self.bytes_before += bytes_before;
        if !edits.is_empty() {
            self.documents += 1;
            self.count(language, edits);
        }
        for edit in edits {
            self.row(edit);
        }
        self.lists.append(true);
    }

    fn row(&mut self, edit: &Edit) {
        let row = self.lists.values();
        // The builders are those of the fields above, in their order.
        if let Some(kind) = row.field_builder::<StringBuilder>(0) {
            kind.append_value(edit.kind.name());
        }
        for (n, value) in [(1, edit.start), (2, edit.end), (3, edit.before)] {
            if let Some(builder) = row.field_builder::<UInt64Builder>(n) {
                builder.append_value(value as u64);
            }
        }
        if let Some(original) = row.field_builder::<StringBuilder>(4) {
            original.append_option(edit.original.as_deref());
        }
        row.append(true);
    }

    fn count(&mut self, language: &str, edits: &[Edit]) {
        let mut found: BTreeMap<&str, KindCount> = BTreeMap::new();
        for edit in edits {
            let count = found.entry(edit.kind.name()).or_default();
            count.documents = 1;
            count.changes += 1;
            count.removed_bytes += edit.before as u64;
            count.added_bytes += (edit.end - edit.start) as u64;
        }
        if !self.kinds.contains_key(language) {
            self.kinds.insert(language.to_owned(), BTreeMap::new());
        }
        let Some(kinds) = self.kinds.get_mut(language) else { return };
        for (kind, count) in found {
            kinds.entry(kind.to_owned()).or_default().add(count);
            self.sum.add(count);
        }
    }

    /// What the rows say in sum: bytes before, less those removed, with those added, are the bytes of the documents.
    pub(crate) fn counts(&self) -> [(&'static str, u64); 4] {
        [
            ("text_bytes_normalised", self.bytes_before),
            ("cleaned_documents", self.documents),
            ("cleaning_removed_bytes", self.sum.removed_bytes),
            ("cleaning_added_bytes", self.sum.added_bytes),
        ]
    }

    pub(crate) fn finish(mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![Arc::new(self.lists.finish())];
        tables::batch(schema(), columns)
    }
}

/// Cleans texts of a language: the text, its bytes before, and its changes, row by row.
pub fn clean_texts(
    texts: &[&str],
    language: &str,
    cleaner: &Cleaner,
    threads: usize,
) -> Result<RecordBatch> {
    let work = || {
        let clean = texts.par_iter().map(|raw| {
            let mut draft = Draft::of(normalise(raw).0, raw, Some(cleaner));
            draft.filter_lines(Some(cleaner), language);
            draft
        });
        clean.collect::<Vec<_>>()
    };
    let drafts = batch_pool(threads)?.install(work);
    let mut rows = Rows::new(texts.len());
    let (mut text, mut before) = (StringBuilder::new(), UInt64Builder::new());
    for draft in &drafts {
        text.append_value(&draft.text);
        before.append_value(draft.bytes_before);
        rows.push(language, draft.bytes_before, &draft.edits);
    }
    let changes = rows.finish()?;
    let mut fields = vec![
        Arc::new(Field::new("text", DataType::Utf8, false)),
        Arc::new(Field::new("text_bytes_before", DataType::UInt64, false)),
    ];
    fields.extend(changes.schema().fields().iter().cloned());
    let mut columns: Vec<ArrayRef> = vec![Arc::new(text.finish()), Arc::new(before.finish())];
    columns.extend(changes.columns().iter().cloned());
    tables::batch(Arc::new(Schema::new(fields)), columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_add_up_and_hold_nothing_private() {
        let cleaner =
            Cleaner::new(&["invisible".to_owned()], &["email".to_owned()], false).unwrap();
        let texts = ["nothing", "wri\u{200b}te to a@b.co now"];
        let batch = clean_texts(&texts, "en", &cleaner, 2).unwrap();
        assert_eq!(batch.num_rows(), 2);
        let shown = format!("{batch:?}");
        assert!(!shown.contains("a@b.co") && shown.contains("email1@example.com"));

        let mut rows = Rows::new(2);
        for text in texts {
            let draft = Draft::of(text.into(), text, Some(&cleaner));
            rows.push("en", draft.bytes_before, &draft.edits);
        }
        let email = KindCount { documents: 1, changes: 1, removed_bytes: 6, added_bytes: 18 };
        assert_eq!(rows.kinds["en"]["email"], email);
        assert_eq!(rows.kinds["en"]["invisible"].removed_bytes, 3);
        let [before, documents, removed, added] = rows.counts().map(|(_, count)| count);
        assert_eq!((before, documents), (7 + 22, 1));
        assert_eq!(before + added - removed, 7 + "write to email1@example.com now".len() as u64);
    }
}
